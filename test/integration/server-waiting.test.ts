import { CloseCode, type Notifications, type RequestData } from '@mediasoup-booth/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { limits } from '../../server/limits.ts';
import type { StoredRules } from '../../server/room/room-rules.ts';
import {
  call,
  closed,
  connect,
  interpreter,
  join,
  person,
  refused,
  startTestServer,
  type TestClient,
  type TestServer,
  tokenOf,
  type Who,
} from '../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

const host = (room: string): Who => person('hana', { room, grants: ['publish', 'subscribe', 'host'] });
const settle = (room: string, body: unknown, token = tokenOf(host(room)), at = server) =>
  call(at, 'PATCH', `/v1/rooms/${room}`, { token, body });

/** A room in which a host lets people in one by one. */
async function guarded(room: string, at = server): Promise<TestClient> {
  const hana = await join(at, host(room));
  expect(await settle(room, { waitingRoom: true }, undefined, at)).toMatchObject({
    status: 200,
    body: { waitingRoom: true },
  });
  return hana;
}

/** Somebody at the door. */
async function knocks(who: Who, at = server, wishes: RequestData<'join'> = {}): Promise<TestClient> {
  const guest = await connect(at, tokenOf(who));
  await expect(guest.join(wishes)).rejects.toEqual(refused('waiting', /one by one/));
  return guest;
}
const admit = (hana: TestClient, participantId: string) => hana.request('host.admit', { participantId });
const waitingAt = async (hana: TestClient) => {
  await hana.settled();
  return (hana.all('waitingRoom.updated').at(-1)?.waiting ?? hana.reply.waiting ?? []).map(({ id }) => id);
};

describe('a room whose host lets people in one by one', () => {
  it('is disabled at first; everyone is notified when a host enables it', async () => {
    const ana = await join(server, person('ana', { room: 'told' }));
    expect(ana.reply.room.waitingRoom).toBe(false);
    expect(ana.reply.waiting).toBeUndefined();
    await settle('told', { waitingRoom: true });
    await ana.hears('room.updated', ({ room }) => room.waitingRoom);
  });

  it('lets a person join once the host, who is notified, has admitted them', async () => {
    const hana = await guarded('admits');
    const ana = await knocks(person('ana', { room: 'admits', name: 'Ana' }));
    expect(await hana.hears('waitingRoom.updated')).toEqual({ waiting: [{ id: 'ana', name: 'Ana', hidden: false }] });
    expect(hana.all('participant.joined')).toEqual([]);
    await admit(hana, 'ana');
    await ana.hears('waitingRoom.admitted');
    await ana.join();
    expect(ana.reply.participants.map(({ id }) => id)).toEqual(['hana']);
    await hana.hears('participant.joined');
    expect(await waitingAt(hana)).toEqual([]);
    expect(ana.all('waitingRoom.updated')).toEqual([]);
  });

  it('lets a person join under the name alone that the host saw, until they have knocked again', async () => {
    const hana = await guarded('named');
    const who = person('eve', { room: 'named' });
    const eve = await knocks(who, server, { name: 'Eve' });
    await expect(eve.join({ name: 'Alice Smith' })).rejects.toEqual(refused('waiting', /wait/));
    await hana.hears('waitingRoom.updated', ({ waiting }) => waiting[0]?.name === 'Alice Smith');
    await admit(hana, 'eve');
    await eve.join({ name: 'The Boss' });
    expect(eve.reply.you.name).toBe('Alice Smith');
    eve.leave();
    await hana.hears('participant.left');
    expect((await join(server, who, { name: 'The Boss' })).reply.you.name).toBe('Alice Smith');
    await hana.request('host.remove', { participantId: 'eve' });
    const again = await knocks(who, server, { name: 'Eva' });
    await admit(hana, 'eve');
    await again.join({ name: 'The Boss' });
    expect(again.reply.you.name).toBe('Eva');
  });

  it('sends away whom the host refuses', async () => {
    const hana = await guarded('refuses');
    const ana = await knocks(person('ana', { room: 'refuses' }));
    const end = closed(ana.socket);
    await hana.request('host.deny', { participantId: 'ana' });
    expect(await end).toEqual({ code: CloseCode.denied, reason: expect.stringMatching(/did not let you in/) });
    expect(await waitingAt(hana)).toEqual([]);
  });

  it('sends no notifications and accepts no requests before somebody is admitted', async () => {
    const hana = await guarded('before');
    const ana = await knocks(person('ana', { room: 'before' }));
    await expect(ana.request('transport.create', { direction: 'recv' })).rejects.toEqual(refused('notJoined', /join/));
    await expect(ana.join()).rejects.toEqual(refused('waiting', /wait/));
    await join(server, interpreter('booth', { room: 'before' }));
    await hana.settled();
    expect(ana.told).toEqual([]);
    expect(await waitingAt(hana)).toEqual(['ana']);
  });

  it('knows again who was let in, however they lost the room, until the host removes them', async () => {
    const hana = await guarded('again');
    const ana = await knocks(person('ana', { room: 'again' }));
    await admit(hana, 'ana');
    await ana.join();
    ana.socket.terminate();
    await hana.hears('participant.left');
    const back = await join(server, person('ana', { room: 'again' }));
    const end = closed(back.socket);
    await hana.request('host.remove', { participantId: 'ana' });
    expect(await end).toMatchObject({ code: CloseCode.removed });
    await knocks(person('ana', { room: 'again' }));
  });

  it('does not ask people who are already in the room, and admits everybody when it is disabled', async () => {
    const ana = await join(server, person('ana', { room: 'switched' }));
    const hana = await guarded('switched');
    ana.leave();
    await hana.hears('participant.left');
    await join(server, person('ana', { room: 'switched' }));
    const ben = await knocks(person('ben', { room: 'switched' }));
    await settle('switched', { waitingRoom: false });
    await ben.hears('waitingRoom.admitted');
    await ben.join();
    await join(server, person('carl', { room: 'switched' }));
  });

  it('lets in interpreters, hosts and admins; who listens unseen waits like everybody', async () => {
    const hana = await guarded('kinds');
    await join(server, interpreter('booth', { room: 'kinds' }));
    await join(server, person('hugo', { room: 'kinds', grants: ['subscribe', 'host'] }));
    await join(server, person('root', { room: 'kinds', grants: ['subscribe', 'admin'] }));
    await knocks(person('screen', { room: 'kinds', grants: ['subscribe'], hidden: true }));
    expect(await hana.hears('waitingRoom.updated')).toMatchObject({ waiting: [{ id: 'screen', hidden: true }] });
  });

  it('applies to caption readers and transcripts over HTTP too', async () => {
    const hana = await guarded('http');
    const token = tokenOf(person('ana', { room: 'http' }));
    const read = (path: string) => call(server, 'GET', `/v1/rooms/http/${path}?language=en`, { token });
    for (const path of ['captions', 'transcript'])
      expect(await read(path)).toMatchObject({ status: 403, body: { code: 'notAdmitted' } });
    await knocks(person('ana', { room: 'http' }));
    expect(await read('captions')).toMatchObject({ status: 403 });
    await admit(hana, 'ana');
    const stream = await fetch(`${server.url}/v1/rooms/http/captions?language=en`, {
      headers: { Authorization: `Bearer ${token}` },
    });
    expect(stream.status).toBe(200);
    const ana = await join(server, person('ana', { room: 'http' }));
    await hana.hears('participant.joined');
    await hana.request('host.remove', { participantId: 'ana' });
    expect(await stream.text()).toContain('removed');
    expect(await read('captions')).toMatchObject({ status: 403 });
    ana.leave();
  });

  it('lets nobody in by an invite that is revoked meanwhile', async () => {
    const hana = await guarded('revoked');
    const token = tokenOf(host('revoked'));
    const body = { identity: 'ana' };
    const made = await call(server, 'POST', '/v1/rooms/revoked/tokens', { token, body });
    const pass = made.body as { token: string; id: string };
    const ana = await connect(server, pass.token);
    await expect(ana.join()).rejects.toEqual(refused('waiting', /./));
    const end = closed(ana.socket);
    await call(server, 'DELETE', `/v1/rooms/revoked/tokens/${pass.id}`, { token });
    expect(await end).toMatchObject({ code: CloseCode.revoked });
    expect(await waitingAt(hana)).toEqual([]);
  });
});

