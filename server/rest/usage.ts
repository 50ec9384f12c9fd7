/** Routes for the usage of a room [host, admin] and of the account [admin], today or yesterday. The usage of closed rooms is included. */

import { AccountUsage, RoomName, RoomUsage, UsageQuery } from '@mediasoup-booth/protocol';
import { z } from 'zod';
import type { UsageAccounting } from '../../account/usage-accounting.ts';
import { json, type Route, route } from './route.ts';

export const usageRoutes = (usage: UsageAccounting): Route[] => [
  route({
    method: 'get',
    path: '/v1/rooms/{room}/usage',
    summary: 'Seconds, tokens and money, by speaker, language and kind',
    grants: ['host', 'admin'],
    params: z.object({ room: RoomName }),
    query: UsageQuery,
    answers: { 200: RoomUsage },
    handle: ({ params, query }) => json(200, usage.roomUsage(params.room, query.day)),
  }),

  route({
    method: 'get',
    path: '/v1/usage',
    summary: 'What all rooms used',
    grants: ['admin'],
    query: UsageQuery,
    answers: { 200: AccountUsage },
    handle: ({ query }) => json(200, usage.accountUsage(query.day)),
  }),
];
