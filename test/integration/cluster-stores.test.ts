/** What servers share in Redis, with a real Redis that goes away, is emptied and comes back. */
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { z } from 'zod';
import { emptyTotals } from '../../account/usage-totals.ts';
import { RedisConnection } from '../../cluster/redis-connection.ts';
import { PIN_MS, RENEW_MS, RoomPins } from '../../cluster/room-pins.ts';
import { SharedGuessCounter } from '../../cluster/shared-guesses.ts';
import { SharedPermits } from '../../cluster/shared-permits.ts';
import { sharedOperators, sharedRevocations, sharedRules } from '../../cluster/shared-stores.ts';
import { SharedTable } from '../../cluster/shared-table.ts';
import { sharedUsage } from '../../cluster/shared-usage.ts';
import type { Logger } from '../../logging/logger.ts';
import type { ReservationHolder } from '../../server/account/shared-connection-limiter.ts';
import { OperatorAccess } from '../../server/auth/operator-access.ts';
import { RoomRules } from '../../server/room/room-rules.ts';
import { RedisServer } from '../support/redis-server.ts';
import { join, person, secret, startTestServer, tokenOf } from '../support/server.ts';

const log: Logger = { debug() {}, info() {}, warn() {}, error() {} };

let server: RedisServer;
beforeAll(async () => {
  server = await RedisServer.start();
});
afterAll(() => server.close());

/** A connection to a Redis in which nothing is yet: that of the file, or one that the test may kill. */
async function connections(count: number, own?: RedisServer): Promise<RedisConnection[]> {
  const made = await Promise.all(
    Array.from({ length: count }, () => RedisConnection.open({ url: (own ?? server).url, log })),
  );
  for (const redis of made) onTestFinished(() => redis.close());
  if (!own) await made[0]?.commands.flushall();
  for (const redis of made) await expect.poll(() => redis.isReady).toBe(true);
  return made;
}

async function ownServer(): Promise<RedisServer> {
  const own = await RedisServer.start();
  onTestFinished(() => own.close());
  return own;
}

const laterMs = () => Date.now() + 3_600_000;

describe('a shared table', () => {
  const open = (redis: RedisConnection) => SharedTable.open({ redis, name: 'words', schema: z.string(), log });

  it('tells the others at once what one has written or removed, and the later of two values stays', async () => {
    const [one, other] = await Promise.all((await connections(2)).map(open));
    const changes: unknown[] = [];
    other?.onChanged((...change) => changes.push(change));
    expect(await one?.put('a', 'first', laterMs())).toBe(true);
    await expect.poll(() => other?.get('a')).toBe('first');
    await other?.put('a', 'second', laterMs());
    await expect.poll(() => one?.get('a')).toBe('second');
    await one?.remove('a', laterMs());
    await expect.poll(() => other?.get('a')).toBeUndefined();
    expect(changes).toEqual([
      ['a', 'first'],
      ['a', undefined],
    ]);
  });

  it('hands in what was written while Redis was away, and writes again what Redis has lost', async () => {
    const own = await ownServer();
    const [one, other] = await Promise.all((await connections(2, own)).map(open));
    await one?.put('before', 'known to both', laterMs());
    await expect.poll(() => other?.get('before')).toBe('known to both');
    await own.kill();
    await expect.poll(() => one?.put('meanwhile', 'known to one', laterMs())).toBe(false);
    expect(one?.get('meanwhile')).toBe('known to one');
    await own.run();
    await expect.poll(() => other?.get('meanwhile')).toBe('known to one');
    const third = await open((await connections(1, own))[0] as RedisConnection);
    await expect.poll(() => third.get('before')).toBe('known to both');
  });

  it('forgets what is over', async () => {
    const [redis] = await connections(1);
    if (!redis) throw new Error('not connected');
    const at = { nowMs: 1000 };
    const table = await SharedTable.open({ redis, name: 'w', schema: z.string(), log, wallNow: () => at.nowMs });
    await table.put('a', 'for a second', 2000);
    at.nowMs = 2000;
    expect([table.get('a'), table.values.size]).toEqual([undefined, 0]);
  });
});

