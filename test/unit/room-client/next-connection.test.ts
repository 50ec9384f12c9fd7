import { describe, expect, it } from 'vitest';
import { NextConnection } from '../../../room-client/next-connection.ts';
import { FakeClock } from '../../../time/fake-clock.ts';

interface Connection {
  server: string;
  closed: boolean;
}

function setUp() {
  const clock = new FakeClock();
  const opened: Connection[] = [];
  const ready: string[] = [];
  const opening: { settle(error?: Error): void; lost(): boolean }[] = [];
  const next = new NextConnection<Connection>({
    open: (server, lost) =>
      new Promise((resolve, reject) => {
        const connection = { server, closed: false };
        opened.push(connection);
        opening.push({ lost, settle: (error) => (error ? reject(error) : resolve(connection)) });
      }),
    close(connection) {
      connection.closed = true;
    },
    clock,
  });
  const prepare = (server: string) => next.prepare({ server, ready: () => ready.push(server) });
  const settle = async (index: number, error?: Error) => {
    opening[index]?.settle(error);
    await new Promise((resolve) => setTimeout(resolve, 0));
  };
  return { clock, next, opened, ready, opening, prepare, settle };
}

describe('the connection to the server to which a room moves', () => {
  it('is the caller’s once it is open, and the server is told so', async () => {
    const { clock, next, opened, ready, prepare, settle } = setUp();
    prepare('a');
    expect(ready).toEqual([]);
    await settle(0);
    expect(ready).toEqual(['a']);
    expect(await next.take()).toBe(opened[0]);
    expect(await next.take()).toBeUndefined();
    clock.advance(60_000);
    next.close();
    expect([opened[0]?.closed, clock.pending]).toEqual([false, 0]);
  });

  it('is waited for where it is being opened', async () => {
    const { next, opened, prepare, settle } = setUp();
    prepare('a');
    const taken = next.take();
    await settle(0);
    expect(await taken).toBe(opened[0]);
    expect(opened[0]?.closed).toBe(false);
  });

  it('is closed as soon as it opens where it opens too late', async () => {
    const { clock, next, opened, ready, prepare, settle } = setUp();
    prepare('a');
    const taken = next.take();
    clock.advance(5000);
    expect(await taken).toBeUndefined();
    await settle(0);
    expect([opened[0]?.closed, ready, clock.pending]).toEqual([true, [], 0]);
  });

  it('is closed where the room does not move within a minute', async () => {
    const { clock, next, opened, prepare, settle } = setUp();
    prepare('a');
    await settle(0);
    clock.advance(59_999);
    expect(opened[0]?.closed).toBe(false);
    clock.advance(1);
    expect([opened[0]?.closed, await next.take()]).toEqual([true, undefined]);
  });

  it('makes way for one to another server', async () => {
    const { next, opened, ready, prepare, settle } = setUp();
    prepare('a');
    await settle(0);
    prepare('b');
    await settle(1);
    expect([opened[0]?.closed, ready]).toEqual([true, ['a', 'b']]);
    expect(await next.take()).toBe(opened[1]);
  });

  it('is none where it could not be opened, or was lost, and one of an earlier attempt takes nothing along', async () => {
    const { clock, next, opened, opening, ready, prepare, settle } = setUp();
    prepare('a');
    await settle(0, new Error('no'));
    expect([await next.take(), ready, clock.pending]).toEqual([undefined, [], 0]);
    prepare('b');
    await settle(1);
    expect([opening[0]?.lost(), next.connection === opened[1]]).toEqual([false, true]);
    expect([opening[1]?.lost(), await next.take(), clock.pending]).toEqual([true, undefined, 0]);
  });
});
