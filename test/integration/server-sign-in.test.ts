/** How whoever runs the server comes in, how others do, and that nothing depends on where a connection comes from. */
import { type AddressInfo, connect as connectTcp, createServer } from 'node:net';
import { CloseCode, JoinResponse, SignInLink, SignInResponse } from '@mediasoup-booth/protocol';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verifyToken } from '../../server/auth/jwt.ts';
import { call, closed, connect, secret, startTestServer, type TestServer, tokenOf } from '../support/server.ts';
import { credentialFor } from '../support/signed-in.ts';
import { until } from '../support/until.ts';

const admin = () => tokenOf({ identity: 'admin', grants: ['admin'] });

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

const joins = (body: object, headers: Record<string, string> = {}, at = server) =>
  call(at, 'POST', '/v1/join', { body: { room: 'mine', ...body }, headers });
const codeOf = ({ body }: { body: unknown }) => (body as { code: string }).code;

/** Passes bytes on and adds nothing, as `ssh -R` and most TCP proxies do. */
async function forwardTo(port: number): Promise<{ url: string; close(): void }> {
  const forwarder = createServer((near) => {
    const far = connectTcp(port, '127.0.0.1');
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const)
      one.on('error', () => other.destroy()).pipe(other);
  });
  await new Promise<void>((resolve) => forwarder.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(forwarder.address() as AddressInfo).port}`, close: () => forwarder.close() };
}

describe('without an invite', () => {
  it('nobody comes in through a proxy that adds no header', async () => {
    const proxy = await forwardTo(server.port);
    const reply = await fetch(`${proxy.url}/v1/join`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Connection: 'close' },
      body: '{"room":"mine"}',
    });
    proxy.close();
    expect([reply.status, codeOf({ body: await reply.json() })]).toEqual([403, 'inviteNeeded']);
  });

  it.each<[string, Record<string, string>]>([
    ['a program on this computer', {}],
    ['the page of this server', { Origin: 'http://127.0.0.1' }],
    ['a page from elsewhere', { Origin: 'https://evil.example' }],
    ['one who says that a proxy forwarded this computer', { 'X-Forwarded-For': '127.0.0.1' }],
  ])('nobody comes in as %s, and each reads what to do', async (_who, headers) => {
    const reply = await joins({}, headers);
    expect([reply.status, codeOf(reply)]).toEqual([403, 'inviteNeeded']);
    expect((reply.body as { detail: string }).detail).toMatch(/the link that the terminal printed.*booth link/);
  });
});

describe('a sign-in link', () => {
  it('lets the browser that opens it first into every room as a host, and no other', async () => {
    const code = server.signInCode();
    const credential = await credentialFor(server.url, code);
    for (const room of ['mine', 'yours']) {
      const { token } = JoinResponse.parse((await joins({ room, credential, name: 'Me' })).body);
      expect(verifyToken(secret, token).booth).toMatchObject({ room, grants: ['publish', 'subscribe', 'host'] });
    }
    const second = await call(server, 'POST', '/v1/sign-in', { body: { code } });
    expect([second.status, codeOf(second)]).toEqual([403, 'signInExpired']);
  });

  it('makes each tab of that browser a person of its own', async () => {
    const credential = await credentialFor(server.url, server.signInCode());
    const tabs = await Promise.all([1, 2].map(async () => JoinResponse.parse((await joins({ credential })).body)));
    expect(tabs[0]?.identity).not.toBe(tabs[1]?.identity);
    const { token: earlier, identity } = tabs[0] ?? { token: '', identity: '' };
    expect(JoinResponse.parse((await joins({ credential, earlier })).body).identity).toBe(identity);
  });

  it('is made by an admin alone, and names the server as it was reached', async () => {
    const ask = (token?: string) =>
      call(server, 'POST', '/v1/sign-in-codes', { body: { room: 'hall' }, ...(token !== undefined && { token }) });
    const host = tokenOf({ identity: 'host', room: 'hall', grants: ['host', 'publish', 'subscribe'] });
    expect([(await ask()).status, (await ask(host)).status]).toEqual([401, 403]);
    const { code, link } = SignInLink.parse((await ask(admin())).body);
    expect(link).toBe(`${server.url}/room/hall#code=${code}`);
    await credentialFor(server.url, code);
  });

  it('stands in no line of the log', async () => {
    const lines: string[] = [];
    const write = (line: string) => void lines.push(line);
    const logged = await startTestServer({ log: pino({ level: 'trace' }, { write }) });
    try {
      const code = logged.signInCode();
      const credential = await credentialFor(logged.url, code);
      await call(logged, 'POST', '/v1/sign-in', { body: { code } });
      await joins({ credential }, {}, logged);
      await joins({ credential: 'wrong' }, {}, logged);
      expect(lines.join('\n')).toContain('server started');
      expect(lines.join('\n')).not.toContain(code);
      expect(lines.join('\n')).not.toContain(credential);
    } finally {
      await logged.close();
    }
  });

  it('is void, and so is every credential, once an admin has signed all browsers out', async () => {
    const other = await startTestServer();
    try {
      const credential = await credentialFor(other.url, other.signInCode());
      const code = other.signInCode();
      expect((await call(other, 'DELETE', '/v1/sign-in', { token: admin() })).status).toBe(204);
      const reply = await joins({ credential }, {}, other);
      expect([reply.status, codeOf(reply)]).toEqual([403, 'signedOut']);
      expect((await call(other, 'POST', '/v1/sign-in', { body: { code } })).status).toBe(403);
    } finally {
      await other.close();
    }
  });

  it('signs a browser in once, whose page may ask again, and answers it the same', async () => {
    const code = server.signInCode();
    const ask = async (attempt?: string) => {
      const reply = await call(server, 'POST', '/v1/sign-in', { body: { code, ...(attempt && { attempt }) } });
      return { status: reply.status, body: reply.body };
    };
    const mine = 'a random text of this browser';
    const first = await ask(mine);
    expect(first.status).toBe(201);
    expect(await ask(mine)).toEqual(first);
    for (const other of [undefined, 'a random text of another one']) expect((await ask(other)).status).toBe(403);
    expect((await ask('short')).status).toBe(400);
  });

  it('ends when the token of the admin who made it is revoked, with whom it let in, and not when that expires', async () => {
    const ask = async (token: string) =>
      SignInLink.parse((await call(server, 'POST', '/v1/sign-in-codes', { token, body: { room: 'mine' } })).body).code;
    const adminOf = (ttl: number) => tokenOf({ identity: 'admin', room: 'office', grants: ['admin'], ttl });
    const [revoked, expiring] = [adminOf(3600), adminOf(3)];
    const [used, unused, lasting] = [await ask(revoked), await ask(revoked), await ask(expiring)];
    const [credential, other] = [await credentialFor(server.url, used), await credentialFor(server.url, lasting)];
    const { token } = JoinResponse.parse((await joins({ credential })).body);
    const end = closed((await (await connect(server, token)).join()).socket);

    const list = '/v1/rooms/office/revocations';
    expect((await call(server, 'POST', list, { token: admin(), body: { token: revoked } })).status).toBe(204);
    expect((await end).code).toBe(CloseCode.revoked);
    const refused = await joins({ credential });
    expect([refused.status, codeOf(refused)]).toEqual([403, 'signedOut']);
    expect((await call(server, 'POST', '/v1/sign-in', { body: { code: unused } })).status).toBe(403);

    await expect.poll(async () => (await call(server, 'GET', '/v1/usage', { token: expiring })).status).toBe(401);
    expect((await joins({ credential: other })).status).toBe(201);
  });

  it('ends with everything that was given before for the room of that admin', async () => {
    const token = tokenOf({ identity: 'admin', room: 'closing', grants: ['admin'] });
    const { body } = await call(server, 'POST', '/v1/sign-in-codes', { token, body: { room: 'mine' } });
    const credential = await credentialFor(server.url, SignInLink.parse(body).code);
    const everything = {
      token: tokenOf({ identity: 'a', room: 'closing', grants: ['admin'] }),
      body: { everything: true },
    };
    expect((await call(server, 'POST', '/v1/rooms/closing/revocations', everything)).status).toBe(204);
    expect((await joins({ credential })).status).toBe(403);
  });

  it('cannot be opened by a page of another origin, which may not even ask', async () => {
    const headers = { Origin: 'http://localhost:8080', 'Access-Control-Request-Method': 'POST' };
    for (const path of ['/v1/sign-in', '/v1/join']) {
      const asked = await call(server, 'OPTIONS', path, { headers });
      expect(asked.headers.get('access-control-allow-origin')).toBeNull();
    }
    const simple = await fetch(`${server.url}/v1/sign-in`, {
      method: 'POST',
      headers: { 'Content-Type': 'text/plain', Origin: 'http://localhost:8080' },
      body: JSON.stringify({ code: server.signInCode() }),
    });
    expect(simple.status).toBe(400);
    expect(simple.headers.get('access-control-allow-origin')).toBeNull();
  });
});

