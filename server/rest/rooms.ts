/** Rooms [admin], and the tokens and invites that let people in [host, admin]. */
import { type Request, Router } from 'express';
import { z } from 'zod';
import {
  InviteRequest,
  type InviteResponse,
  type JoinResponse,
  type RoomSummary,
  TokenRequest,
} from '../../protocol/rest.ts';
import { RoomName } from '../../protocol/rooms.ts';
import type { Room } from '../room.ts';
import type { Rooms } from '../rooms.ts';
import { signInvite, signToken, verifyToken } from '../tokens.ts';
import { authorize, requireGrantable, roomIn } from './authorization.ts';
import { body } from './problems.ts';

const RoomRequest = z.object({ name: RoomName });

export function roomRoutes(secret: string, rooms: Rooms): Router {
  const router = Router();

  router.get('/rooms', (request, response) => {
    authorize(secret, request);
    response.json({ rooms: rooms.all.map(summary) });
  });

  router.post('/rooms', async (request, response) => {
    authorize(secret, request);
    const { name } = body(RoomRequest, request.body);
    const isNew = !rooms.has(name);
    response.status(isNew ? 201 : 200).json(summary(await rooms.obtain(name)));
  });

  router.get('/rooms/:room', (request, response) => {
    authorize(secret, request);
    response.json(summary(rooms.get(roomIn(request))));
  });

  router.delete('/rooms/:room', async (request, response) => {
    authorize(secret, request);
    await rooms.get(roomIn(request)).close('this room was closed by an administrator', { over: true });
    response.status(204).end();
  });

  router.post('/rooms/:room/tokens', (request, response) => {
    const room = roomIn(request);
    const giver = authorize(secret, request, room);
    const { ttl, ...subject } = body(TokenRequest, request.body);
    requireGrantable(giver, subject.grants);
    const token = signToken(secret, { room, ...subject }, ttl);
    const made: JoinResponse = { token, identity: subject.identity, expires: verifyToken(secret, token).exp };
    response.status(201).json(made);
  });

  router.post('/rooms/:room/invites', (request, response) => {
    const room = roomIn(request);
    authorize(secret, request, room);
    const { ttl, grants } = body(InviteRequest, request.body ?? {});
    const invite = signInvite(secret, { room, grants }, ttl);
    const made: z.infer<typeof InviteResponse> = { invite, link: linkTo(request, room, invite) };
    response.status(201).json(made);
  });

  return router;
}

const summary = ({ name, size, clock }: Room): RoomSummary => ({ name, participants: size, clock });

/** By the name under which the caller reached this server; the invite stays in the fragment, which no server sees. */
const linkTo = (request: Request, room: string, invite: string): string =>
  `${request.protocol}://${request.get('host')}/room/${room}#invite=${invite}`;
