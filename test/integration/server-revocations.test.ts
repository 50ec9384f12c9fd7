import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join as pathOf } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { silentLog } from '../../bench/support/silent-log.ts';
import { openRevocationStore } from '../../cli/data-folder-stores.ts';
import { JoinResponse, Problem } from '../../protocol/rest.ts';
import { CloseCode } from '../../protocol/signalling.ts';
import { limits } from '../../server/limits.ts';
import {
  call,
  closed,
  join,
  openSocket,
  person,
  startTestServer,
  TestClient,
  type TestServer,
  tokenOf,
} from '../support/server.ts';

const hostOf = (room: string) => tokenOf({ identity: 'hana', room, grants: ['publish', 'subscribe', 'host'] });
const WORDS = /revoked.*ask the host for a new one/;

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

async function invited(room: string, at = server): Promise<{ invite: string; id: string }> {
  const { body } = await call(at, 'POST', `/v1/rooms/${room}/invites`, { token: hostOf(room) });
  return body as { invite: string; id: string };
}
const enter = (room: string, invite: string, at = server) =>
  call(at, 'POST', '/v1/join', { body: { room, invite, name: 'Ana' } });
const entered = async (room: string, invite: string) => JoinResponse.parse((await enter(room, invite)).body);
const revoke = (room: string, id: string, token = hostOf(room), kind = 'invites') =>
  call(server, 'DELETE', `/v1/rooms/${room}/${kind}/${id}`, { token });

function expectProblem(reply: Awaited<ReturnType<typeof call>>, status: number, code: string, detail: RegExp): void {
  expect(Problem.parse(reply.body)).toMatchObject({ status, code, detail: expect.stringMatching(detail) });
}
const inside = async (token: string) => new TestClient(await openSocket(server)).join(token);

describe('an invite that was revoked', () => {
  it('lets nobody in any more, neither by itself nor by what it was exchanged for', async () => {
    const { invite, id } = await invited('in');
    const { token } = await entered('in', invite);
    expect(await revoke('in', id)).toMatchObject({ status: 204 });
    expectProblem(await enter('in', invite), 403, 'revoked', WORDS);
    const socket = await openSocket(server);
    const end = closed(socket);
    await expect(new TestClient(socket).join(token)).rejects.toMatchObject({ code: 'revoked' });
    expect(await end).toEqual({ code: CloseCode.revoked, reason: expect.stringMatching(WORDS) });
    for (const path of ['captions?language=en', 'transcript?language=en'])
      expectProblem(await call(server, 'GET', `/v1/rooms/in/${path}`, { token }), 403, 'revoked', WORDS);
  });

  it('sends away everyone who came in by it, and nobody else', async () => {
    const [one, other] = [await invited('out'), await invited('out')];
    const hana = await join(server, person('hana', { room: 'out', grants: ['publish', 'subscribe', 'host'] }));
    const [ana, ben] = [await entered('out', one.invite), await entered('out', one.invite)];
    const gone = [await inside(ana.token), await inside(ben.token)].map(({ socket }) => closed(socket));
    const eve = await inside((await entered('out', other.invite)).token);
    await revoke('out', one.id);
    for (const end of gone)
      expect(await end).toEqual({ code: CloseCode.revoked, reason: expect.stringMatching(WORDS) });
    await hana.settled();
    expect(hana.all('participant.left').map(({ participantId }) => participantId)).toEqual([
      ana.identity,
      ben.identity,
    ]);
    await eve.settled();
  });

  it('ends who reads captions over HTTP by it', async () => {
    const { invite, id } = await invited('read');
    const { token } = await entered('read', invite);
    const reading = await fetch(`${server.url}/v1/rooms/read/captions?language=en`, {
      headers: { Authorization: `Bearer ${token}` },
    });
    await revoke('read', id);
    expect(await reading.text()).toMatch(/event: end\ndata: .*revoked/);
  });

  it('sends away who came in by it before the disk has taken it', async () => {
    const disk = Promise.withResolvers<void>();
    const slow = await startTestServer({ revocationStore: { earlier: [], save: () => disk.promise } });
    try {
      const { invite, id } = await invited('slow', slow);
      const { token } = JoinResponse.parse((await enter('slow', invite, slow)).body);
      const end = closed((await new TestClient(await openSocket(slow)).join(token)).socket);
      const answered = call(slow, 'DELETE', `/v1/rooms/slow/invites/${id}`, { token: hostOf('slow') });
      expect(await end).toMatchObject({ code: CloseCode.revoked });
      disk.resolve();
      expect(await answered).toMatchObject({ status: 204 });
    } finally {
      await slow.close();
    }
  });

  it('keeps nobody out who comes from the same address with another', async () => {
    const [gone, good] = [await invited('address'), await invited('address')];
    await revoke('address', gone.id);
    for (let n = 0; n <= limits.failedJoins.burst; n++)
      expectProblem(await enter('address', gone.invite), 403, 'revoked', WORDS);
    expect(await enter('address', good.invite)).toMatchObject({ status: 201 });
  });

  it('is the same in capitals', async () => {
    const { invite, id } = await invited('capitals');
    const end = closed((await inside((await entered('capitals', invite)).token)).socket);
    expect(await revoke('capitals', id.toUpperCase())).toMatchObject({ status: 204 });
    expect(await end).toMatchObject({ code: CloseCode.revoked });
    expectProblem(await enter('capitals', invite), 403, 'revoked', WORDS);
  });

  it('may be revoked twice', async () => {
    const { invite, id } = await invited('twice');
    expect(await revoke('twice', id)).toMatchObject({ status: 204 });
    expect(await revoke('twice', id)).toMatchObject({ status: 204 });
    expectProblem(await enter('twice', invite), 403, 'revoked', WORDS);
  });

  it('stays so over a restart, on the disk as soon as it was answered', async () => {
    const folder = await mkdtemp(pathOf(tmpdir(), 'booth-revoked-'));
    const remembering = () => startTestServer({ revocationStore: openRevocationStore(folder, silentLog) });
    const first = await remembering();
    const second = await invited('again', first).then(async ({ invite, id }) => {
      await call(first, 'DELETE', `/v1/rooms/again/invites/${id}`, { token: hostOf('again') });
      // Not closed, as a server that is killed is not.
      return { server: await remembering(), invite };
    });
    expectProblem(await enter('again', second.invite, second.server), 403, 'revoked', WORDS);
    await Promise.all([first.close(), second.server.close()]);
    await rm(folder, { recursive: true });
  });
});