describe('who waits', () => {
  it('waits by the token, and under the name, with which they came last', async () => {
    const hana = await guarded('last');
    const token = tokenOf(host('last'));
    const make = async () => {
      const { body } = await call(server, 'POST', '/v1/rooms/last/tokens', { token, body: { identity: 'ana' } });
      return body as { token: string; id: string };
    };
    const [first, second] = [await make(), await make()];
    const before = await connect(server, first.token);
    await expect(before.join({ name: 'Ana' })).rejects.toEqual(refused('waiting', /./));
    const ana = await connect(server, second.token);
    await expect(ana.join({ name: 'Ana María' })).rejects.toEqual(refused('waiting', /./));
    await hana.hears('waitingRoom.updated', ({ waiting }) => waiting[0]?.name === 'Ana María');
    await call(server, 'DELETE', `/v1/rooms/last/tokens/${first.id}`, { token });
    expect(await waitingAt(hana)).toEqual(['ana']);
    const end = closed(ana.socket);
    await call(server, 'DELETE', `/v1/rooms/last/tokens/${second.id}`, { token });
    expect(await end).toMatchObject({ code: CloseCode.revoked });
  });

  it('is forgotten when they go, and is one however often they come', async () => {
    const hana = await guarded('gone');
    const first = await knocks(person('ana', { room: 'gone' }));
    const replaced = closed(first.socket);
    const second = await knocks(person('ana', { room: 'gone' }));
    expect(await replaced).toMatchObject({ code: CloseCode.replaced });
    expect(await waitingAt(hana)).toEqual(['ana']);
    second.socket.terminate();
    await hana.hears('waitingRoom.updated', ({ waiting }) => waiting.length === 0);
    await expect(admit(hana, 'ana')).rejects.toEqual(refused('notFound', /ana/));
  });

  it('refuses the 51st person who waits, and nobody who may join without waiting', async () => {
    const hana = await guarded('flood');
    const flood = await Promise.all(
      Array.from({ length: limits.waitingPerRoom }, (_, n) => knocks(person(`eve-${n}`, { room: 'flood' }))),
    );
    const late = await connect(server, tokenOf(person('late', { room: 'flood' })));
    await expect(late.join()).rejects.toEqual(refused('tooManyWaiting', /50 people wait/));
    expect(await waitingAt(hana)).toHaveLength(limits.waitingPerRoom);
    await join(server, person('hugo', { room: 'flood', grants: ['host'] }));
    flood[0]?.leave();
    await expect.poll(async () => (await waitingAt(hana)).length).toBe(limits.waitingPerRoom - 1);
    await expect(late.join()).rejects.toEqual(refused('waiting', /./));
  });

  it('limits how often hosts are notified of many who come and go', async () => {
    const hana = await guarded('restless');
    const eve = await connect(server, tokenOf(person('eve', { room: 'restless' })));
    const knocks = 200;
    for (let n = 1; n <= knocks; n++)
      await expect(eve.join({ name: `Eve ${n}` })).rejects.toEqual(refused('waiting', /./));
    const nobody = await connect(server, tokenOf(person('last', { room: 'restless' })));
    await expect(nobody.join()).rejects.toEqual(refused('waiting', /./));
    const names = ({ waiting }: Notifications['waitingRoom.updated']) => waiting.map(({ name }) => name).join();
    await hana.hears('waitingRoom.updated', (update) => names(update) === 'Eve 200,last');
    expect(hana.all('waitingRoom.updated').length).toBeLessThan(knocks);
  });

  it('is shown out when nobody lets them in', async () => {
    const impatient = await startTestServer({ waitMs: 200 });
    try {
      await guarded('late', impatient);
      const ana = await knocks(person('ana', { room: 'late' }), impatient);
      expect(await closed(ana.socket)).toEqual({
        code: CloseCode.waitedTooLong,
        reason: expect.stringMatching(/try again, or ask the host/),
      });
    } finally {
      await impatient.close();
    }
  });

  it('is sent to come again when the room closes', async () => {
    await guarded('closes');
    const ana = await knocks(person('ana', { room: 'closes' }));
    const end = closed(ana.socket);
    const admin = tokenOf({ identity: 'root', room: 'any', grants: ['admin'] });
    await call(server, 'DELETE', '/v1/rooms/closes', { token: admin });
    expect(await end).toMatchObject({ code: CloseCode.goingAway });
    await knocks(person('ana', { room: 'closes' }));
  });
});

