import { EventEmitter } from 'node:events';
import { ApiError, type Claims, CloseCode } from '@mediasoup-booth/protocol';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import { ReportedUsage } from '../../../../server/account/reported-usage.ts';
import { SharedConnectionLimiter } from '../../../../server/account/shared-connection-limiter.ts';
import { limits } from '../../../../server/limits.ts';
import { Metrics } from '../../../../server/metrics.ts';
import { SignallingConnection, type SignallingDeps } from '../../../../server/signalling/connection.ts';
import { RequestScheduler } from '../../../../server/signalling/request-scheduler.ts';
import { FakeClock } from '../../../../time/fake-clock.ts';
import { usageAccountingWith } from '../../../support/usage-accounting.ts';

/** A socket of `ws` whose network is in the hands of the test. */
class ScriptedSocket extends EventEmitter {
  bufferedAmount = 0;
  readonly sent: unknown[] = [];
  readonly ends: unknown[] = [];
  pings = 0;

  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }
  ping(): void {
    this.pings++;
  }
  close(code: number, reason: string): void {
    this.ends.push({ code, reason });
  }
  terminate(): void {
    this.ends.push('terminated');
    this.emit('close');
  }
  says(message: unknown): void {
    this.emit('message', Buffer.from(JSON.stringify(message)), false);
  }
}

/** Whatever follows from promises that have resolved has happened. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('a signalling connection', () => {
  const refuses = (reason: string) => () => {
    throw new ApiError('badToken', reason);
  };
  const good = (): Claims => ({
    sub: 'ana',
    jti: 'a',
    iat: 0,
    exp: 60,
    booth: { room: 'demo', grants: [], issuers: [] },
  });
  const revoked = (): Claims => {
    throw new ApiError('revoked', 'this invite was revoked');
  };

  const connected = (settings: Partial<SignallingDeps> = {}) => {
    const clock = new FakeClock();
    const socket = new ScriptedSocket();
    const deps: SignallingDeps = {
      iceServers: undefined,
      verify: refuses('the token is wrong'),
      enter: () => Promise.reject(new Error('no rooms here')),
      connectionLimiter: new SharedConnectionLimiter({
        limits: { connectionsPerMinute: 8, tokensPerMinute: 100_000 },
        nowMs: () => 0,
        counts: new Metrics(),
      }),
      usage: usageAccountingWith(),
      reportedUsage: new ReportedUsage({ nowMs: () => 0, tokensPerMinute: 100_000 }),
      interpreterStats: new Metrics().interpreters,
      renew: () => undefined,
      wallNow: () => 0,
      scheduler: new RequestScheduler(() => clock.now()),
      clock,
      joinWithinMs: limits.joinWithinMs,
      waitMs: limits.waitMs,
      log: pino({ level: 'silent' }),
      ...settings,
    };
    const connection = new SignallingConnection(socket as unknown as WebSocket, 'a token', deps, () => {});
    return { clock, socket, connection };
  };

  it('that nobody joins by is ended after 10 s', () => {
    const { clock, socket } = connected();
    clock.advance(9999);
    expect(socket.ends).toEqual([]);
    clock.advance(1);
    expect(socket.ends).toEqual([{ code: CloseCode.unauthorized, reason: expect.stringContaining('join') }]);
  });

  it('whose token is revoked while the room opens does not get in', async () => {
    const opening = Promise.withResolvers<never>();
    let asked = 0;
    const verifying = () => (asked++ === 0 ? good() : revoked());
    const { socket } = connected({ enter: () => opening.promise, verify: verifying });
    socket.says({ id: 1, method: 'join', data: {} });
    await settled();
    expect(socket.sent).toEqual([]);
    opening.resolve({} as never);
    await settled();
    expect(socket.ends).toEqual([{ code: CloseCode.revoked, reason: 'this invite was revoked' }]);
  });

  it('whose peer answers no ping is found dead', () => {
    const { socket, connection } = connected();
    connection.checkAlive();
    socket.emit('pong');
    connection.checkAlive();
    expect(socket.ends).toEqual([]);
    connection.checkAlive();
    expect(socket.pings).toBe(2);
    expect(socket.ends).toEqual(['terminated']);
  });

  it('whose peer does not read is cut off', async () => {
    const { socket } = connected();
    socket.bufferedAmount = limits.socketBacklogBytes;
    socket.says({ id: 1, method: 'too early', data: {} });
    await settled();
    expect(socket.ends).toEqual([]);
    socket.bufferedAmount++;
    socket.says({ id: 2, method: 'too early', data: {} });
    await settled();
    expect(socket.ends).toEqual(['terminated']);
  });

  it('gives a reason that fits into a close frame, cut between characters', async () => {
    const { socket } = connected({ verify: refuses('ñ'.repeat(200)) });
    socket.says({ id: 1, method: 'join', data: {} });
    await settled();
    const [{ reason }] = socket.ends as [{ reason: string }];
    expect(Buffer.byteLength(reason)).toBeLessThanOrEqual(123);
    expect(reason).toMatch(/^ñ+…$/);
    expect(socket.sent).toEqual([{ id: 1, ok: false, error: { code: 'badToken', message: 'ñ'.repeat(200) } }]);
  });
});
