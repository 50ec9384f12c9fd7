/** Rooms [admin], what hosts settle for theirs, and the tokens and invites that let people in, until they are revoked [host, admin]. */
import { type Request, type Response, Router } from 'express';
import { z } from 'zod';
import { ApiError } from '../../protocol/api-error.ts';
import {
  InviteRequest,
  type InviteResponse,
  type JoinResponse,
  RoomRequest,
  RoomSettingsChange,
  type RoomSummary,
  TokenRequest,
} from '../../protocol/rest.ts';
import { normalizedId, type TokenService } from '../auth/token-service.ts';
import type { Room } from '../room/room.ts';
import type { Rooms } from '../room/rooms.ts';
import { authorize, requireGrantable, roomOf } from './authorization.ts';
import { body } from './problems.ts';

export function roomRoutes(passes: TokenService, rooms: Rooms): Router {
  const router = Router();

  router.get('/rooms', (request, response) => {
    authorize(passes, request);
    response.json({ rooms: rooms.all.map(summary) });
  });

  router.post('/rooms', async (request, response) => {
    authorize(passes, request);
    const { name } = body(RoomRequest, request.body);
    const isNew = !rooms.has(name);
    response.status(isNew ? 201 : 200).json(summary(await rooms.obtain(name)));
  });

  router.get('/rooms/:room', (request, response) => {
    authorize(passes, request);
    response.json(summary(rooms.get(roomOf(request))));
  });

  router.patch('/rooms/:room', async (request, response) => {
    const name = roomOf(request);
    authorize(passes, request, name);
    const change = body(RoomSettingsChange, request.body);
    const room = await rooms.obtain(name);
    await room.change(change);
    response.json(room.view);
  });

  router.delete('/rooms/:room', async (request, response) => {
    authorize(passes, request);
    await rooms.get(roomOf(request)).close('this room was closed by an administrator', { over: true });
    response.status(204).end();
  });

  router.post('/rooms/:room/tokens', (request, response) => {
    const room = roomOf(request);
    const giver = authorize(passes, request, room);
    const { ttl, ...subject } = body(TokenRequest, request.body);
    requireGrantable(giver, subject.grants);
    const made: JoinResponse = passes.issueToken({ room, ...subject }, ttl);
    response.status(201).json(made);
  });

  router.post('/rooms/:room/invites', (request, response) => {
    const room = roomOf(request);
    authorize(passes, request, room);
    const { ttl, grants } = body(InviteRequest, request.body ?? {});
    const invitation = passes.issueInvite({ room, grants }, ttl);
    const made: z.infer<typeof InviteResponse> = { ...invitation, link: linkTo(request, room, invitation.invite) };
    response.status(201).json(made);
  });

  async function revoke(request: Request<{ room: string; id: string }>, response: Response): Promise<void> {
    const room = roomOf(request);
    authorize(passes, request, room);
    const given = z.uuid().safeParse(request.params.id);
    if (!given.success) throw new ApiError('invalid', 'the id is the one that was told when it was made: a UUID');
    const id = normalizedId(given.data);
    const kept = passes.revoke(room, id);
    // Nobody stays inside for as long as the disk takes.
    if (passes.isRevoked(room, id)) rooms.find(room)?.revoke(id);
    await kept;
    response.status(204).end();
  }
  router.delete('/rooms/:room/tokens/:id', revoke);
  router.delete('/rooms/:room/invites/:id', revoke);

  return router;
}

const summary = ({ name, participantCount: size, clock }: Room): RoomSummary => ({ name, participants: size, clock });

/** By the name under which the caller reached this server; the invite stays in the fragment, which no server sees. */
const linkTo = (request: Request, room: string, invite: string): string =>
  `${request.protocol}://${request.get('host')}/room/${room}#invite=${invite}`;
