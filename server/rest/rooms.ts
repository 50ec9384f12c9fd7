/** Rooms [admin], and the settings that hosts change for theirs [host, admin]. */

import {
  RoomArrival,
  RoomList,
  RoomName,
  RoomRequest,
  RoomSettingsChange,
  RoomSummary,
  RoomView,
} from '@mediasoup-booth/protocol';
import { z } from 'zod';
import type { Room } from '../room/room.ts';
import type { Rooms } from '../room/rooms.ts';
import { requireServer } from './authorization.ts';
import { json, NO_CONTENT, type Route, route } from './route.ts';

const params = z.object({ room: RoomName });
const ENDED = 'this room was closed by an administrator';

export const roomRoutes = (rooms: Rooms): Route[] => [
  route({
    method: 'get',
    path: '/v1/rooms',
    summary: 'Rooms that are open',
    grants: ['admin'],
    answers: { 200: RoomList },
    handle: () => json(200, { rooms: rooms.all.map(summary) }),
  }),

  route({
    method: 'post',
    path: '/v1/rooms',
    summary: 'Opens a room; one that is open stays as it is (200)',
    grants: ['admin'],
    body: RoomRequest,
    answers: { 200: RoomSummary, 201: RoomSummary },
    async handle({ body: { name } }) {
      const isNew = !rooms.has(name);
      return json(isNew ? 201 : 200, summary(await rooms.obtain(name)));
    },
  }),

  route({
    method: 'get',
    path: '/v1/rooms/{room}',
    summary: 'A room that is open',
    grants: ['admin'],
    params,
    answers: { 200: RoomSummary },
    handle: ({ params }) => json(200, summary(rooms.get(params.room))),
  }),

  route({
    method: 'patch',
    path: '/v1/rooms/{room}',
    summary: 'Switches the waiting room and the transcript on or off',
    grants: ['host', 'admin'],
    params,
    body: RoomSettingsChange,
    answers: { 200: RoomView },
    async handle({ params, body }) {
      const room = await rooms.obtain(params.room);
      await room.change(body);
      return json(200, room.view);
    },
  }),

  route({
    method: 'post',
    path: '/v1/rooms/{room}/arrival',
    summary: 'Between servers: a room that was opened ahead moves here now',
    grants: ['interpret'],
    params,
    body: RoomArrival,
    answers: { 204: null },
    async handle({ claims, params, body }) {
      requireServer(claims);
      await (await rooms.accept(params.room)).adopt(body);
      return NO_CONTENT;
    },
  }),

  route({
    method: 'delete',
    path: '/v1/rooms/{room}/arrival',
    summary: 'Between servers: the meeting has ended in the moment in which its room moved here',
    grants: ['interpret'],
    params,
    answers: { 204: null },
    async handle({ claims, params }) {
      requireServer(claims);
      await rooms.get(params.room).close(ENDED, { over: true });
      return NO_CONTENT;
    },
  }),

  route({
    method: 'delete',
    path: '/v1/rooms/{room}/ahead',
    summary: 'Between servers: a room that was opened ahead does not move here after all',
    grants: ['interpret'],
    params,
    answers: { 204: null },
    async handle({ claims, params }) {
      requireServer(claims);
      await rooms.abandon(params.room);
      return NO_CONTENT;
    },
  }),

  route({
    method: 'delete',
    path: '/v1/rooms/{room}',
    summary: 'Ends the meeting for all',
    grants: ['admin'],
    params,
    answers: { 204: null },
    async handle({ params }) {
      await rooms.get(params.room).close(ENDED, { over: true });
      return NO_CONTENT;
    },
  }),
];

const summary = ({ name, participantCount, readerCount, clock }: Room): RoomSummary => ({
  name,
  participants: participantCount,
  readers: readerCount,
  clock,
});
