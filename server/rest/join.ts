/** `POST /v1/join`: an invite becomes a token; in development, on this computer, nothing but asking does. */
import { randomUUID } from 'node:crypto';
import { type Request, Router } from 'express';
import { JoinRequest, type JoinResponse } from '../../protocol/rest.ts';
import type { Grant } from '../../protocol/tokens.ts';
import { Attempts } from '../attempts.ts';
import { shutBecause } from '../door.ts';
import { Refusal } from '../errors.ts';
import { signToken, verifyInvite, verifyToken } from '../tokens.ts';
import { body } from './problems.ts';

const TOKEN_SECONDS = 12 * 3600;

export interface JoinSettings {
  secret: string;
  development: boolean;
  nowMs(): number;
}

export function joinRoutes({ secret, development, nowMs }: JoinSettings): Router {
  const attempts = new Attempts();
  const router = Router();

  router.post('/join', (request, response) => {
    const address = request.socket.remoteAddress ?? '';
    if (!attempts.mayTry(address, nowMs()))
      throw new Refusal('tooMany', 'too many wrong attempts to join: wait a minute');
    const { room, invite, name } = body(JoinRequest, request.body);
    try {
      const grants = invite === undefined ? atTheDoor(request) : verifyInvite(secret, invite, room).booth.grants;
      response.status(201).json(admitted(room, name, grants));
    } catch (error) {
      attempts.failed(address, nowMs());
      throw error;
    }
  });

  function atTheDoor(request: Request): Grant[] {
    const { host, origin, forwarded, via } = request.headers;
    const proxied = [forwarded, via, request.headers['x-forwarded-for'], request.headers['x-real-ip']];
    const reason = shutBecause({
      development,
      remoteAddress: request.socket.remoteAddress,
      host,
      origin,
      forwarded: proxied.some((header) => header !== undefined),
    });
    if (reason)
      throw new Refusal('forbidden', `entering needs an invite link (${reason}): ask whoever runs the meeting`);
    return ['publish', 'subscribe', 'host'];
  }

  function admitted(room: string, name: string | undefined, grants: readonly Grant[]): JoinResponse {
    const identity = `guest-${randomUUID()}`;
    const token = signToken(secret, { identity, room, grants, name }, TOKEN_SECONDS);
    return { token, identity, expires: verifyToken(secret, token).exp };
  }

  return router;
}
