import { describe, expect, it } from 'vitest';
import { RemoteConnectionLimiter } from '../../../../bot/room/remote-connection-limiter.ts';
import { SignallingClient, type Socket } from '../../../../room-client/signalling-client.ts';
import { FakeClock } from '../../../../time/fake-clock.ts';

/** A server whose answers the test sends. */
class ScriptedServer implements Socket {
  readonly received: { id: number; method: string; data: unknown }[] = [];
  readonly #message = new Set<(event: { data: unknown }) => void>();
  readonly #close = new Set<(event: { code: number; reason: string }) => void>();

  send(text: string): void {
    this.received.push(JSON.parse(text));
  }
  close(): void {}
  addEventListener(type: 'message' | 'close', listener: (event: never) => void): void {
    if (type === 'message') this.#message.add(listener as (event: { data: unknown }) => void);
    else this.#close.add(listener as (event: { code: number; reason: string }) => void);
  }
  answers(data: object): void {
    this.#says({ id: this.received.at(-1)?.id, ok: true, data });
  }
  moves(reservation: number, waitMs: number): void {
    this.#says({ method: 'session.moved', data: { reservation, waitMs } });
  }
  ends(): void {
    for (const listener of this.#close) listener({ code: 1006, reason: '' });
  }
  #says(message: object): void {
    for (const listener of this.#message) listener({ data: JSON.stringify(message) });
  }
}

const connected = () => {
  const clock = new FakeClock();
  const server = new ScriptedServer();
  const connectionLimiter = new RemoteConnectionLimiter(new SignallingClient(server), clock);
  const reports = () => server.received.filter(({ method }) => method === 'session.used').map(({ data }) => data);
  return { clock, server, connectionLimiter, reports };
};

describe('the connection limiter of an interpreter in a room', () => {
  it('reserves with the server, and notifies each caller when its own reservation moves', async () => {
    const { server, connectionLimiter } = connected();
    const waits: [string, number][] = [];
    const first = connectionLimiter.reserve((waitMs) => waits.push(['first', waitMs]));
    server.answers({ reservation: 1, waitMs: 500 });
    await expect(first).resolves.toBe(500);
    const second = connectionLimiter.reserve((waitMs) => waits.push(['second', waitMs]));
    server.answers({ reservation: 2, waitMs: 1500 });
    await expect(second).resolves.toBe(1500);
    server.moves(2, 60_000);
    server.moves(2, 30_000);
    server.moves(3, 1);
    expect(waits).toEqual([
      ['second', 60_000],
      ['second', 30_000],
    ]);
  });

  it('notifies of moves until a reservation is due, whatever was reserved meanwhile', async () => {
    const { clock, server, connectionLimiter } = connected();
    const waits: number[] = [];
    const reserve = async (reservation: number, waitMs: number) => {
      const reserved = connectionLimiter.reserve((movedMs) => waits.push(movedMs));
      server.answers({ reservation, waitMs });
      await reserved;
    };
    await reserve(1, 500);
    await reserve(2, 1500);
    server.moves(1, 60_000);
    clock.advance(1500);
    await reserve(3, 59_000);
    server.moves(1, 70_000);
    server.moves(2, 1);
    expect(waits).toEqual([60_000, 70_000]);
  });

  it('reports tokens together once a second, and nothing when none were used', () => {
    const { clock, connectionLimiter, reports } = connected();
    connectionLimiter.tokensUsed(10.4);
    clock.advance(500);
    connectionLimiter.tokensUsed(20.4);
    clock.advance(499);
    expect(reports()).toEqual([]);
    clock.advance(1);
    expect(reports()).toEqual([{ tokens: 31 }]);
    clock.advance(10_000);
    connectionLimiter.tokensUsed(0);
    clock.advance(1000);
    connectionLimiter.tokensUsed(5);
    clock.advance(1000);
    expect(reports()).toEqual([{ tokens: 31 }, { tokens: 5 }]);
  });

  it('reports the last tokens when it is closed, and nothing afterwards', () => {
    const { clock, server, connectionLimiter, reports } = connected();
    connectionLimiter.tokensUsed(7);
    connectionLimiter.close();
    connectionLimiter.close();
    connectionLimiter.tokensUsed(8);
    connectionLimiter.throttled();
    clock.advance(2000);
    expect(reports()).toEqual([{ tokens: 7 }]);
    expect(server.received).toHaveLength(1);
    expect(clock.pending).toBe(0);
  });

  it('rejects reservations once the room is lost, pending ones too', async () => {
    const { server, connectionLimiter } = connected();
    const waiting = connectionLimiter.reserve();
    server.ends();
    await expect(waiting).rejects.toMatchObject({ code: 'closed' });
    await expect(connectionLimiter.reserve()).rejects.toMatchObject({ code: 'closed' });
    connectionLimiter.throttled();
    connectionLimiter.tokensUsed(1);
    connectionLimiter.close();
    expect(server.received).toHaveLength(1);
  });
});
