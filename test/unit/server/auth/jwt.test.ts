import jwt from 'jsonwebtoken';
import { describe, expect, it } from 'vitest';
import { keyIdOf, signInvite, signToken, verifyInvite, verifyToken } from '../../../../server/auth/jwt.ts';

const secret = 'the secret of this very server, long enough';
const nowMs = Date.parse('2026-11-22T12:00:00Z');
const ana = { identity: 'ana', room: 'demo', grants: ['publish', 'subscribe'] as const, name: 'Ana', speaks: 'es' };
const exp = nowMs / 1000 + 60;
const iat = nowMs / 1000;
const claims = { sub: 'ana', jti: 'made-elsewhere', iat, exp, booth: { room: 'demo', grants: ['publish'] } };
const { jti: _jti, ...withoutId } = claims;
const { exp: _exp, ...withoutExpiry } = claims;
const { sub: _sub, ...withoutIdentity } = claims;
const days = (count: number) => iat + count * 86_400;

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
      iat,
      exp,
      booth: { room: 'demo', name: 'Ana', speaks: 'es', grants: ['publish', 'subscribe'], issuers: [] },
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
    ['without an expiry', jwt.sign(withoutExpiry, secret), 'badToken', /exp/],
    ['without an identity', jwt.sign(withoutIdentity, secret), 'badToken', /sub/],
    ['without an id', jwt.sign(withoutId, secret), 'badToken', /jti: is missing.*by which it can be revoked/],
    ['without a time', jwt.sign(claims, secret, { noTimestamp: true }), 'badToken', /iat: is missing/],
    ['valid for too long', jwt.sign({ ...claims, exp: days(32) }, secret), 'badToken', /32 days.*31 are the most/],
    ['valid for years', signToken(secret, ana, 400 * 86_400, nowMs), 'badToken', /400 days.*31 are the most/],
    [
      'from the future, which would be valid until then',
      jwt.sign({ ...claims, iat: days(300), exp: days(331) }, secret),
      'badToken',
      /issued in the future.*set the clock/,
    ],
    [
      'handed on by too many',
      jwt.sign({ ...claims, booth: { ...claims.booth, issuers: Array(9).fill('a') } }, secret),
      'badToken',
      /booth\.issuers/,
    ],
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
  const invitation = { room: 'demo', grants: ['publish', 'subscribe'] as const, issuers: ['of-the-host'] };

  it('says after verifying what it grants', () => {
    const invite = signInvite(secret, invitation, 60, nowMs);
    expect(verifyInvite(secret, invite, 'demo', nowMs).booth).toEqual(invitation);
  });

  it.each([
    ['for another room', signInvite(secret, { room: 'other', grants: [] }, 60, nowMs), 'wrongRoom', /"other".*"demo"/],
    ['expired', signInvite(secret, invitation, -1, nowMs), 'expiredToken', /the invite expired/],
    [
      'valid for too long',
      signInvite(secret, invitation, 32 * 86_400, nowMs),
      'badToken',
      /the invite.*31 are the most/,
    ],
    ['signed with another secret', signInvite(`${secret}!`, invitation, 60, nowMs), 'forgedToken', /another secret/],
    ['a token', signToken(secret, ana, 60, nowMs), 'badToken', /not an invite/],
    ['empty', '', 'missingToken', /no invite/],
    ['garbage', 'garbage', 'badToken', /^this is not an invite of Booth's: check that all of the link was copied$/],
  ])('that is %s is refused', (_what, invite, code, message) => {
    refused(() => verifyInvite(secret, invite, 'demo', nowMs), code, message);
  });
});

describe('a secret that is rotated', () => {
  const previous = 'the secret that this server had until now, also long';
  const both = [secret, previous] as const;

  it('leaves valid what the earlier one has signed, while that is accepted', () => {
    const old = signToken(previous, ana, 60, nowMs);
    expect(verifyToken(both, old, nowMs).sub).toBe('ana');
    expect(verifyInvite(both, signInvite(previous, ana, 60, nowMs), 'demo', nowMs).booth.room).toBe('demo');
    refused(() => verifyToken(secret, old, nowMs), 'forgedToken', /another secret/);
  });

  it('is told apart from the other by "kid"', () => {
    const kids = both.map((one) => jwt.decode(signToken(one, ana, 60, nowMs), { complete: true })?.header.kid);
    expect(kids).toEqual([keyIdOf(secret), keyIdOf(previous)]);
    expect(kids[0]).not.toBe(kids[1]);
    const mislabelled = jwt.sign(claims, previous, { keyid: keyIdOf(secret) });
    refused(() => verifyToken(both, mislabelled, nowMs), 'forgedToken', /another secret/);
  });

  it.each([secret, previous])('accepts tokens without "kid" that were signed with either', (signer) => {
    expect(verifyToken(both, jwt.sign(claims, signer), nowMs).sub).toBe('ana');
    refused(() => verifyToken(both, jwt.sign(claims, `${signer}!`), nowMs), 'forgedToken', /another secret/);
    refused(() => verifyToken(both, jwt.sign({ ...claims, exp: iat - 1 }, signer), nowMs), 'expiredToken', /expired/);
  });
});
