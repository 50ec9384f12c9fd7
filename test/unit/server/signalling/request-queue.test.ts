import { describe, expect, it } from 'vitest';
import { limits } from '../../../../server/limits.ts';
import { RequestQueue } from '../../../../server/signalling/request-queue.ts';
import { RequestScheduler } from '../../../../server/signalling/request-scheduler.ts';
import { FakeClock } from '../../../../time/fake-clock.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function setUp() {
  const clock = new FakeClock();
  const scheduler = new RequestScheduler(() => clock.now());
  const handled: string[] = [];
  const exceeded: string[] = [];
  const queue = (handle: (text: string) => Promise<void> | void) =>
    new RequestQueue({
      scheduler,
      clock,
      handle: async (message) => {
        handled.push(message.toString());
        await handle(message.toString());
      },
      onExceeded: (reason) => exceeded.push(reason),
    });
  return { clock, handled, exceeded, queue };
}

describe('the requests of several connections', () => {
  it('are handled in turns, so that a newcomer waits for one of a flooder and not for all', async () => {
    const { handled, queue } = setUp();
    const flooder = queue(() => {});
    const newcomer = queue(() => {});
    for (let n = 0; n < 4; n++) flooder.push(Buffer.from(`flood ${n}`));
    newcomer.push(Buffer.from('hello'));
    await turn();
    expect(handled.indexOf('hello')).toBe(1);
  });

  it('leave the rest of the process its turn after 5 ms', async () => {
    const { clock, handled, queue } = setUp();
    const slow = queue(() => clock.advance(2));
    const other = queue(() => clock.advance(2));
    for (let n = 0; n < 4; n++) for (const each of [slow, other]) each.push(Buffer.from(`${n}`));
    let between = -1;
    setImmediate(() => {
      between = handled.length;
    });
    await turn();
    await turn();
    await turn();
    expect(between).toBe(3);
    expect(handled).toHaveLength(8);
  });

  it('of one connection are under way four at once, and in order', async () => {
    const { handled, queue } = setUp();
    const { promise, resolve } = Promise.withResolvers<void>();
    const requests = queue(() => promise);
    for (let n = 0; n < 9; n++) requests.push(Buffer.from(`${n}`));
    await turn();
    expect(handled).toEqual(['0', '1', '2', '3']);
    resolve();
    for (let n = 0; n < 5; n++) await turn();
    expect(handled).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8']);
  });
});

describe('a connection', () => {
  it('may not have more than 512 requests under way', async () => {
    const { exceeded, queue } = setUp();
    const requests = queue(() => new Promise(() => {}));
    for (let n = 0; n < limits.requestsUnderWay; n++) requests.push(Buffer.from('x'));
    await turn();
    expect(exceeded).toEqual([]);
    requests.push(Buffer.from('x'));
    expect(exceeded).toEqual(['more than 512 requests under way']);
  });

  it('may not send more bytes a second than its limit, after a burst', async () => {
    const { clock, exceeded, queue } = setUp();
    const requests = queue(() => {});
    const message = Buffer.alloc(65_536);
    for (let sent = 0; sent < limits.requestBytes.burst; sent += message.length) {
      requests.push(message);
      await turn();
    }
    expect(exceeded).toEqual([]);
    clock.advance(1000);
    for (let sent = 0; sent < limits.requestBytes.perSecond; sent += message.length) requests.push(message);
    expect(exceeded).toEqual([]);
    requests.push(message);
    expect(exceeded).toEqual([`more than ${limits.requestBytes.perSecond} bytes a second`]);
  });

  it('pays for what it asks for, and is refused what it can no longer pay', () => {
    const { clock, exceeded, queue } = setUp();
    const requests = queue(() => {});
    const costs = Array.from({ length: limits.requests.burst / 20 }, () => requests.take(20));
    expect(costs).not.toContain(false);
    expect(requests.take(1)).toBe(false);
    expect(exceeded).toHaveLength(1);
    clock.advance(100);
    expect(requests.take(20)).toBe(true);
  });

  it('is not served once it was closed', async () => {
    const { handled, queue } = setUp();
    const requests = queue(() => {});
    requests.push(Buffer.from('x'));
    requests.close();
    requests.push(Buffer.from('y'));
    await turn();
    expect(handled).toEqual([]);
  });
});