describe('many people behind one address', () => {
  it('all come in with good invites while somebody among them guesses without a pause', async () => {
    const invite = server.invite('mine', ['subscribe'], 600);
    let guessing = true;
    const answers = new Map<number, number>();
    const guess = async (n: number) => {
      for (let turn = 0; guessing; turn++) {
        const { status } = await joins(n % 2 === 0 ? { invite: `${invite}${turn}` } : { credential: `guess ${turn}` });
        answers.set(status, (answers.get(status) ?? 0) + 1);
      }
    };
    const guesses = [0, 1, 2, 3].map(guess);
    await until(() => (answers.get(429) ?? 0) > 50);
    const people = await Promise.all(Array.from({ length: 100 }, () => joins({ invite })));
    const credential = await credentialFor(server.url, server.signInCode());
    guessing = false;
    await Promise.all(guesses);
    expect(new Set(people.map(({ status }) => status))).toEqual(new Set([201]));
    expect(SignInResponse.shape.credential.safeParse(credential).success).toBe(true);
    expect(answers.get(201)).toBeUndefined();
  });
});

describe('behind a trusted proxy', () => {
  const failures = async (at: TestServer, from: string) => {
    const statuses: number[] = [];
    for (let n = 0; n < 21; n++) statuses.push((await joins({ invite: 'x' }, { 'X-Forwarded-For': from }, at)).status);
    return statuses.at(-1);
  };

  it('each address that it names is slowed down by itself, and links say https', async () => {
    const proxied = await startTestServer({ trustedProxies: 'loopback' });
    try {
      expect(await failures(proxied, '203.0.113.1')).toBe(429);
      expect((await joins({ invite: 'x' }, { 'X-Forwarded-For': '203.0.113.2' }, proxied)).status).toBe(401);
      const headers = { 'X-Forwarded-Proto': 'https', 'X-Forwarded-Host': 'meet.example.org' };
      const token = tokenOf({ identity: 'host', room: 'hall', grants: ['host'] });
      const { body } = await call(proxied, 'POST', '/v1/rooms/hall/invites', { token, headers });
      expect((body as { link: string }).link).toMatch(/^https:\/\/meet\.example\.org\/room\/hall#invite=/);
    } finally {
      await proxied.close();
    }
  });

  it('and nowhere else is believed what a header says', async () => {
    const token = tokenOf({ identity: 'host', room: 'hall', grants: ['host'] });
    const headers = { 'X-Forwarded-Proto': 'https', 'X-Forwarded-Host': 'evil.example' };
    const { body } = await call(server, 'POST', '/v1/rooms/hall/invites', { token, headers });
    expect((body as { link: string }).link).toContain(`${server.url}/room/hall#invite=`);
    const strict = await startTestServer();
    try {
      expect(await failures(strict, '203.0.113.1')).toBe(429);
      expect((await joins({ invite: 'x' }, { 'X-Forwarded-For': '203.0.113.2' }, strict)).status).toBe(429);
    } finally {
      await strict.close();
    }
  });

  it('links carry the public address where one is configured, whatever a request says', async () => {
    const published = await startTestServer({ publicUrl: 'https://meet.example.org' });
    try {
      const token = tokenOf({ identity: 'host', room: 'hall', grants: ['host'] });
      const { body } = await call(published, 'POST', '/v1/rooms/hall/invites', { token });
      expect((body as { link: string }).link).toMatch(/^https:\/\/meet\.example\.org\/room\/hall#invite=/);
    } finally {
      await published.close();
    }
  });

  it('links carry the path that it has stripped, and from nobody else', async () => {
    const linkAt = async (at: TestServer) => {
      const token = tokenOf({ identity: 'host', room: 'hall', grants: ['host'] });
      const headers = { 'X-Forwarded-Prefix': '/booth' };
      return ((await call(at, 'POST', '/v1/rooms/hall/invites', { token, headers })).body as { link: string }).link;
    };
    expect(await linkAt(server)).toContain(`${server.url}/room/hall#invite=`);
    const proxied = await startTestServer({ trustedProxies: 'loopback' });
    try {
      expect(await linkAt(proxied)).toContain(`${proxied.url}/booth/room/hall#invite=`);
    } finally {
      await proxied.close();
    }
  });
});