describe('a token that was revoked', () => {
  it('lets its holder in no more, and others with the same identity do', async () => {
    const make = async () => {
      const body = { identity: 'ben', grants: ['publish', 'subscribe', 'host'] };
      const made = await call(server, 'POST', '/v1/rooms/single/tokens', { token: hostOf('single'), body });
      return JoinResponse.parse(made.body);
    };
    const [first, second] = [await make(), await make()];
    const end = closed((await inside(first.token)).socket);
    expect(await revoke('single', first.id, hostOf('single'), 'tokens')).toMatchObject({ status: 204 });
    expect(await end).toMatchObject({ code: CloseCode.revoked });
    await expect(inside(first.token)).rejects.toMatchObject({ code: 'revoked' });
    expectProblem(await revoke('single', second.id, first.token), 403, 'revoked', WORDS);
    await inside(second.token);
  });
});

describe('revoking', () => {
  it('is for hosts of the room and admins', async () => {
    const { invite, id } = await invited('mine');
    const guest = tokenOf(person('ana', { room: 'mine' }));
    expectProblem(await revoke('mine', id, guest), 403, 'forbidden', /"host"/);
    expectProblem(await revoke('mine', id, hostOf('other')), 403, 'wrongRoom', /"other"/);
    expectProblem(await call(server, 'DELETE', `/v1/rooms/mine/invites/${id}`), 401, 'missingToken', /no token/);
    // In a room of one's own, what is another room's means nothing.
    expect(await revoke('other', id)).toMatchObject({ status: 204 });
    expect(await enter('mine', invite)).toMatchObject({ status: 201 });
    const admin = tokenOf({ identity: 'root', room: 'any', grants: ['admin'] });
    expect(await revoke('mine', id, admin)).toMatchObject({ status: 204 });
    expectProblem(await enter('mine', invite), 403, 'revoked', WORDS);
  });

  it('what was never given out changes nothing; what is no id is refused', async () => {
    const { invite } = await invited('odd');
    expect(await revoke('odd', randomUUID())).toMatchObject({ status: 204 });
    for (const id of ['x', '..%2f', 'a'.repeat(5000), '%00'])
      expectProblem(await revoke('odd', id), 400, 'invalid', /UUID/);
    expect(await enter('odd', invite)).toMatchObject({ status: 201 });
  });
});
