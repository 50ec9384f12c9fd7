/** `POST /v1/join`: an invite becomes a token; local development access needs no invite. */
import { randomUUID } from 'node:crypto';
import type { Request } from 'express';
import { ApiError } from '../../protocol/api-error.ts';
import { JoinRequest, JoinResponse } from '../../protocol/rest.ts';
import type { Claims, Grant } from '../../protocol/tokens.ts';
import type { Clock } from '../../time/clock.ts';
import { JoinRateLimiter } from '../auth/join-rate-limiter.ts';
import { localAccessDeniedReason } from '../auth/local-development-access.ts';
import type { TokenService } from '../auth/token-service.ts';
import { json, type Route, route } from './route.ts';

/** Of a token that was given without an invite, in development. */
const TOKEN_SECONDS = 12 * 3600;
/** The prefix of every identity that is made here, so that nobody can get one that an application has chosen. */
const GUEST_PREFIX = 'guest-';

export interface JoinDeps {
  tokens: TokenService;
  development: boolean;
  clock: Clock;
}

export function joinRoute({ tokens, development, clock }: JoinDeps): Route {
  const limiter = new JoinRateLimiter();

  return route({
    method: 'post',
    path: '/v1/join',
    summary: 'An invite becomes a token; without one in development, from this computer alone',
    body: JoinRequest,
    answers: { 201: JoinResponse },
    handle({ body: { room, invite, name, earlier }, request }) {
      const address = request.socket.remoteAddress ?? '';
      if (!limiter.mayTry(address, clock.now()))
        throw new ApiError('tooMany', 'too many wrong attempts to join: wait a minute');
      try {
        const before = verifiedEarlier(earlier, room);
        const subject = { identity: before?.sub ?? `${GUEST_PREFIX}${randomUUID()}`, name };
        if (invite !== undefined) return json(201, tokens.exchange(tokens.verifyInvite(invite, room), subject, before));
        return json(201, tokens.issueToken({ ...subject, room, ...localGrants(request) }, TOKEN_SECONDS));
      } catch (error) {
        if (isGuess(error)) limiter.failed(address, clock.now());
        throw error;
      }
    },
  });

  function localGrants(request: Request): { grants: Grant[] } {
    const { host, origin, forwarded, via } = request.headers;
    const proxyHeaders = [forwarded, via, request.headers['x-forwarded-for'], request.headers['x-real-ip']];
    const reason = localAccessDeniedReason({
      development,
      remoteAddress: request.socket.remoteAddress,
      host,
      origin,
      forwarded: proxyHeaders.some((header) => header !== undefined),
    });
    if (reason)
      throw new ApiError('inviteNeeded', `entering needs an invite link (${reason}): ask whoever runs the meeting`);
    return { grants: ['publish', 'subscribe', 'host'] };
  }

  /** The claims of a guest's valid token for this room. */
  function verifiedEarlier(earlier: string | undefined, room: string): Claims | undefined {
    try {
      const claims = tokens.verify(earlier);
      return claims.booth.room === room && claims.sub.startsWith(GUEST_PREFIX) ? claims : undefined;
    } catch (error) {
      // A token that is no longer valid neither admits its holder nor keeps them out.
      if (error instanceof ApiError) return undefined;
      throw error;
    }
  }
}

/** The holder of a revoked invite guesses nothing, and is often one of many behind one address. */
const isGuess = (error: unknown): boolean => !(error instanceof ApiError && error.code === 'revoked');
