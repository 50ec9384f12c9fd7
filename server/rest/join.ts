/** `POST /v1/join`: an invite becomes a token; in development, on this computer, nothing but asking does. */
import { randomUUID } from 'node:crypto';
import { type Request, Router } from 'express';
import { ApiError } from '../../protocol/api-error.ts';
import { JoinRequest, type JoinResponse } from '../../protocol/rest.ts';
import type { Grant } from '../../protocol/tokens.ts';
import { JoinRateLimiter } from '../auth/join-rate-limiter.ts';
import { localAccessDeniedReason } from '../auth/local-development-access.ts';
import type { TokenService } from '../auth/token-service.ts';
import { body } from './problems.ts';

const TOKEN_SECONDS = 12 * 3600;
/** Identities that are given out here begin so: nobody gets at one that an application has chosen. */
const GUEST = 'guest-';

export interface JoinSettings {
  passes: TokenService;
  development: boolean;
  nowMs(): number;
}

export function joinRoutes({ passes, development, nowMs }: JoinSettings): Router {
  const attempts = new JoinRateLimiter();
  const router = Router();

  router.post('/join', (request, response) => {
    const address = request.socket.remoteAddress ?? '';
    if (!attempts.mayTry(address, nowMs()))
      throw new ApiError('tooMany', 'too many wrong attempts to join: wait a minute');
    const { room, invite, name, earlier } = body(JoinRequest, request.body);
    try {
      const entry = invite === undefined ? { grants: atTheDoor(request) } : invited(invite, room);
      const made: JoinResponse = passes.issueToken(
        { identity: identityOf(earlier, room), room, name, ...entry },
        TOKEN_SECONDS,
      );
      response.status(201).json(made);
    } catch (error) {
      if (isGuess(error)) attempts.failed(address, nowMs());
      throw error;
    }
  });

  /** Who holds what was good once is no stranger, and often one of many behind one address. */
  const isGuess = (error: unknown): boolean => !(error instanceof ApiError && error.code === 'revoked');

  function atTheDoor(request: Request): Grant[] {
    const { host, origin, forwarded, via } = request.headers;
    const proxied = [forwarded, via, request.headers['x-forwarded-for'], request.headers['x-real-ip']];
    const reason = localAccessDeniedReason({
      development,
      remoteAddress: request.socket.remoteAddress,
      host,
      origin,
      forwarded: proxied.some((header) => header !== undefined),
    });
    if (reason)
      throw new ApiError('inviteNeeded', `entering needs an invite link (${reason}): ask whoever runs the meeting`);
    return ['publish', 'subscribe', 'host'];
  }

  function identityOf(earlier: string | undefined, room: string): string {
    try {
      const { sub, booth } = passes.verify(earlier);
      if (booth.room === room && sub.startsWith(GUEST)) return sub;
    } catch (error) {
      // What is not valid any more lets nobody in, and keeps nobody out.
      if (!(error instanceof ApiError)) throw error;
    }
    return `${GUEST}${randomUUID()}`;
  }

  function invited(text: string, room: string): { grants: Grant[]; invite: string | undefined } {
    const { booth, jti } = passes.verifyInvite(text, room);
    return { grants: booth.grants, invite: jti };
  }

  return router;
}
