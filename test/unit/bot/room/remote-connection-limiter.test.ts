import { describe, expect, it } from 'vitest';
import { RemoteConnectionLimiter } from '../../../../bot/room/remote-connection-limiter.ts';
import { SignallingClient, type Socket } from '../../../../room-client/signalling-client.ts';
import { FakeClock } from '../../../../time/fake-clock.ts';

/** A server in the hands of the test. */
class FarEnd implements Socket {
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
  const server = new FarEnd();
  const connectionLimiter = new RemoteConnectionLimiter(new SignallingClient(server), clock);
  const reports = () => server.received.filter(({ method }) => method === 'session.used').map(({ data }) => data);
  return { clock, server, connectionLimiter, reports };
};

describe('the connectionLimiter of a room', () => {
  it('are asked of the server, which says when a reservation moves: each is told of its own', async () => {
    const { server, connectionLimiter } = connected();
    const heard: [string, number][] = [];
    const first = connectionLimiter.reserve((waitMs) => heard.push(['first', waitMs]));
    server.answers({ reservation: 1, waitMs: 500 });
    await expect(first).resolves.toBe(500);
    const second = connectionLimiter.reserve((waitMs) => heard.push(['second', waitMs]));
    server.answers({ reservation: 2, waitMs: 1500 });
    await expect(second).resolves.toBe(1500);
    server.moves(2, 60_000);
    server.moves(2, 30_000);
    server.moves(3, 1);
    expect(heard).toEqual([
      ['second', 60_000],
      ['second', 30_000],
    ]);
  });

  it('are told of as long as they are not due, whatever was reserved meanwhile', async () => {
    const { clock, server, connectionLimiter } = connected();
    const heard: number[] = [];
    const book = async (reservation: number, waitMs: number) => {
      const reserved = connectionLimiter.reserve((movedMs) => heard.push(movedMs));
      server.answers({ reservation, waitMs });
      await reserved;
    };
    await book(1, 500);
    await book(2, 1500);
    server.moves(1, 60_000);
    clock.advance(1500);
    await book(3, 59_000);
    server.moves(1, 70_000);
    server.moves(2, 1);
    expect(heard).toEqual([60_000, 70_000]);
  });

  it('report tokens once a second, together, and nothing where nothing was used', () => {
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

  it('report what is left before they end, and nothing afterwards', () => {
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

  it('are refused once the room is lost, also to who waits for an answer', async () => {
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
