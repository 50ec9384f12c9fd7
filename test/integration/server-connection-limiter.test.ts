import { afterEach, describe, expect, it } from 'vitest';
import type { ServerOptions } from '../../server/server.ts';
import { systemClock } from '../../time/clock.ts';
import { Guest } from '../support/meeting.ts';
import { call, interpreter, join, person, startTestServer, type TestServer, tokenOf } from '../support/server.ts';
import { until } from '../support/until.ts';

describe('the connections of the account', () => {
  let server: TestServer;
  /** Time stands still unless the test moves it. */
  let nowMs = 0;
  afterEach(() => server.close());

  const started = async (options: Partial<ServerOptions> = {}) => {
    nowMs = 0;
    server = await startTestServer({ onDemand: false, clock: { ...systemClock, now: () => nowMs }, ...options });
  };
  const booth = (identity: string, room = identity) => join(server, interpreter(identity, { room }));
  /** The samples of `/metrics` that are Booth's. */
  const metrics = async (of = server): Promise<Record<string, number>> => {
    const { body } = await call(of, 'GET', '/metrics');
    const samples = String(body).matchAll(/^(booth_\S+) (\S+)$/gm);
    return Object.fromEntries([...samples].map(([, name, value]) => [name, Number(value)]));
  };

  it('are shared by the interpreters of all rooms, in the order of their requests', async () => {
    await started();
    const [ana, ben] = [await booth('ana'), await booth('ben')];
    const waits = [];
    for (const who of [ana, ben, ana, ben]) waits.push((await who.request('session.reserve', {})).waitMs);
    expect(waits).toEqual([0, 1000, 2000, 3000]);
  });

  it.each(['session.reserve', 'session.used', 'session.throttled'] as const)(
    'are for interpreters alone: %s needs the grant',
    async (method) => {
      await started();
      const ana = await join(server, person('ana', { grants: ['publish', 'subscribe', 'host', 'admin'] }));
      await expect(ana.request(method, { tokens: 1 })).rejects.toMatchObject({
        code: 'forbidden',
        message: expect.stringContaining('"interpret"'),
      });
      const booth = await join(server, interpreter('booth'));
      await expect(booth.request('session.reserve', {})).resolves.toMatchObject({ waitMs: 0 });
    },
  );

  it.each([-1, 0.5, 1e9, 'many'])('refuse a report of %s tokens', async (tokens) => {
    await started();
    const ana = await booth('ana');
    await expect(ana.request('session.used', { tokens } as never)).rejects.toMatchObject({ code: 'invalid' });
  });

  it('reserved by an interpreter whose socket is cut go to the next interpreter, which is notified', async () => {
    await started();
    const [ana, ben] = [await booth('ana'), await booth('ben')];
    for (let n = 0; n < 3; n++) await ana.request('session.reserve', {});
    const { reservation, waitMs } = await ben.request('session.reserve', {});
    expect(waitMs).toBe(3000);
    ana.socket.terminate();
    await expect(ben.hears('session.moved')).resolves.toEqual({ reservation, waitMs: 1000 });
    await expect(ben.request('session.reserve', {})).resolves.toMatchObject({ waitMs: 2000 });
  });

  it('are released when an interpreter joins again or its room is closed', async () => {
    await started();
    const ana = await booth('ana');
    for (let n = 0; n < 5; n++) await ana.request('session.reserve', {});
    const again = await booth('ana');
    await expect(again.request('session.reserve', {})).resolves.toMatchObject({ waitMs: 1000 });
    expect(await metrics()).toMatchObject({ booth_session_connect_queue_length: 1 });
    const token = tokenOf({ identity: 'root', grants: ['admin'] });
    await call(server, 'DELETE', '/v1/rooms/ana', { token });
    expect(await metrics()).toMatchObject({ booth_session_connect_queue_length: 0 });
  });

  it('wait for a minute, all of them, when the service throttles one interpreter', async () => {
    await started();
    const [ana, ben] = [await booth('ana'), await booth('ben')];
    await ana.request('session.reserve', {});
    const { reservation } = await ben.request('session.reserve', {});
    nowMs = 400;
    await ana.request('session.throttled', {});
    await expect(ben.hears('session.moved')).resolves.toEqual({ reservation, waitMs: 60_000 });
    await ana.settled();
    expect(ana.all('session.moved')).toEqual([]);
    await expect(ana.request('session.reserve', {})).resolves.toMatchObject({ waitMs: 61_000 });
  });

  it('of the last minute still count after a restart of the server, reservations do not', async () => {
    let saved: readonly number[] = [];
    const sessionBudget = { connectionsPerMinute: 2, tokensPerMinute: 100_000 };
    const store = (stored: readonly number[]) => ({
      stored,
      save(times: readonly number[]) {
        saved = times;
      },
    });
    await started({ sessionBudget, connectionStore: store([Date.now() - 120_000, Date.now() - 30_000]) });
    const ana = await booth('ana');
    await expect(ana.request('session.reserve', {})).resolves.toMatchObject({ waitMs: 0 });
    const { waitMs } = await ana.request('session.reserve', {});
    expect(waitMs).toBeGreaterThan(25_000);
    expect(waitMs).toBeLessThan(32_000);
    await server.close();

    const afterwards = saved;
    expect(afterwards.filter((time) => time <= Date.now())).toHaveLength(2);
    await started({ sessionBudget, connectionStore: store(afterwards) });
    const ben = await booth('ben');
    const again = await ben.request('session.reserve', {});
    expect(again.waitMs).toBeGreaterThan(20_000);
    expect(again.waitMs).toBeLessThan(32_000);
  });

  it('are refused, with what to do, to an interpreter that reserves without end', async () => {
    await started();
    const ana = await booth('ana');
    const results = await Promise.allSettled(Array.from({ length: 70 }, () => ana.request('session.reserve', {})));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(65);
    expect(results.at(-1)).toMatchObject({
      reason: { code: 'tooMany', message: expect.stringMatching(/ask again in a minute/) },
    });
  });

  it('are reserved through the room connection of an interpreter, which is notified of changes', async () => {
    await started({ sessionBudget: { connectionsPerMinute: 8, tokensPerMinute: 10_000 } });
    const { room } = await Guest.enter(server, interpreter('booth', { room: 'r' }));
    const other = await booth('other');
    await expect(room.connectionLimiter.reserve()).resolves.toBe(0);
    const moved: number[] = [];
    await expect(room.connectionLimiter.reserve((waitMs) => moved.push(waitMs))).resolves.toBe(1000);
    await other.request('session.throttled', {});
    await until(() => moved.length > 0);
    expect(moved).toEqual([60_000]);
    room.connectionLimiter.tokensUsed(9000.5);
    await until(() => moved.length > 1);
    expect(moved[1]).toBeGreaterThan(60_000);
    expect(await metrics()).toMatchObject({ booth_session_tokens_total: 9001 });
    room.connectionLimiter.tokensUsed(5);
    room.close();
    await expect.poll(() => metrics()).toMatchObject({ booth_session_tokens_total: 9006 });
    await expect(room.connectionLimiter.reserve()).rejects.toThrow(/closed/);
    room.connectionLimiter.throttled();
    room.connectionLimiter.tokensUsed(1);
  });

  describe('are measured, as is the rest of the server,', () => {
    it('for Prometheus, by each server for itself', async () => {
      await started();
      const other = await startTestServer({ onDemand: false });
      const ana = await booth('ana', 'r');
      await join(server, person('ben', { room: 'r' }));
      for (let n = 0; n < 3; n++) await ana.request('session.reserve', {});
      await ana.request('session.used', { tokens: 123 });
      await ana.request('session.throttled', {});
      expect(await metrics()).toMatchObject({
        booth_rooms: 1,
        booth_participants: 1,
        booth_interpreters: 1,
        booth_session_connections_total: 1,
        booth_session_connect_queue_length: 2,
        booth_session_tokens_total: 123,
        booth_session_throttled_total: 1,
      });
      nowMs = 61_000;
      expect(await metrics()).toMatchObject({
        booth_session_connections_total: 3,
        booth_session_connect_queue_length: 0,
        'booth_session_connection_wait_seconds_bucket{le="0.1"}': 1,
        'booth_session_connection_wait_seconds_bucket{le="60"}': 2,
        booth_session_connection_wait_seconds_sum: 121,
      });
      expect(await metrics(other)).toMatchObject({ booth_rooms: 0, booth_session_connections_total: 0 });
      await other.close();
    });

    it('to who asks without a token, as text that names nobody and is not saved', async () => {
      await started();
      await join(server, person('ben', { room: 'secret-room', name: 'Ben Nevis' }));
      const { status, type, body, headers } = await call(server, 'GET', '/metrics');
      expect(status).toBe(200);
      expect(type).toMatch(/^text\/plain; version=0\.0\.4/);
      expect(headers.get('cache-control')).toBe('no-store');
      expect(body).toContain('process_resident_memory_bytes');
      expect(body).not.toMatch(/secret-room|Nevis|ben/i);
    });
  });
});