describe('letting in', () => {
  it('is for hosts, and for who waits in their room', async () => {
    const hana = await guarded('mine');
    const other = await join(server, host('other'));
    const ana = await knocks(person('ana', { room: 'mine' }));
    await admit(hana, 'ana');
    await ana.hears('waitingRoom.admitted');
    await ana.join();
    await knocks(person('ben', { room: 'mine' }));
    for (const method of ['host.admit', 'host.deny'] as const) {
      await expect(ana.request(method, { participantId: 'ben' })).rejects.toEqual(refused('forbidden', /"host"/));
      await expect(other.request(method, { participantId: 'ben' })).rejects.toEqual(refused('notFound', /ben/));
      await expect(hana.request(method, { participantId: 'nobody' })).rejects.toEqual(refused('notFound', /nobody/));
      await expect(hana.request(method, { participantId: 7 } as never)).rejects.toEqual(refused('invalid', /./));
    }
    expect(await waitingAt(hana)).toEqual(['ben']);
  });

  it('can be enabled before anybody is in the room, by hosts and admins alone', async () => {
    expect(await settle('early', { waitingRoom: true })).toMatchObject({ status: 200 });
    await knocks(person('ana', { room: 'early' }));
    const guest = tokenOf(person('ana', { room: 'early' }));
    expect(await settle('early', { waitingRoom: false }, guest)).toMatchObject({ status: 403 });
    expect(await settle('early', { waitingRoom: false }, tokenOf(host('other')))).toMatchObject({ status: 403 });
    for (const body of [{}, { waitingRoom: 'yes' }, { open: true }])
      expect(await settle('early', body)).toMatchObject({ status: 400, body: { code: 'invalid' } });
    const hana = await join(server, host('early'));
    expect(hana.reply.waiting?.map(({ id }) => id)).toEqual(['ana']);
  });

  it('stays enabled over a restart, with the people who were admitted', async () => {
    let rules: StoredRules = [];
    const keep = async (all: StoredRules) => {
      rules = structuredClone(all);
      return true;
    };
    const remembering = () => startTestServer({ rulesStore: { earlier: rules, save: keep } });
    const first = await remembering();
    const hana = await guarded('restart', first);
    const ana = await knocks(person('ana', { room: 'restart' }), first);
    await admit(hana, 'ana');
    await ana.hears('waitingRoom.admitted');
    await first.close();
    const second = await remembering();
    try {
      await join(second, person('ana', { room: 'restart' }));
      await knocks(person('ben', { room: 'restart' }), second);
    } finally {
      await second.close();
    }
  });
});
