import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join as pathOf } from 'node:path';
import { CloseCode, InviteResponse, JoinResponse, Problem } from '@mediasoup-booth/protocol';
import jsonwebtoken from 'jsonwebtoken';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { silentLog } from '../../bench/support/silent-log.ts';
import { openRevocationStore } from '../../cli/data-folder-stores.ts';
import { limits } from '../../server/limits.ts';
import {
  call,
  closed,
  connect,
  join,
  openSocket,
  person,
  secret,
  startTestServer,
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
const insideBy = (...who: { token: string }[]) => Promise.all(who.map(({ token }) => inside(token)));
const inside = async (token: string) => (await connect(server, token)).join();

describe('an invite that was revoked', () => {
  it('lets nobody in any more, neither by itself nor by what it was exchanged for', async () => {
    const { invite, id } = await invited('in');
    const { token } = await entered('in', invite);
    expect(await revoke('in', id)).toMatchObject({ status: 204 });
    expectProblem(await enter('in', invite), 403, 'revoked', WORDS);
    const end = closed(await openSocket(server, token));
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
    const disk = Promise.withResolvers<boolean>();
    const slow = await startTestServer({ revocationStore: { earlier: [], save: () => disk.promise } });
    try {
      const { invite, id } = await invited('slow', slow);
      const { token } = JoinResponse.parse((await enter('slow', invite, slow)).body);
      const end = closed((await (await connect(slow, token)).join()).socket);
      const answered = call(slow, 'DELETE', `/v1/rooms/slow/invites/${id}`, { token: hostOf('slow') });
      expect(await end).toMatchObject({ code: CloseCode.revoked });
      disk.resolve(true);
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
    await expect(inside(first.token)).rejects.toMatchObject({ code: 'closed', message: expect.stringMatching(WORDS) });
    expectProblem(await revoke('single', second.id, first.token), 403, 'revoked', WORDS);
    await inside(second.token);
  });
});

describe('a token that was replaced by another', () => {
  const made = async (ttl: number) => {
    const body = { identity: 'ben', ttl };
    const made = await call(server, 'POST', '/v1/rooms/swap/tokens', { token: hostOf('swap'), body });
    return JoinResponse.parse(made.body);
  };

  it('still sends its holder away, where the other ends sooner and is refused', async () => {
    const [long, short] = [await made(3600), await made(600)];
    const ben = await inside(long.token);
    const end = closed(ben.socket);
    await expect(ben.request('token.replace', { token: short.token })).rejects.toMatchObject({
      code: 'invalid',
      message: expect.stringMatching(/ends sooner/),
    });
    await revoke('swap', long.id, hostOf('swap'), 'tokens');
    expect(await end).toMatchObject({ code: CloseCode.revoked });
  });

  it('is replaced for revoking as well', async () => {
    const [first, second] = [await made(600), await made(3600)];
    const ben = await inside(first.token);
    const end = closed(ben.socket);
    await ben.request('token.replace', { token: second.token });
    await revoke('swap', second.id, hostOf('swap'), 'tokens');
    expect(await end).toMatchObject({ code: CloseCode.revoked });
  });
});

describe('revoking', () => {
  it('is for hosts of the room and admins', async () => {
    const { invite, id } = await invited('mine');
    const guest = tokenOf(person('ana', { room: 'mine' }));
    expectProblem(await revoke('mine', id, guest), 403, 'forbidden', /"host"/);
    expectProblem(await revoke('mine', id, hostOf('other')), 403, 'wrongRoom', /"other"/);
    expectProblem(await call(server, 'DELETE', `/v1/rooms/mine/invites/${id}`), 401, 'missingToken', /no token/);
    expectProblem(await revoke('other', id), 404, 'notFound', /issued nothing for room "other"/);
    expect(await enter('mine', invite)).toMatchObject({ status: 201 });
    const admin = tokenOf({ identity: 'root', room: 'any', grants: ['admin'] });
    expect(await revoke('mine', id, admin)).toMatchObject({ status: 204 });
    expectProblem(await enter('mine', invite), 403, 'revoked', WORDS);
  });

  it('is refused for ids that were never given out, of which thousands use up nothing, and for what is no id', async () => {
    const { invite, id } = await invited('odd');
    for (let n = 0; n < 1100; n += 50)
      for (const reply of await Promise.all(Array.from({ length: 50 }, () => revoke('odd', randomUUID()))))
        expectProblem(reply, 404, 'notFound', /issued nothing for room "odd".*revocations/);
    for (const id of ['x', '..%2f', 'a'.repeat(5000), '%00'])
      expectProblem(await revoke('odd', id), 400, 'invalid', /UUID/);
    expect(await enter('odd', invite)).toMatchObject({ status: 201 });
    expect(await revoke('odd', id)).toMatchObject({ status: 204 });
  });
});

describe('what an admin has given in other rooms', () => {
  const adminOf = (room: string) => tokenOf({ identity: 'root', room, grants: ['admin'] });

  /** An admin of the room `ops-…`, and whom they have given rights in the room `far-…`: an admin, a guest of an invite, and a reader. */
  async function given(n: number) {
    const [ops, far] = [`ops-${n}`, `far-${n}`];
    const make = async (room: string, token: string) => {
      const body = { identity: 'second', grants: ['admin', 'publish', 'subscribe'] };
      return JoinResponse.parse((await call(server, 'POST', `/v1/rooms/${room}/tokens`, { token, body })).body);
    };
    const leader = await make(ops, adminOf(ops));
    const child = await make(far, leader.token);
    const body = { grants: ['publish', 'subscribe', 'host'] };
    const made = await call(server, 'POST', `/v1/rooms/${far}/invites`, { token: leader.token, body });
    const { invite } = InviteResponse.parse(made.body);
    const guest = await entered(far, invite);
    const ends = (await insideBy(child, guest)).map(({ socket }) => closed(socket));
    const reading = await fetch(`${server.url}/v1/rooms/${far}/captions?language=en`, {
      headers: { Authorization: `Bearer ${guest.token}` },
    });
    const stays = await join(server, person('stays', { room: far }));
    return { ops, far, leader, child, guest, invite, ends, reading, stays };
  }

  it.each([
    ['is revoked by its id', 1],
    ['is revoked with everything of its room', 2],
  ])('ends there too, when the token that gave it %s', async (_how, n) => {
    const { ops, far, leader, child, guest, invite, ends, reading, stays } = await given(n);
    const token = adminOf(ops);
    const revoking =
      n === 1
        ? revoke(ops, leader.id, token, 'tokens')
        : call(server, 'POST', `/v1/rooms/${ops}/revocations`, { token, body: { everything: true } });
    expect(await revoking).toMatchObject({ status: 204 });
    for (const reply of await Promise.all([child, guest].map((who) => call(server, 'GET', '/v1/usage', who))))
      expectProblem(reply, 403, 'revoked', WORDS);
    expectProblem(await enter(far, invite), 403, 'revoked', WORDS);
    for (const end of await Promise.all(ends)) expect(end).toMatchObject({ code: CloseCode.revoked });
    expect(await reading.text()).toMatch(/event: end\ndata: .*revoked/);
    await stays.settled();
    const made = await call(server, 'POST', `/v1/rooms/${far}/tokens`, { token, body: { identity: 'new' } });
    await inside(JoinResponse.parse(made.body).token);
  });
});

describe('what a host has handed on', () => {
  const ownerOf = (room: string) => tokenOf({ identity: 'olga', room, grants: ['publish', 'subscribe', 'host'] });
  const made = async (room: string, token: string, body: object) =>
    JoinResponse.parse((await call(server, 'POST', `/v1/rooms/${room}/tokens`, { token, body })).body);
  const inviteBy = async (room: string, token: string, body: object = {}) =>
    InviteResponse.parse((await call(server, 'POST', `/v1/rooms/${room}/invites`, { token, body })).body);
  const coHost = { identity: 'carl', grants: ['publish', 'subscribe', 'host'] };
  const revocation = (room: string, token: string, body: object) =>
    call(server, 'POST', `/v1/rooms/${room}/revocations`, { token, body });

  it('ends with the host who is revoked: tokens, invites, guests, those who read captions, and whom they invited', async () => {
    const owner = ownerOf('chain');
    const carl = await made('chain', owner, coHost);
    const ana = await made('chain', carl.token, { identity: 'ana' });
    const { invite } = await inviteBy('chain', carl.token, { grants: ['publish', 'subscribe', 'host'] });
    const dora = await entered('chain', invite);
    const eve = await entered('chain', (await inviteBy('chain', dora.token)).invite);
    const ends = (await insideBy(carl, ana, dora, eve)).map(({ socket }) => closed(socket));
    const reading = await fetch(`${server.url}/v1/rooms/chain/captions?language=en`, {
      headers: { Authorization: `Bearer ${eve.token}` },
    });
    const stays = await inside((await made('chain', owner, { identity: 'stays' })).token);

    expect(await revoke('chain', carl.id, owner, 'tokens')).toMatchObject({ status: 204 });
    for (const end of await Promise.all(ends)) expect(end).toMatchObject({ code: CloseCode.revoked });
    expect(await reading.text()).toMatch(/event: end\ndata: .*revoked/);
    for (const { token } of [carl, ana, dora, eve])
      await expect(inside(token)).rejects.toMatchObject({ code: 'closed', message: expect.stringMatching(WORDS) });
    expectProblem(await enter('chain', invite), 403, 'revoked', WORDS);
    const renewed = await call(server, 'POST', '/v1/join', { body: { room: 'chain', invite, earlier: eve.token } });
    expectProblem(renewed, 403, 'revoked', WORDS);
    await stays.settled();
  });

  it('is revoked up to now by one call, for the host who calls', async () => {
    const [owner, other] = [ownerOf('everything'), ownerOf('everything')];
    const carl = await made('everything', owner, coHost);
    const { invite } = await inviteBy('everything', carl.token);
    const ana = await entered('everything', invite);
    const ben = await made('everything', other, { identity: 'ben' });
    const ends = (await insideBy(carl, ana)).map(({ socket }) => closed(socket));
    const stays = await inside(ben.token);

    expect(await revocation('everything', owner, { everything: true })).toMatchObject({ status: 204 });
    for (const end of await Promise.all(ends)) expect(end).toMatchObject({ code: CloseCode.revoked });
    expectProblem(await enter('everything', invite), 403, 'revoked', WORDS);
    await stays.settled();
    await inside((await made('everything', owner, { identity: 'new' })).token);
  });

  it('is revoked up to now for everybody by an admin, who stays', async () => {
    const admin = tokenOf({ identity: 'root', room: 'all', grants: ['admin'] });
    const ben = await made('all', ownerOf('all'), { identity: 'ben' });
    const end = closed((await inside(ben.token)).socket);
    const root = await inside(admin);
    expect(await revocation('all', admin, { everything: true })).toMatchObject({ status: 204 });
    expect(await end).toMatchObject({ code: CloseCode.revoked });
    await root.settled();
    await inside((await made('all', admin, { identity: 'new' })).token);
  });

  it('cannot be used against whoever gave it', async () => {
    const owner = await made('up', ownerOf('up'), { ...coHost, identity: 'olga' });
    const carl = await made('up', owner.token, coHost);
    expectProblem(
      await revoke('up', owner.id, carl.token, 'tokens'),
      403,
      'forbidden',
      /your own rights come from this/,
    );
    expectProblem(await revocation('up', carl.token, { token: owner.token }), 403, 'forbidden', /your own rights/);
    await inside(owner.token);
  });

  it('lasts no longer than what it was made with', async () => {
    const short = tokenOf({ identity: 'olga', room: 'short', grants: ['host'], ttl: 60 });
    const ends = Date.now() / 1000 + 60;
    const { invite, expires } = await inviteBy('short', short);
    for (const each of [expires, (await made('short', short, { identity: 'ana' })).expires])
      expect(each).toBeLessThanOrEqual(ends);
    expect((await entered('short', invite)).expires).toBeLessThanOrEqual(ends);
  });

  it('is handed on eight times at most', async () => {
    let token = ownerOf('deep');
    for (let n = 0; n < 8; n++) token = (await made('deep', token, { ...coHost, identity: `host-${n}` })).token;
    const refused = await call(server, 'POST', '/v1/rooms/deep/invites', { token });
    expectProblem(refused, 403, 'forbidden', /handed on 8 times/);
  });

  it('reaches neither beyond the room nor behind its back: no admins, no interpreters and nobody who is hidden', async () => {
    for (const body of [{ grants: ['admin'] }, { grants: ['interpret', 'subscribe'] }, { hidden: true }]) {
      const asked = { identity: 'x', ...body };
      const refused = await call(server, 'POST', '/v1/rooms/limits/tokens', { token: ownerOf('limits'), body: asked });
      expectProblem(refused, 403, 'forbidden', /only a token with the grant "admin"/);
      await made('limits', tokenOf({ identity: 'root', room: 'any', grants: ['admin'] }), asked);
    }
  });
});

describe('a token that another program has signed', () => {
  it('is revoked by the token itself', async () => {
    const claims = { sub: 'ana', jti: 'made-elsewhere', booth: { room: 'foreign', grants: ['subscribe'] } };
    const token = jsonwebtoken.sign(claims, secret, { expiresIn: '1h' });
    const end = closed((await inside(token)).socket);
    const body = { token };
    expect(
      await call(server, 'POST', '/v1/rooms/foreign/revocations', { token: hostOf('foreign'), body }),
    ).toMatchObject({ status: 204 });
    expect(await end).toMatchObject({ code: CloseCode.revoked });
    await expect(inside(token)).rejects.toMatchObject({ code: 'closed', message: expect.stringMatching(WORDS) });
  });

  it.each([
    ['was signed with another secret', jsonwebtoken.sign({ sub: 'x' }, 'x'.repeat(40)), 401, 'forgedToken'],
    ['is for another room', hostOf('elsewhere'), 403, 'wrongRoom'],
    ['is none', 'x', 401, 'badToken'],
  ])('is not revoked where it %s', async (_what, token, status, code) => {
    const reply = await call(server, 'POST', '/v1/rooms/foreign/revocations', {
      token: hostOf('foreign'),
      body: { token },
    });
    expect(Problem.parse(reply.body)).toMatchObject({ status, code });
  });
});

describe('a disk that takes nothing', () => {
  it('is told to whoever revokes (503), and the holder is sent away all the same', async () => {
    const full = await startTestServer({ revocationStore: { earlier: [], save: async () => false } });
    try {
      const { invite, id } = await invited('full', full);
      const { token } = JoinResponse.parse((await enter('full', invite, full)).body);
      const end = closed((await (await connect(full, token)).join()).socket);
      const answer = await call(full, 'DELETE', `/v1/rooms/full/invites/${id}`, { token: hostOf('full') });
      expectProblem(answer, 503, 'unavailable', /is revoked.*disk did not take that.*restart/);
      expect(await end).toMatchObject({ code: CloseCode.revoked });
      expectProblem(await enter('full', invite, full), 403, 'revoked', WORDS);
    } finally {
      await full.close();
    }
  });
});
