import { CloseCode, JoinResponse } from '@mediasoup-booth/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signToken, verifyToken } from '../../server/auth/jwt.ts';
import { call, closed, connect, person, secret, startTestServer, type TestServer, tokenOf } from '../support/server.ts';

const ENDED = /access to this room has ended: ask the host for a new invite/;
/** Seconds: long enough to come in on a busy computer. */
const SOON = 10;

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

const inside = async (token: string) => (await connect(server, token)).join();
const nowSeconds = () => Date.now() / 1000;

describe.concurrent('who is in a room when their token ends', () => {
  it('is told before, and leaves with the reason', async () => {
    const ana = await inside(tokenOf(person('ana', { room: 'ends', ttl: SOON })));
    const end = closed(ana.socket);
    const { expires } = await ana.hears('token.expiring');
    expect(await end).toEqual({ code: CloseCode.expired, reason: expect.stringMatching(ENDED) });
    expect(nowSeconds()).toBeGreaterThanOrEqual(expires);
  });

  it('stays, with a new token of the same id, while the invite is valid that they came with', async () => {
    const renewableUntil = Math.floor(nowSeconds()) + 3600;
    const first = signToken(
      secret,
      {
        ...person('ana', { room: 'renewed' }),
        room: 'renewed',
        grants: ['subscribe'],
        issuers: ['invite'],
        renewableUntil,
      },
      SOON,
    );
    const ana = await inside(first);
    const { token, expires } = await ana.hears('token.renewed');
    expect(expires).toBeLessThanOrEqual(renewableUntil);
    const { iat, booth, ...before } = verifyToken(secret, first);
    expect(verifyToken(secret, token)).toEqual({
      ...before,
      iat: expect.any(Number),
      exp: expires,
      booth: { ...booth, since: iat },
    });
    await ana.settled();
    expect((await inside(token)).reply.you.id).toBe('ana');
  });

  it('stays by another token for the same person that they present', async () => {
    const ben = await inside(tokenOf(person('ben', { room: 'replaced', ttl: SOON })));
    const end = closed(ben.socket);
    for (const more of [{ identity: 'eve' }, { room: 'other' }, { grants: ['host'] as const }, { hidden: true }])
      await expect(
        ben.request('token.replace', { token: tokenOf({ ...person('ben', { room: 'replaced' }), ...more }) }),
      ).rejects.toMatchObject({ code: 'invalid' });
    await expect(ben.request('token.replace', { token: 'x' })).rejects.toMatchObject({ code: 'badToken' });
    const token = tokenOf(person('ben', { room: 'replaced', ttl: 2 * SOON }));
    const { expires } = await ben.request('token.replace', { token });
    expect(await end).toMatchObject({ code: CloseCode.expired });
    expect(nowSeconds()).toBeGreaterThanOrEqual(expires);
  });

  it('reads no more captions over HTTP', async () => {
    const token = tokenOf(person('eva', { room: 'reads', ttl: SOON }));
    const reading = await fetch(`${server.url}/v1/rooms/reads/captions?language=en`, {
      headers: { Authorization: `Bearer ${token}` },
    });
    expect(reading.status).toBe(200);
    expect(await reading.text()).toMatch(ENDED);
  });
});

describe('a page that is loaded anew', () => {
  it('keeps the id of its token, by which it is revoked as before', async () => {
    const invite = server.invite('again', ['subscribe'], 3600);
    const enter = async (earlier?: string) =>
      JoinResponse.parse((await call(server, 'POST', '/v1/join', { body: { room: 'again', invite, earlier } })).body);
    const first = await enter();
    const again = await enter(first.token);
    expect(again).toMatchObject({ id: first.id, identity: first.identity });
    expect((await enter()).id).not.toBe(first.id);
    const other = server.invite('again', ['subscribe'], 3600);
    const byAnother = await call(server, 'POST', '/v1/join', {
      body: { room: 'again', invite: other, earlier: first.token },
    });
    expect(JoinResponse.parse(byAnother.body)).toMatchObject({ identity: first.identity });
    expect(JoinResponse.parse(byAnother.body).id).not.toBe(first.id);
  });
});