describe('what servers share', () => {
  it('revokes at every server at once: who came in elsewhere is sent away', async () => {
    const stores = await Promise.all((await connections(2)).map((redis) => sharedRevocations({ redis, log })));
    const [one, other] = await Promise.all(stores.map((revocationStore) => startTestServer({ revocationStore })));
    if (!one || !other) throw new Error('there are two');
    for (const each of [one, other]) onTestFinished(() => each.close());
    const ana = await join(other, person('ana'));
    const ended = new Promise<number>((resolve) => ana.socket.once('close', resolve));
    const answer = await fetch(`${one.url}/v1/rooms/demo/revocations`, {
      method: 'POST',
      headers: {
        Authorization: `Bearer ${tokenOf(person('root', { grants: ['admin'] }))}`,
        'Content-Type': 'application/json',
      },
      body: JSON.stringify({ everything: true }),
    });
    expect(answer.status).toBe(204);
    expect(await ended).toBe(4410);
  });

  it('keeps the rules of a room for whichever server opens it next', async () => {
    const stores = await Promise.all((await connections(2)).map((redis) => sharedRules({ redis, log })));
    const [one, other] = stores.map((store) => new RoomRules(store, Date.now));
    await one?.change('demo', { waitingRoom: true });
    one?.admit('demo', 'ana');
    await expect.poll(() => other?.isAdmitted('demo', 'ben', ['publish'])).toBe(false);
    await expect.poll(() => other?.isAdmitted('demo', 'ana', ['publish'])).toBe(true);
    await other?.change('demo', { waitingRoom: false });
    await expect.poll(() => one?.of('demo').waitingRoom).toBe(false);
  });

  it('exchanges the code of a sign-in link once, at any server, and signs out everywhere', async () => {
    const stores = await Promise.all((await connections(2)).map((redis) => sharedOperators({ redis, log })));
    const [one, other] = stores.map(
      (store) => new OperatorAccess({ secrets: [secret], store, isRevoked: () => false, wallNow: Date.now }),
    );
    if (!one || !other) throw new Error('there are two');
    const { code } = one.issueCode();
    const attempts = await vi.waitUntil(async () => {
      const all = await Promise.allSettled([one.exchange(code, 'a'), other.exchange(code, 'b')]);
      return all.some(({ status }) => status === 'fulfilled') && all;
    });
    const given = attempts.flatMap((attempt) => (attempt.status === 'fulfilled' ? [attempt.value.credential] : []));
    expect(given).toHaveLength(1);
    const [credential = ''] = given;
    for (const each of [one, other]) await expect.poll(() => each.originOf(credential)).toEqual({ issuers: [] });
    await one.signOutAll();
    await expect.poll(() => other.originOf(credential)).toBeUndefined();
  });

  it('exchanges no code while it cannot be known whether another server has', async () => {
    const own = await ownServer();
    const [redis] = await connections(1, own);
    if (!redis) throw new Error('not connected');
    const store = await sharedOperators({ redis, log });
    const access = new OperatorAccess({ secrets: [secret], store, isRevoked: () => false, wallNow: Date.now });
    const { code } = access.issueCode();
    await own.kill();
    await expect(access.exchange(code, 'a')).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('counts wrong attempts at all servers together, and goes on counting while Redis is away', async () => {
    const own = await ownServer();
    const [one, other] = (await connections(2, own)).map((redis) => new SharedGuessCounter(redis));
    const taken: boolean[] = [];
    for (let guess = 0; guess < 15; guess++)
      for (const each of [one, other]) taken.push((await each?.take('192.0.2.7', performance.now())) === true);
    const allowed = taken.filter(Boolean).length;
    expect(allowed).toBeGreaterThanOrEqual(20);
    expect(allowed).toBeLessThan(30);
    await own.kill();
    const alone = await Promise.all(Array.from({ length: 30 }, () => one?.take('192.0.2.7', performance.now())));
    expect(alone.filter(Boolean).length).toBeLessThan(30);
  });

  it('adds up what all servers use, and assumes the most while it does not hear of them', async () => {
    const own = await ownServer();
    const redis = await connections(2, own);
    const [one, other] = await Promise.all(
      redis.map((each, index) => sharedUsage({ redis: each, log, node: `http://${index}`, nodeCount: () => 3 })),
    );
    const used = (total: number) => ({ ...emptyTotals(), tokens: { ...emptyTotals().tokens, total } });
    const others = (total: number) => one?.others('2026-03-26', used(total)).tokens.total;
    other?.save('2026-03-26', used(500));
    await expect.poll(() => others(10)).toBe(500);
    await own.kill();
    await expect.poll(() => redis.some(({ isReady }) => isReady)).toBe(false);
    expect(others(15)).toBe(500 + 2 * 5);
    await own.run();
    await expect.poll(() => others(15)).toBe(500);
  });
});

describe('the permits of an account', () => {
  const holder = () => ({ notify: vi.fn() }) satisfies ReservationHolder;
  const counts = { connectionGranted: vi.fn(), tokensUsed: vi.fn(), throttled: vi.fn() };

  const permitsOf = (redis: readonly RedisConnection[]) =>
    redis.map(
      (each, index) =>
        new SharedPermits({
          redis: each,
          node: `http://${index}`,
          nodeCount: () => 2,
          limits: { connectionsPerMinute: 4, tokensPerMinute: 1_000_000 },
          nowMs: () => performance.now(),
          counts,
          log,
        }),
    );

  it('are one schedule: no two servers connect at once, and no more a minute than the account may', async () => {
    const [one, other] = permitsOf(await connections(2));
    const waits = await Promise.all(
      Array.from({ length: 6 }, async (_, index) => (await (index % 2 ? one : other)?.reserve(holder()))?.waitMs ?? 0),
    );
    const sorted = waits.toSorted((a, b) => a - b);
    for (const [index, wait] of sorted.entries())
      expect(wait - (sorted[index - 1] ?? -1000)).toBeGreaterThanOrEqual(900);
    expect(sorted[4]).toBeGreaterThan(50_000);
    expect((one?.waiting() ?? 0) + (other?.waiting() ?? 0)).toBe(5);
  });

  it('move the reservations of all servers when the service throttles one of them, or one leaves', async () => {
    const [one, other] = permitsOf(await connections(2));
    const [first, second] = [holder(), holder()];
    await one?.reserve(holder());
    await one?.reserve(first);
    const { reservation, waitMs } = (await other?.reserve(second)) ?? { reservation: 0, waitMs: 0 };
    one?.release(first);
    await expect.poll(() => second.notify.mock.lastCall?.[1].waitMs ?? waitMs).toBeLessThan(waitMs - 500);
    one?.throttled();
    await expect
      .poll(() => second.notify.mock.lastCall)
      .toEqual(['session.moved', { reservation, waitMs: expect.closeTo(60_000, -4) }]);
  });

  it('are shared out while Redis is away, and count in all again when it is back, though it was emptied', async () => {
    const own = await ownServer();
    const redis = await connections(2, own);
    const [one, other] = permitsOf(redis);
    await own.kill();
    await expect.poll(() => redis.some(({ isReady }) => isReady)).toBe(false);
    const alone = [];
    for (let each = 0; each < 3; each++) alone.push((await one?.reserve(holder()))?.waitMs ?? 0);
    expect(alone[1]).toBeLessThan(5000);
    expect(alone[2], 'its share of four is two').toBeGreaterThan(50_000);
    await own.run();
    await expect.poll(() => redis.every(({ isReady }) => isReady)).toBe(true);
    await delay(100);
    const waits = [];
    for (let each = 0; each < 2; each++) waits.push((await other?.reserve(holder()))?.waitMs ?? 0);
    expect(Math.max(...waits)).toBeGreaterThan(50_000);
  });
});

describe('the pins of rooms', () => {
  async function nodes(redis: readonly RedisConnection[], { bornMs = 1 } = {}) {
    if (bornMs) await redis[0]?.commands.set('pins-born', bornMs);
    const pins = redis.map((each, index) => new RoomPins({ redis: each, url: `http://${index}`, log, load: () => 0 }));
    for (const each of pins) {
      await each.announce();
      onTestFinished(() => each.close());
    }
    return pins;
  }

  it('give a room to one of all who ask at once, until that one releases it or goes', async () => {
    const [one, other] = await nodes(await connections(2));
    const owners = await Promise.all([one?.claim('demo'), other?.claim('demo')]);
    expect(owners.filter((owner) => owner === undefined)).toHaveLength(1);
    const [owner, asker] = owners[0] === undefined ? [one, other] : [other, one];
    const url = owner === one ? 'http://0' : 'http://1';
    expect(await asker?.find('demo')).toBe(url);
    await owner?.release('demo');
    expect(await asker?.claim('demo')).toBeUndefined();
    await asker?.close();
    expect(await owner?.claim('demo')).toBeUndefined();
  });

  it('hand a room over to another node, which has it from then on', async () => {
    const [one, other] = await nodes(await connections(2));
    expect(await one?.claim('demo')).toBeUndefined();
    await expect.poll(() => one?.nodes.length).toBe(2);
    expect(await one?.handOver('demo', 'http://1')).toBe(true);
    expect(await one?.claim('demo')).toBe('http://1');
    expect(await other?.claim('demo')).toBeUndefined();
    await one?.release('demo');
    expect(await one?.find('demo')).toBe('http://1');
    expect(await one?.handOver('demo', 'http://1')).toBe(false);
  });

  it('are opened ahead by the node to which they are about to move, and are its own when they have', async () => {
    const [one, other, third] = await nodes(await connections(3));
    const arrived: string[] = [];
    const lost: string[] = [];
    for (const each of [other, third]) {
      each?.onArrived((room) => arrived.push(room));
      each?.onLost((room) => lost.push(room));
    }
    expect(await one?.claim('demo')).toBeUndefined();
    await expect(other?.claim('demo', { ahead: true })).rejects.toMatchObject({ code: 'unavailable' });
    await expect.poll(() => one?.nodes.length).toBe(3);
    const url = await one?.announceMove('demo');
    expect(['http://1', 'http://2']).toContain(url);
    const [next, stranger] = url === 'http://1' ? [other, third] : [third, other];
    await expect(stranger?.claim('demo', { ahead: true })).rejects.toMatchObject({ code: 'unavailable' });
    expect(await next?.claim('demo', { ahead: true })).toBeUndefined();
    // For everybody else it is where it was, for longer than pins are good that nobody renews.
    expect(next?.isAhead('demo')).toBe(true);
    expect(await next?.claim('demo')).toBe('http://0');
    expect(await next?.find('demo')).toBe('http://0');
    await delay(PIN_MS + RENEW_MS);
    expect(await stranger?.find('demo')).toBe('http://0');
    expect([next?.isAhead('demo'), arrived, lost]).toEqual([true, [], []]);
    expect(await one?.handOver('demo', String(url))).toBe(true);
    expect(await next?.claim('demo')).toBeUndefined();
    expect([next?.isAhead('demo'), arrived, lost]).toEqual([false, ['demo'], []]);
  });

  it('that were opened ahead are the next node’s without a word, where the one that had them has handed them over or is gone', async () => {
    const redis = await connections(2);
    const [one, other] = await nodes(redis);
    const arrived: string[] = [];
    other?.onArrived((room) => arrived.push(room));
    for (const room of ['demo', 'hall']) expect(await one?.claim(room)).toBeUndefined();
    await expect.poll(() => one?.nodes.length).toBe(2);
    for (const room of ['demo', 'hall']) {
      expect(await one?.announceMove(room)).toBe('http://1');
      expect(await other?.claim(room, { ahead: true })).toBeUndefined();
    }
    expect(await one?.handOver('demo', 'http://1')).toBe(true);
    await expect.poll(() => arrived, { timeout: 10_000 }).toEqual(['demo']);
    // Its node dies without having handed it over.
    redis[0]?.commands.disconnect();
    await expect.poll(() => arrived, { timeout: 30_000 }).toEqual(['demo', 'hall']);
  });

  it('that have ended are opened ahead by nobody, and are closed by who has opened them ahead', async () => {
    const [one, other] = await nodes(await connections(2));
    const [arrived, lost]: [string[], string[]] = [[], []];
    other?.onArrived((room) => arrived.push(room));
    other?.onLost((room) => lost.push(room));
    for (const room of ['demo', 'hall']) expect(await one?.claim(room)).toBeUndefined();
    await expect.poll(() => one?.nodes.length).toBe(2);
    for (const room of ['demo', 'hall']) expect(await one?.announceMove(room)).toBe('http://1');
    expect(await other?.claim('hall', { ahead: true })).toBeUndefined();
    for (const room of ['demo', 'hall']) await one?.release(room);
    await expect(other?.claim('demo', { ahead: true })).rejects.toMatchObject({ code: 'unavailable' });
    await expect.poll(() => lost, { timeout: 10_000 }).toEqual(['hall']);
    expect([arrived, other?.isAhead('hall')]).toEqual([[], false]);
    // Whoever enters it anew begins another meeting.
    expect(await other?.claim('hall')).toBeUndefined();
  });

  it('are taken over from the node that says so, and not when a third one has them meanwhile', async () => {
    const [one, other, third] = await nodes(await connections(3));
    for (const room of ['demo', 'hall']) expect(await one?.claim(room)).toBeUndefined();
    await expect.poll(() => one?.nodes.length).toBe(3);
    const taken = async (room: string, meanwhile: (stranger: RoomPins | undefined) => Promise<unknown>) => {
      const url = await one?.announceMove(room);
      const [next, stranger] = url === 'http://1' ? [other, third] : [third, other];
      expect(await next?.claim(room, { ahead: true })).toBeUndefined();
      await meanwhile(stranger);
      return { url, isTaken: await next?.accept(room), isAt: await next?.claim(room) };
    };
    const { url, isTaken, isAt } = await taken('demo', async () => {});
    expect([isTaken, isAt]).toEqual([true, undefined]);
    expect(await one?.handOver('demo', String(url))).toBe(true);
    // The node that had it has given the move up, and people have met elsewhere.
    const late = await taken('hall', async (stranger) => {
      await one?.release('hall');
      expect(await stranger?.claim('hall')).toBeUndefined();
    });
    expect(late.isTaken).toBe(false);
    expect(late.isAt).toBe(late.url === 'http://1' ? 'http://2' : 'http://1');
  });

  it('spread rooms that are handed over at the same time, and lose none of them', async () => {
    const [one] = await nodes(await connections(3));
    const lost: string[] = [];
    one?.onLost((room) => lost.push(room));
    const rooms = Array.from({ length: 40 }, (_, index) => `demo-${index}`);
    for (const room of rooms) expect(await one?.claim(room)).toBeUndefined();
    await expect.poll(() => one?.nodes.length).toBe(3);
    const move = async (room: string) => {
      const target = await one?.announceMove(room);
      return target !== undefined && (await one?.handOver(room, target)) ? target : undefined;
    };
    const targets = await Promise.all([...rooms.map(move), one?.drain()]);
    const count = (url: string) => targets.filter((target) => target === url).length;
    expect(count('http://1') + count('http://2')).toBe(rooms.length);
    expect(Math.min(count('http://1'), count('http://2'))).toBeGreaterThan(0);
    expect(lost).toEqual([]);
  });

  it('are given to nobody for a while after Redis was emptied, in which nodes say again what they have', async () => {
    const redis = await connections(2);
    const [one, other] = await nodes(redis);
    expect(await one?.claim('demo')).toBeUndefined();
    await redis[0]?.commands.flushall();
    expect(await other?.claim('demo')).toBe('http://0');
    expect(await one?.claim('demo')).toBeUndefined();
  });

  it('tell the earlier of two nodes that have one room, and nobody else', async () => {
    const redis = await connections(2);
    const [one, other] = await nodes(redis);
    const lost: string[] = [];
    for (const [index, each] of [one, other].entries()) each?.onLost((room) => lost.push(`${index} ${room}`));
    expect(await one?.claim('demo')).toBeUndefined();
    await redis[1]?.commands.set('pin:demo', 'http://1', 'PX', 60_000);
    await expect.poll(() => lost).toEqual(['0 demo']);
    expect(await one?.find('demo')).toBe('http://1');
  });
});
