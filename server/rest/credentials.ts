/** The tokens and invites that let people into a room, until they are revoked [host, admin]. */
import type { Request } from 'express';
import { z } from 'zod';
import { InviteRequest, InviteResponse, JoinResponse, TokenRequest } from '../../protocol/rest.ts';
import { RoomName } from '../../protocol/rooms.ts';
import { normalizedId, type TokenService } from '../auth/token-service.ts';
import type { Rooms } from '../room/rooms.ts';
import { requireGrantable } from './authorization.ts';
import { json, NO_CONTENT, type Route, route } from './route.ts';

const params = z.object({ room: RoomName });
const withId = params.extend({ id: z.uuid('the id is the one that was told when it was made: a UUID') });

export function credentialRoutes(tokens: TokenService, rooms: Rooms): Route[] {
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
        requireGrantable(claims, subject.grants);
        return json(201, tokens.issueToken({ room, ...subject }, ttl));
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
      handle({ params: { room }, body: { ttl, grants }, request }) {
        const issued = tokens.issueInvite({ room, grants }, ttl);
        return json(201, { ...issued, link: inviteLink(request, room, issued.invite) });
      },
    }),

    route({
      method: 'delete',
      path: '/v1/rooms/{room}/tokens/{id}',
      summary: 'Revokes a token, and sends its holder away',
      grants: ['host', 'admin'],
      params: withId,
      answers: { 204: null },
      handle: ({ params }) => revoke(params.room, params.id),
    }),

    route({
      method: 'delete',
      path: '/v1/rooms/{room}/invites/{id}',
      summary: 'Revokes an invite, and sends away who came with it',
      grants: ['host', 'admin'],
      params: withId,
      answers: { 204: null },
      handle: ({ params }) => revoke(params.room, params.id),
    }),
  ];

  async function revoke(room: string, given: string): Promise<typeof NO_CONTENT> {
    const id = normalizedId(given);
    const saved = tokens.revoke(room, id);
    // The holder leaves at once, not when the disk has answered.
    if (tokens.isRevoked(room, id)) rooms.find(room)?.revoke(id);
    await saved;
    return NO_CONTENT;
  }
}

/** Names the server as the caller reached it. The invite stands in the fragment, which no server sees. */
const inviteLink = (request: Request, room: string, invite: string): string =>
  `${request.protocol}://${request.get('host')}/room/${room}#invite=${invite}`;
