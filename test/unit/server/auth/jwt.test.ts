import jwt from 'jsonwebtoken';
import { describe, expect, it } from 'vitest';
import { signInvite, signToken, verifyInvite, verifyToken } from '../../../../server/auth/jwt.ts';

const secret = 'the secret of this very server, long enough';
const nowMs = Date.parse('2026-11-22T12:00:00Z');
const ana = { identity: 'ana', room: 'demo', grants: ['publish', 'subscribe'] as const, name: 'Ana', speaks: 'es' };
const exp = nowMs / 1000 + 60;
const claims = { sub: 'ana', exp, booth: { room: 'demo', grants: ['publish'] } };

const verify = (token: string | undefined) => verifyToken(secret, token, nowMs);
const refused = (call: () => unknown, code: string, message: RegExp) => {
  expect(call).toThrowError(
    expect.objectContaining({ name: 'ApiError', code, message: expect.stringMatching(message) }),
  );
};

describe('a token', () => {
  it('says after verifying what it was signed with', () => {
    expect(verify(signToken(secret, ana, 60, nowMs))).toEqual({
      sub: 'ana',
      jti: expect.stringMatching(/^[\da-f-]{36}$/),
      exp,
      booth: { room: 'demo', name: 'Ana', speaks: 'es', grants: ['publish', 'subscribe'] },
    });
  });

  it('is accepted from whoever has the secret, made by any JWT library', () => {
    expect(verify(jwt.sign(claims, secret, { algorithm: 'HS256' })).sub).toBe('ana');
  });

  it.each([
    ['missing', undefined, 'missingToken', /no token.*booth token/],
    ['empty', '', 'missingToken', /no token/],
    ['garbage', 'garbage', 'badToken', /not a token of Booth/],
    ['cut off', signToken(secret, ana, 60, nowMs).slice(0, -30), 'forgedToken', /another secret/],
    ['unsigned', jwt.sign(claims, '', { algorithm: 'none' }), 'unsignedToken', /not signed/],
    ['signed with another secret', signToken(`${secret}!`, ana, 60, nowMs), 'forgedToken', /another secret/],
    ['signed with another algorithm', jwt.sign(claims, secret, { algorithm: 'HS512' }), 'forgedToken', /only HS256/],
    ['expired', signToken(secret, ana, -1, nowMs), 'expiredToken', /expired at 2026-11-22T11:59:59/],
    ['an invite', signInvite(secret, ana, 60, nowMs), 'badToken', /invite.*\/v1\/join/],
    ['for another audience', jwt.sign({ ...claims, aud: 'shop' }, secret), 'badToken', /made for something else/],
    ['without an expiry', jwt.sign({ sub: 'ana', booth: claims.booth }, secret), 'badToken', /exp/],
    ['without an identity', jwt.sign({ exp, booth: claims.booth }, secret), 'badToken', /sub/],
    ['a text', jwt.sign('ana', secret), 'badToken', /instead of claims/],
    [
      'with an unknown grant',
      jwt.sign({ ...claims, booth: { room: 'demo', grants: ['root'] } }, secret),
      'badToken',
      /booth\.grants/,
    ],
    [
      'for a room that cannot be',
      jwt.sign({ ...claims, booth: { room: '../etc', grants: [] } }, secret),
      'badToken',
      /room name/,
    ],
  ])('that is %s is refused with a message of its own', (_what, token, code, message) => {
    refused(() => verify(token), code, message);
  });

  it('with its claims changed and the signature kept is refused', () => {
    const [header, , signature] = signToken(secret, ana, 60, nowMs).split('.');
    const admin = Buffer.from(JSON.stringify({ ...claims, booth: { room: 'demo', grants: ['admin'] } }));
    refused(() => verify(`${header}.${admin.toString('base64url')}.${signature}`), 'forgedToken', /another secret/);
  });
});

describe('an invite', () => {
  const invitation = { room: 'demo', grants: ['publish', 'subscribe'] as const };

  it('says after verifying what it grants', () => {
    const invite = signInvite(secret, invitation, 60, nowMs);
    expect(verifyInvite(secret, invite, 'demo', nowMs).booth).toEqual(invitation);
  });

  it.each([
    ['for another room', signInvite(secret, { room: 'other', grants: [] }, 60, nowMs), 'wrongRoom', /"other".*"demo"/],
    ['expired', signInvite(secret, invitation, -1, nowMs), 'expiredToken', /the invite expired/],
    ['signed with another secret', signInvite(`${secret}!`, invitation, 60, nowMs), 'forgedToken', /another secret/],
    ['a token', signToken(secret, ana, 60, nowMs), 'badToken', /not an invite/],
    ['empty', '', 'missingToken', /no invite/],
    ['garbage', 'garbage', 'badToken', /^this is not an invite of Booth's: check that all of the link was copied$/],
  ])('that is %s is refused', (_what, invite, code, message) => {
    refused(() => verifyInvite(secret, invite, 'demo', nowMs), code, message);
  });
});
