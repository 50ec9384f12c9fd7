/** The tokens and invites that let people into a room, until they are revoked [host, admin]. None outlives the token that asked for it. */

import {
  InviteRequest,
  InviteResponse,
  JoinResponse,
  Revocation,
  RoomName,
  TokenRequest,
} from '@mediasoup-booth/protocol';
import { z } from 'zod';
import type { TokenService } from '../auth/token-service.ts';
import { listenInRoom } from '../room/room-context.ts';
import type { Rooms } from '../room/rooms.ts';
import { requireGrantable } from './authorization.ts';
import { guestLink, type LinkDeps } from './room-link.ts';
import { json, NO_CONTENT, type Route, route } from './route.ts';

const params = z.object({ room: RoomName });
const withId = params.extend({ id: z.uuid('the id is the one that was told when it was made: a UUID') });

export function credentialRoutes(tokens: TokenService, rooms: Rooms, links: LinkDeps): Route[] {
  return [
    route({
      method: 'post',
      path: '/v1/rooms/{room}/tokens',
      summary: 'Makes a token for a participant',
      grants: ['host', 'admin'],
      params,
      body: TokenRequest,
      answers: { 201: JoinResponse },
      handle({ claims, params: { room }, body: { ttl, ...subject } }) {
        requireGrantable(claims, subject);
        return json(201, tokens.issueToken({ room, ...subject }, ttl, claims));
      },
    }),

    route({
      method: 'post',
      path: '/v1/rooms/{room}/invites',
      summary: 'Makes an invite, which anyone who has it exchanges for a token',
      grants: ['host', 'admin'],
      params,
      body: InviteRequest.prefault({}),
      answers: { 201: InviteResponse },
      handle({ claims, params: { room }, body: { ttl, grants }, request }) {
        const issued = tokens.issueInvite({ room, grants }, ttl, claims);
        return json(201, { ...issued, link: `${guestLink(links, request, room)}#invite=${issued.invite}` });
      },
    }),

    route({
      method: 'delete',
      path: '/v1/rooms/{room}/tokens/{id}',
      summary: 'Revokes a token and all that was issued from it, and sends their holders away',
      grants: ['host', 'admin'],
      params: withId,
      answers: { 204: null },
      handle: ({ claims, params: { room, id } }) => sendingAway(tokens.revokeId(room, id, claims)),
    }),

    route({
      method: 'delete',
      path: '/v1/rooms/{room}/invites/{id}',
      summary: 'Revokes an invite and all that was issued from it, and sends away who came with it',
      grants: ['host', 'admin'],
      params: withId,
      answers: { 204: null },
      handle: ({ claims, params: { room, id } }) => sendingAway(tokens.revokeId(room, id, claims)),
    }),

    route({
      method: 'post',
      path: '/v1/rooms/{room}/revocations',
      summary: 'Revokes a token or an invite that is shown, or everything that was given before now',
      grants: ['host', 'admin'],
      params,
      body: Revocation,
      answers: { 204: null },
      handle: ({ claims, params: { room }, body }) =>
        sendingAway('everything' in body ? tokens.revokeEarlier(room, claims) : tokens.revokeText(room, body, claims)),
    }),
  ];

  /** Sends the holders away at once, not when the disk has answered, from every room: an admin has issued for others than their own. */
  async function sendingAway(stored: Promise<void>): Promise<typeof NO_CONTENT> {
    for (const room of rooms.all)
      listenInRoom(room.name, () => room.removeRevoked((credential) => tokens.isRevoked(room.name, credential)));
    await stored;
    return NO_CONTENT;
  }
}
