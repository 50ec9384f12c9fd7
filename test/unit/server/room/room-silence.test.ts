/** When a room may move: a clock of the test's, and a router that says when something sounds. */
import { EventEmitter } from 'node:events';
import type { Producer, Router } from 'mediasoup/types';
import { describe, expect, it } from 'vitest';
import { type SilenceOptions, untilSilence } from '../../../../server/room/room-silence.ts';
import { FakeClock } from '../../../../time/fake-clock.ts';

const LIMIT_MS = 20_000;
const STEP_MS = 100;

class Levels extends EventEmitter {
  closed = false;
  readonly heard: string[] = [];
  async addProducer({ producerId }: { producerId: string }): Promise<void> {
    if (producerId === 'closed') throw new Error('there is no such producer');
    this.heard.push(producerId);
  }
  close(): void {
    this.closed = true;
  }
}

/** One that is called `without levels` is measured by what it has sent. */
const producerOf = (id: string, sent: { bytes: number }) =>
  ({
    id,
    rtpParameters: {
      headerExtensions: id === 'without levels' ? [] : [{ uri: 'urn:ietf:params:rtp-hdrext:ssrc-audio-level', id: 1 }],
    },
    getStats: async () => [{ byteCount: sent.bytes }],
  }) as unknown as Producer;

function setUp({ interpreted = false, producers = ['voice'] } = {}) {
  const [clock, levels] = [new FakeClock(), new Levels()];
  const sent = { bytes: 0 };
  const captions = { open: false, listener: (_isFinal: boolean): void => {}, isSubscribed: false };
  const options: SilenceOptions = {
    router: { createAudioLevelObserver: async () => levels } as unknown as Router,
    audio: () => producers.map((id) => producerOf(id, sent)),
    captions: interpreted
      ? {
          isOpen: () => captions.open,
          onCaption(listener) {
            Object.assign(captions, { listener, isSubscribed: true });
            return () => {
              captions.isSubscribed = false;
            };
          },
        }
      : undefined,
    clock,
    limitMs: LIMIT_MS,
  };
  let isPause: boolean | undefined;
  void untilSilence(options).then((result) => {
    isPause = result;
  });
  /** Lets time pass, and what waits for it go on. */
  const pass = async (ms: number, each: () => void = () => {}) => {
    for (let passed = 0; passed < ms; passed += STEP_MS) {
      await new Promise((turn) => setImmediate(turn));
      each();
      clock.advance(STEP_MS);
    }
    await new Promise((turn) => setImmediate(turn));
  };
  const sounds = () => levels.emit('volumes', []);
  const writes = (isFinal: boolean) => {
    captions.open = !isFinal;
    captions.listener(isFinal);
  };
  return { levels, captions, sent, pass, sounds, writes, isPause: () => isPause };
}

describe('a room that nobody interprets', () => {
  it('moves when nothing has sounded for a second', async () => {
    const { levels, pass, sounds, isPause } = setUp();
    await pass(5000, sounds);
    await pass(800);
    expect(isPause()).toBeUndefined();
    await pass(400);
    expect([isPause(), levels.closed]).toEqual([true, true]);
  });

  it('moves while somebody speaks when there was no pause for too long', async () => {
    const { levels, pass, sounds, isPause } = setUp();
    await pass(LIMIT_MS - 400, sounds);
    expect(isPause()).toBeUndefined();
    await pass(600, sounds);
    expect([isPause(), levels.closed]).toEqual([false, true]);
  });

  it('hears by its size what comes without levels', async () => {
    const { sent, pass, isPause } = setUp({ producers: ['without levels'] });
    const speech = () => {
      sent.bytes += STEP_MS * 5;
    };
    const silence = () => {
      sent.bytes += STEP_MS * 1.5;
    };
    await pass(5000, speech);
    expect(isPause()).toBeUndefined();
    await pass(1600, silence);
    expect(isPause()).toBe(true);
  });

  it('listens to whoever is there, though somebody else has just left', async () => {
    const { levels, pass } = setUp({ producers: ['closed', 'voice'] });
    await pass(200);
    expect(levels.heard).toEqual(['voice']);
  });
});

describe('a room that is interpreted', () => {
  it('moves when what was said is written, and no caption has come for a while', async () => {
    const { captions, pass, sounds, writes, isPause } = setUp({ interpreted: true });
    await pass(2000, sounds);
    writes(false);
    await pass(2000);
    expect(isPause()).toBeUndefined();
    writes(true);
    await pass(600);
    expect(isPause()).toBeUndefined();
    await pass(400);
    expect([isPause(), captions.isSubscribed]).toEqual([true, false]);
  });

  it('does not take what was written of an earlier sentence for what was said last', async () => {
    const { pass, sounds, writes, isPause } = setUp({ interpreted: true });
    writes(true);
    await pass(1000, sounds);
    await pass(2500);
    expect(isPause()).toBeUndefined();
    await pass(1000);
    expect(isPause()).toBe(true);
  });

  it('moves after a longer silence where what sounded was no speech', async () => {
    const { pass, isPause } = setUp({ interpreted: true });
    await pass(2800);
    expect(isPause()).toBeUndefined();
    await pass(600);
    expect(isPause()).toBe(true);
  });
});
