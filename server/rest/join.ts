/**
 * `POST /v1/join`: an invite, or the credential of a browser that is the operator's, becomes a token. Nothing depends on where a request
 * comes from, but how soon an address that guesses is answered.
 */
import { randomUUID } from 'node:crypto';
import { ApiError, type Claims, type Grant, JoinRequest, JoinResponse } from '@mediasoup-booth/protocol';
import type { Clock } from '../../time/clock.ts';
import type { JoinRateLimiter } from '../auth/join-rate-limiter.ts';
import type { OperatorAccess } from '../auth/operator-access.ts';
import type { Origin, TokenService } from '../auth/token-service.ts';
import { clientAddress, type ProxyTrust } from '../client-address.ts';
import { json, type Route, route } from './route.ts';

/** Of a token for a browser that is the operator's. */
const TOKEN_SECONDS = 12 * 3600;
const OPERATOR_GRANTS: readonly Grant[] = ['publish', 'subscribe', 'host'];
/** The prefix of every identity that is made here, so that nobody can get one that an application has chosen. */
const GUEST_PREFIX = 'guest-';

export interface JoinDeps {
  tokens: TokenService;
  operators: OperatorAccess;
  joinLimiter: JoinRateLimiter;
  isTrustedProxy: ProxyTrust;
  clock: Clock;
}

export function joinRoute({ tokens, operators, joinLimiter, isTrustedProxy, clock }: JoinDeps): Route {
  return route({
    method: 'post',
    path: '/v1/join',
    summary: 'An invite, or the credential of whoever runs the server, becomes a token',
    body: JoinRequest,
    answers: { 201: JoinResponse },
    async handle({ body, request }) {
      const address = clientAddress(request, isTrustedProxy);
      return json(201, await joinLimiter.attempt(address, clock.now(), () => admit(body)));
    },
  });

  function admit({ room, invite, credential, name, earlier }: JoinRequest): JoinResponse {
    const proof = invite === undefined ? operatorOrigin(credential) : tokens.verifyInvite(invite, room);
    const before = verifiedEarlier(earlier, room);
    const subject = { identity: before?.sub ?? `${GUEST_PREFIX}${randomUUID()}`, name };
    return 'jti' in proof
      ? tokens.exchange(proof, subject, before)
      : tokens.issueOperatorToken({ ...subject, room, grants: OPERATOR_GRANTS }, TOKEN_SECONDS, proof, before);
  }

  /** From what the link was issued by which this browser signed in. */
  function operatorOrigin(credential: string | undefined): Origin {
    if (credential === undefined)
      throw new ApiError(
        'inviteNeeded',
        `entering needs an invite link: ask whoever runs the meeting. ${OPERATOR_HINT}`,
      );
    const origin = operators.originOf(credential);
    if (!origin) throw new ApiError('signedOut', `this browser is not signed in any more. ${OPERATOR_HINT}`);
    return origin;
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

const OPERATOR_HINT =
  'Whoever runs the server opens the link that the terminal printed, or runs `npx booth link` for a new one';
