import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join as path } from 'node:path';
import { CloseCode, JoinResponse, LanguagesResponse, Overview, Problem } from '@mediasoup-booth/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signInvite, verifyInvite, verifyToken } from '../../server/auth/jwt.ts';
import {
  call,
  closed,
  connect,
  join,
  person,
  secret,
  startTestServer,
  type TestServer,
  tokenOf,
} from '../support/server.ts';

const admin = tokenOf({ identity: 'root', room: 'any', grants: ['admin'] });
const host = (room: string) => tokenOf({ identity: 'host', room, grants: ['host'] });
const guest = tokenOf(person('guest'));

/** Every error is a problem document that says what to do. */
function expectProblem(reply: Awaited<ReturnType<typeof call>>, status: number, code: string, detail: RegExp): void {
  expect(reply.type).toContain('application/problem+json');
  expect(Problem.parse(reply.body)).toMatchObject({ status, code, detail: expect.stringMatching(detail) });
  expect(reply.status).toBe(status);
}

describe('REST', () => {
  let server: TestServer;
  let pages: string;
  beforeAll(async () => {
    pages = await mkdtemp(path(tmpdir(), 'booth-pages-'));
    await mkdir(path(pages, 'assets'));
    await writeFile(path(pages, 'index.html'), '<!doctype html><title>Booth</title>');
    await writeFile(path(pages, 'admin.html'), '<!doctype html><title>Admin</title>');
    await writeFile(path(pages, 'overlay.html'), '<!doctype html><title>Overlay</title>');
    await writeFile(path(pages, 'listen.html'), '<!doctype html><title>Listen</title>');
    for (const file of ['widget.js', 'meeting.js']) await writeFile(path(pages, file), 'export {};');
    await writeFile(path(pages, 'assets', 'main-1a2b3c.js'), 'export {};');
    server = await startTestServer({ pages });
  });
  afterAll(async () => {
    await server.close();
    await rm(pages, { recursive: true });
  });

  it('tells that it lives, and that it is ready', async () => {
    expect(await call(server, 'GET', '/healthz')).toMatchObject({ status: 200, body: { status: 'ok' } });
    expect(await call(server, 'GET', '/readyz')).toMatchObject({ status: 200, body: { ready: true, reasons: [] } });
  });

  it('tells what the running engine can do', async () => {
    const { body } = await call(server, 'GET', '/v1/languages');
    expect(LanguagesResponse.parse(body)).toEqual({
      engine: { model: 'booth-offline', kind: 'offline', label: 'Offline engine' },
      sources: ['en'],
      targets: [
        { code: 'es', audio: true, from: ['en'], voices: [] },
        { code: 'en', audio: false, from: ['en'], voices: [] },
      ],
      estimate: { perHour: { voice: 0, captions: 0 }, note: expect.stringContaining('costs nothing') },
      transcriptHours: 0,
    });
  });

  describe('rooms', () => {
    it('are opened, listed, looked at and closed by an admin', async () => {
      const body = { name: 'rooms' };
      expect(await call(server, 'POST', '/v1/rooms', { token: admin, body })).toMatchObject({
        status: 201,
        body: { name: 'rooms', participants: 0 },
      });
      expect(await call(server, 'POST', '/v1/rooms', { token: admin, body })).toMatchObject({ status: 200 });
      const ana = await join(server, person('ana', { room: 'rooms' }));
      expect(await call(server, 'GET', '/v1/rooms/rooms', { token: admin })).toMatchObject({
        body: { name: 'rooms', participants: 1, clock: expect.any(Number) },
      });
      expect(await call(server, 'GET', '/v1/rooms', { token: admin })).toMatchObject({
        body: { rooms: expect.arrayContaining([expect.objectContaining({ name: 'rooms' })]) },
      });
      const end = closed(ana.socket);
      expect(await call(server, 'DELETE', '/v1/rooms/rooms', { token: admin })).toMatchObject({ status: 204 });
      await expect(end).resolves.toMatchObject({ code: CloseCode.goingAway, reason: expect.stringMatching(/closed/) });
      expectProblem(await call(server, 'GET', '/v1/rooms/rooms', { token: admin }), 404, 'notFound', /no room "rooms"/);
    });

    it.each([
      ['GET', '/v1/rooms'],
      ['POST', '/v1/rooms'],
      ['GET', '/v1/rooms/demo'],
      ['DELETE', '/v1/rooms/demo'],
      ['GET', '/v1/overview'],
      ['GET', '/v1/webhooks'],
      ['PATCH', '/v1/webhooks/0123456789abcdef'],
    ])('are not for others: %s %s', async (method, where) => {
      expectProblem(await call(server, method, where, { token: host('demo') }), 403, 'forbidden', /"admin"/);
      const missing = await call(server, method, where);
      expectProblem(missing, 401, 'missingToken', /no token/);
      expect(missing.headers.get('www-authenticate')).toBe('Bearer');
    });

    it('are shown to an admin in one answer, with what the server costs and how it is doing', async () => {
      const ana = await join(server, person('ana', { room: 'shown' }));
      const { status, body } = await call(server, 'GET', '/v1/overview', { token: admin });
      expect(status).toBe(200);
      const { rooms, ...overview } = Overview.parse(body);
      expect(rooms.find(({ name }) => name === 'shown')).toMatchObject({
        people: 1,
        readers: 0,
        interpretation: { state: 'off' },
        used: { tokens: 0 },
      });
      expect(overview).toMatchObject({
        version: expect.stringMatching(/^\d/),
        readiness: { ready: true, reasons: [] },
        budget: { level: 'within' },
        webhooks: [],
        problems: [],
      });
      ana.leave();
    });

    it('have names that can stand in a path', async () => {
      const reply = await call(server, 'POST', '/v1/rooms', { token: admin, body: { name: 'a/b' } });
      expectProblem(reply, 400, 'invalid', /name: a room name/);
      expectProblem(await call(server, 'GET', '/v1/rooms/%2e%2e%2f', { token: admin }), 400, 'invalid', /room name/);
    });
  });

  describe('tokens', () => {
    const tokens = (room: string, token: string, body: unknown) =>
      call(server, 'POST', `/v1/rooms/${room}/tokens`, { token, body });

    it('are made by the host of the room, and let people in', async () => {
      const body = { identity: 'ben', name: 'Ben', speaks: 'en', grants: ['subscribe'], ttl: 60 };
      const reply = await tokens('hosted', host('hosted'), body);
      expect(reply.status).toBe(201);
      const { token, identity, expires } = JoinResponse.parse(reply.body);
      expect(identity).toBe('ben');
      expect(Math.abs(expires - Date.now() / 1000 - 60)).toBeLessThan(30);
      const ben = await (await connect(server, token)).join();
      expect(ben.reply).toMatchObject({ room: { name: 'hosted' }, you: { id: 'ben', name: 'Ben', speaks: 'en' } });
    });

    it('grant to publish and subscribe, where nothing else is said', async () => {
      const { body } = await tokens('hosted', admin, { identity: 'ben' });
      expect(verifyToken(secret, JoinResponse.parse(body).token).booth.grants).toEqual(['publish', 'subscribe']);
    });

    it('are not made by guests, for other rooms, or with more power than one has', async () => {
      const body = { identity: 'ben' };
      expectProblem(await tokens('demo', guest, body), 403, 'forbidden', /"host" or "admin"/);
      expectProblem(await tokens('other', host('demo'), body), 403, 'wrongRoom', /"demo", not for "other"/);
      const power = await tokens('demo', host('demo'), { ...body, grants: ['admin'] });
      expectProblem(power, 403, 'forbidden', /can grant "admin"/);
      expect(await tokens('demo', admin, { ...body, grants: ['admin'] })).toMatchObject({ status: 201 });
    });

    it.each([
      ['no identity', {}, /identity/],
      ['an unknown grant', { identity: 'x', grants: ['root'] }, /grants/],
      ['a life of years', { identity: 'x', ttl: 10 ** 9 }, /ttl/],
    ])('are not made from %s', async (_what, body, detail) => {
      expectProblem(await tokens('demo', admin, body), 400, 'invalid', detail);
    });
  });

  describe('bad requests', () => {
    const post = (body: string, headers = {}) => call(server, 'POST', '/v1/rooms', { token: admin, body, headers });

    it('that are not JSON, too large, or nothing at all are answered with a problem', async () => {
      expectProblem(await post('{"name":'), 400, 'invalid', /JSON/);
      expectProblem(await post(`{"name":"${'x'.repeat(70_000)}"}`), 413, 'tooLarge', /64 kB/);
      expectProblem(await post('name=x', { 'Content-Type': 'text/plain' }), 400, 'invalid', /application\/json/);
      expectProblem(await post('5'), 400, 'invalid', /./);
    });

    it('for a call that does not exist are answered with a problem', async () => {
      expectProblem(await call(server, 'GET', '/v1/everything'), 404, 'notFound', /GET \/v1\/everything/);
      expectProblem(await call(server, 'PUT', '/v1/join'), 404, 'notFound', /PUT \/v1\/join/);
      expectProblem(await call(server, 'GET', '/v1/rooms/%ff', { token: admin }), 400, 'invalid', /./);
    });

    it.each([
      ['a forged token', `${admin}x`, 401, 'forgedToken', /another secret/],
      ['an invite', signInvite(secret, { room: 'demo', grants: [] }, 60), 401, 'badToken', /invite/],
    ])('with %s are answered with what is wrong', async (_what, token, status, code, detail) => {
      expectProblem(await call(server, 'GET', '/v1/rooms', { token }), status, code, detail);
    });

    it('with a header that carries no bearer token are answered with how it must read', async () => {
      const reply = await call(server, 'GET', '/v1/rooms', { headers: { Authorization: 'Basic abc' } });
      expectProblem(reply, 401, 'badToken', /Bearer <token>/);
    });
  });

  describe('joining', () => {
    const enter = (body: unknown, headers: Record<string, string> = {}) =>
      call(server, 'POST', '/v1/join', { body, headers });

    it('turns an invite into a token with an identity of its own', async () => {
      const made = await call(server, 'POST', '/v1/rooms/party/invites', { token: host('party'), body: { ttl: 60 } });
      expect(made.status).toBe(201);
      const { invite, link } = made.body as { invite: string; link: string };
      expect(link).toBe(`${server.url}/room/party#invite=${invite}`);
      const both = await Promise.all([1, 2].map(() => enter({ room: 'party', invite, name: 'Ana' })));
      const [one, two] = both.map(({ body }) => JoinResponse.parse(body));
      expect(one?.identity).not.toBe(two?.identity);
      expect(verifyToken(secret, one?.token).booth).toEqual({
        room: 'party',
        name: 'Ana',
        grants: ['publish', 'subscribe'],
        issuers: [expect.any(String), expect.any(String)],
        renewableUntil: expect.any(Number),
        since: expect.any(Number),
      });
    });

    it('gives who comes back with their earlier token the same identity, and nobody an identity of an application', async () => {
      const invite = server.invite('party', ['subscribe'], 60);
      const come = async (earlier?: string) =>
        JoinResponse.parse((await enter({ room: 'party', invite, ...(earlier !== undefined && { earlier }) })).body);
      const first = await come();
      const again = await come(first.token);
      expect(again.identity).toBe(first.identity);
      expect(again.token).not.toBe(first.token);
      for (const other of [
        'garbage',
        tokenOf(person('ben', { room: 'party' })),
        tokenOf(person(first.identity, { room: 'other' })),
      ]) {
        const { identity } = await come(other);
        expect(identity).toMatch(/^guest-/);
        expect(identity).not.toBe(first.identity);
      }
    });

    it('takes the invites that the server hands out itself', async () => {
      const invite = server.invite('party', ['subscribe'], 60);
      expect(verifyInvite(secret, invite, 'party').booth.grants).toEqual(['subscribe']);
      expect(await enter({ room: 'party', invite })).toMatchObject({ status: 201 });
    });

    it('says what is wrong with an invite', async () => {
      const other = server.invite('other', ['subscribe'], 60);
      expectProblem(await enter({ room: 'party', invite: other }), 403, 'wrongRoom', /"other", not for "party"/);
      expectProblem(await enter({ room: 'party', invite: 'x' }), 401, 'badToken', /not a.* invite/);
      expectProblem(await enter({ room: 'party', invite: guest }), 401, 'badToken', /not an invite/);
      expectProblem(await enter({}), 400, 'invalid', /room/);
    });
  });

  describe('pages', () => {
    it('are one index for the lobby and every room, never cached', async () => {
      for (const where of ['/', '/room/demo']) {
        const page = await call(server, 'GET', where);
        expect(page).toMatchObject({ status: 200, body: expect.stringContaining('<title>Booth') });
        expect(page.type).toContain('text/html');
        expect(page.headers.get('cache-control')).toBe('no-cache');
      }
    });

    it('have one that is nothing but captions, for screens and for phones, and one for whoever runs the server', async () => {
      for (const [where, title] of [
        ['/overlay/demo', 'Overlay'],
        ['/listen/demo', 'Listen'],
        ['/admin', 'Admin'],
      ] as const) {
        const page = await call(server, 'GET', where);
        expect(page).toMatchObject({ status: 200, body: expect.stringContaining(`<title>${title}`) });
        expect(page.headers.get('cache-control')).toBe('no-cache');
      }
    });

    it('of other origins may have the widget, its assets and the calls it makes, and nothing else', async () => {
      const allowed = [
        '/widget.js',
        '/meeting.js',
        '/assets/main-1a2b3c.js',
        '/v1/languages',
        '/v1/rooms/demo/captions?language=es',
      ];
      for (const where of allowed) {
        const { headers } = await fetch(server.url + where, { headers: { Origin: 'https://example.org' } });
        expect([where, headers.get('access-control-allow-origin')]).toEqual([where, '*']);
        expect([where, headers.get('cross-origin-resource-policy')]).toEqual([where, 'cross-origin']);
      }
      for (const where of ['/', '/v1/rooms', '/v1/join', '/v1/rooms/demo/transcript?language=es']) {
        const { headers } = await fetch(server.url + where, { headers: { Origin: 'https://example.org' } });
        expect([where, headers.get('access-control-allow-origin')]).toEqual([where, null]);
      }
      const { headers } = await fetch(`${server.url}/widget.js`);
      expect(headers.get('cache-control')).toBe('no-cache');
    });

    it('of other origins are told before they ask that they may send a token', async () => {
      const { status, headers } = await fetch(`${server.url}/v1/rooms/demo/captions?language=es`, {
        method: 'OPTIONS',
        headers: { Origin: 'https://example.org', 'Access-Control-Request-Headers': 'authorization' },
      });
      expect(status).toBe(204);
      expect(headers.get('access-control-allow-headers')).toBe('Authorization, Last-Event-ID');
      expect(headers.get('access-control-allow-methods')).toBe('GET');
    });

    it('have assets that are cached for good', async () => {
      const asset = await call(server, 'GET', '/assets/main-1a2b3c.js');
      expect(asset.headers.get('cache-control')).toMatch(/max-age=31536000.*immutable/);
      expect(await call(server, 'GET', '/assets/other.js')).toMatchObject({ status: 404 });
      expect(await call(server, 'GET', '/..%2f..%2fetc%2fpasswd')).toMatchObject({ status: 404 });
    });

    it('tell the browser to run nothing but the page’s own scripts, and to talk to nobody else', async () => {
      const { headers } = await call(server, 'GET', '/room/demo');
      const policy = headers.get('content-security-policy') ?? '';
      expect(policy).toContain("script-src 'self';");
      expect(policy).toContain("style-src 'self';");
      expect(policy).toContain(`connect-src 'self' ws://127.0.0.1:${server.port} wss://127.0.0.1:${server.port};`);
      expect(policy).not.toMatch(/unsafe/);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.has('x-powered-by')).toBe(false);
      expect(headers.has('access-control-allow-origin')).toBe(false);
    });

    it('say what to do where they have not been built', async () => {
      const bare = await startTestServer();
      try {
        const page = await call(bare, 'GET', '/room/demo');
        expect(page).toMatchObject({ status: 503, body: expect.stringContaining('npm run build:page') });
      } finally {
        await bare.close();
      }
    });
  });
});
