import { beforeEach, describe, expect, it } from 'vitest';
import { PersistentTextOutput } from '../../../../bot/room/persistent-text-output.ts';
import { FakeClock } from '../../../../time/fake-clock.ts';

/** A data channel of mediasoup, as far as it is used. */
class Channel {
  readyState = 'open';
  bufferedAmount = 0;
  readonly sent: string[] = [];
  closed = 0;
  lose = (): void => {};
  send(text: string): void {
    this.sent.push(text);
  }
}

const turns = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('a text output whose data channel cannot be opened', () => {
  let clock: FakeClock;
  let channels: Channel[];
  let isBroken: boolean;
  let events: string[];
  let output: PersistentTextOutput;
  const passTime = async (ms: number) => {
    clock.advance(ms);
    await turns();
  };
  beforeEach(() => {
    clock = new FakeClock();
    channels = [];
    isBroken = true;
    events = [];
    output = new PersistentTextOutput({
      open: async (onLost) => {
        if (isBroken) throw new Error('the server does not answer');
        const channel = new Channel();
        channel.lose = onLost;
        channels.push(channel);
        return { channel, close: () => channel.closed++ };
      },
      clock,
      events: { opened: () => events.push('opened'), failed: () => events.push('failed') },
    });
  });

  it('opens it later by itself, and then sends what waited, with no more than the last of each key', async () => {
    await expect(output.opened).rejects.toThrow('does not answer');
    output.send('hel', 'u1');
    output.send('hello', 'u1');
    output.send('hello!');
    await passTime(1000);
    expect(events).toEqual(['failed', 'failed']);
    isBroken = false;
    await passTime(2000);
    expect(events).toEqual(['failed', 'failed', 'opened']);
    expect(channels.map(({ sent }) => sent)).toEqual([['hello', 'hello!']]);
  });

  it('opens another one where it closed by itself, and sends on it what was said meanwhile', async () => {
    isBroken = false;
    await passTime(1000);
    output.send('one');
    channels[0]?.lose();
    output.send('two');
    await passTime(2000);
    output.send('three');
    expect(channels.map(({ sent }) => sent)).toEqual([['one'], ['two', 'three']]);
  });

  it('tries no more once it is closed, and closes what is open', async () => {
    isBroken = false;
    await passTime(1000);
    output.close();
    output.close();
    channels[0]?.lose();
    await passTime(60_000);
    expect(channels.map(({ closed }) => closed)).toEqual([1]);
    expect(clock.pending).toBe(0);
  });
});
