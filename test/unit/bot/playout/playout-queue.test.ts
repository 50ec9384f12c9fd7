import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { type PlayoutEvent, PlayoutQueue, type QueuedUtterance } from '../../../../bot/playout/playout-queue.ts';
import { tone } from '../../../support/sound.ts';

const RATE = 24_000;
const FRAME = 480;
const speaker = { id: 'ann', name: 'Ann' };
const utterance = (id: string): QueuedUtterance => ({ id, speaker });
/** Sound that says whose it is: every sample of it is `value`. */
const sound = (ms: number, value: number) => new Int16Array((RATE * ms) / 1000).fill(value);

class Player {
  readonly told: string[] = [];
  readonly queue = new PlayoutQueue({
    onEvent: ({ utterance: { id }, state }: PlayoutEvent) => this.told.push(`${id} ${state}`),
  });
  nowMs = 0;

  /** The frames of so many milliseconds, by the value in them; undefined: nothing to say. */
  plays(ms: number): (number | undefined)[] {
    return Array.from({ length: ms / 20 }, () => {
      const frame = this.queue.pull(FRAME, this.nowMs);
      this.nowMs += 20;
      if (frame) expect(frame).toHaveLength(FRAME);
      return frame?.[0];
    });
  }

  says(id: string, ms: number, value: number): void {
    this.queue.push(utterance(id), sound(ms, value), this.nowMs);
  }
}

describe('PlayoutQueue', () => {
  let player: Player;
  beforeEach(() => {
    player = new Player();
  });

  it('plays one voice at a time, in the order in which the utterances started', () => {
    player.says('a', 40, 1);
    player.says('b', 40, 2);
    player.says('a', 40, 1);
    player.queue.complete('b');
    player.queue.complete('a');
    expect(player.plays(140)).toEqual([1, 1, 1, 1, 2, 2, undefined]);
    expect(player.told).toEqual(['a started', 'a ended', 'b started', 'b ended']);
    expect(player.queue.isEmpty).toBe(true);
  });

  it('pads the end of an utterance with silence, and puts no two voices into one frame', () => {
    player.says('a', 30, 1);
    player.queue.complete('a');
    player.says('b', 20, 2);
    player.queue.complete('b');
    const frames = [1, 2, 3].map(() => player.queue.pull(FRAME, 0));
    expect([...new Set(frames[1])]).toEqual([1, 0]);
    expect([...new Set(frames[2])]).toEqual([2]);
  });

  it('plays all of the sound, in chunks of any size', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1500), { maxLength: 30 }), fc.integer({ min: 1, max: 960 }), (lengths, frame) => {
        const queue = new PlayoutQueue({ onEvent() {} });
        let n = 0;
        for (const length of lengths)
          queue.push(
            utterance('a'),
            Int16Array.from({ length }, () => (n++ % 30_000) + 1),
            0,
          );
        queue.complete('a');
        const heard: number[] = [];
        for (let part = queue.pull(frame, 0); part; part = queue.pull(frame, 0)) heard.push(...part);
        expect(heard.slice(0, n)).toEqual(Array.from({ length: n }, (_, i) => (i % 30_000) + 1));
        expect(heard.slice(n).every((sample) => sample === 0)).toBe(true);
        expect(heard.length - n).toBeLessThan(frame);
        expect(queue.isEmpty).toBe(true);
      }),
    );
  });

  it('reports the queued sound in milliseconds', () => {
    player.says('a', 1000, 1);
    player.says('b', 500, 2);
    expect(player.queue.queuedMs).toBe(1500);
    player.plays(100);
    expect(player.queue.queuedMs).toBe(1400);
  });

  it('waits 3 s for an utterance whose sound stops coming, then starts the next', () => {
    player.says('a', 40, 1);
    player.says('b', 40, 2);
    const heard = player.plays(3200);
    expect(heard.indexOf(2)).toBe((40 + 3000) / 20);
    expect(player.told).toEqual(['a started', 'a ended', 'b started']);
  });

  it('measures a stall from its own start, not from that of an earlier one', () => {
    player.says('a', 20, 1);
    player.plays(2000);
    player.says('a', 20, 1);
    player.says('b', 20, 2);
    const heard = player.plays(3200);
    expect(heard.indexOf(2)).toBe((20 + 3000) / 20);
  });

  it('reports when the current stall ends', () => {
    expect(player.queue.stallEndsAtMs).toBeUndefined();
    player.says('a', 40, 1);
    player.plays(40);
    expect(player.queue.stallEndsAtMs).toBeUndefined();
    player.nowMs = 500;
    player.plays(20);
    expect(player.queue.stallEndsAtMs).toBe(3500);
    player.plays(20);
    expect(player.queue.stallEndsAtMs).toBe(3500);
    player.says('a', 40, 1);
    player.plays(20);
    expect(player.queue.stallEndsAtMs).toBeUndefined();
  });

  it('plays the rest of a stalled utterance that is shorter than a frame before it ends', () => {
    player.says('a', 50, 1);
    player.says('b', 20, 2);
    const heard = player.plays(3200);
    expect(heard.slice(0, 3)).toEqual([1, 1, undefined]);
    expect(heard.slice((40 + 3000) / 20)).toEqual([1, 2, ...Array(6).fill(undefined)]);
  });

  it('does not start an utterance without sound', () => {
    player.says('a', 0, 1);
    player.queue.complete('a');
    player.queue.complete('never heard of');
    expect(player.plays(40)).toEqual([undefined, undefined]);
    expect(player.told).toEqual([]);
    expect(player.queue.isEmpty).toBe(true);
  });

  it('holds 120 s, and skips the oldest utterance that has not started for more', () => {
    player.says('a', 10_000, 1);
    player.plays(20);
    player.says('b', 60_000, 2);
    player.says('c', 40_000, 3);
    player.says('d', 30_000, 4);
    expect(player.told).toEqual(['a started', 'b skipped']);
    expect(player.queue.queuedMs).toBe(9980 + 40_000 + 30_000);
    for (const id of 'acd') player.queue.complete(id);
    const heard = player.plays(82_000);
    expect(heard).not.toContain(2);
    expect(player.queue.isEmpty).toBe(true);
  });

  it('plays nothing of a skipped utterance for which more sound comes', () => {
    player.says('a', 100, 1);
    player.plays(20);
    player.says('b', 100_000, 2);
    player.says('b', 30_000, 2);
    player.says('b', 1000, 2);
    player.queue.complete('b');
    player.says('c', 20, 3);
    player.queue.complete('a');
    player.queue.complete('c');
    expect(player.plays(200)).not.toContain(2);
    expect(player.told).toEqual(['a started', 'b skipped', 'a ended', 'c started', 'c ended']);
  });

  it('drops sound of the only utterance beyond 120 s', () => {
    player.says('a', 1000, 1);
    player.plays(20);
    for (let i = 0; i < 150; i++) player.says('a', 1000, 1);
    expect(player.queue.queuedMs).toBeLessThanOrEqual(120_000);
    expect(player.queue.queuedMs).toBeGreaterThan(118_000);
    expect(player.told).toEqual(['a started']);
  });

  describe('an utterance that is retracted', () => {
    it('is not played, and its next version is played in its turn', () => {
      player.says('a', 40, 1);
      player.says('b', 40, 2);
      player.says('c', 40, 3);
      expect(player.queue.retract('b')).toBe(true);
      player.says('b', 20, 4);
      for (const id of 'abc') player.queue.complete(id);
      expect(player.plays(120)).toEqual([1, 1, 3, 3, 4, undefined]);
      expect(player.told).toEqual(['a started', 'a ended', 'c started', 'c ended', 'b started', 'b ended']);
    });

    it('cannot be retracted after part of it was played', () => {
      player.says('a', 60, 1);
      player.plays(20);
      expect(player.queue.retract('a')).toBe(false);
      expect(player.queue.queuedMs).toBe(40);
      player.plays(40);
      player.queue.complete('a');
      player.plays(20);
      expect(player.queue.isEmpty).toBe(true);
      expect(player.queue.retract('a')).toBe(false);
    });

    it('may be unknown', () => {
      expect(player.queue.retract('a')).toBe(true);
      expect(player.told).toEqual([]);
    });

    it('does not delay others by its stall', () => {
      player.says('a', 10, 1);
      player.says('b', 10, 2);
      player.plays(20);
      expect(player.queue.stallEndsAtMs).toBe(3000);
      player.queue.retract('a');
      expect(player.queue.stallEndsAtMs).toBeUndefined();
      player.nowMs = 2000;
      expect(player.plays(2900)).not.toContain(2);
      expect(player.plays(200)).toContain(2);
    });

    it('does not change the stall of another utterance', () => {
      player.says('a', 10, 1);
      player.says('b', 10, 2);
      player.plays(20);
      player.queue.retract('b');
      expect(player.queue.stallEndsAtMs).toBe(3000);
    });
  });

  describe('an utterance that is cut short', () => {
    it('is played as far as it came, then reported as skipped; sound that comes later is not played', () => {
      player.says('a', 50, 1);
      player.says('b', 20, 2);
      player.queue.complete('b');
      player.plays(20);
      player.queue.cutShort(utterance('a'));
      player.says('a', 100, 1);
      expect(player.plays(80)).toEqual([1, 1, 2, undefined]);
      player.says('a', 100, 1);
      expect(player.plays(20)).toEqual([undefined]);
      expect(player.told).toEqual(['a started', 'a skipped', 'b started', 'b ended']);
    });

    it('is reported as skipped at once if there is nothing of it to play', () => {
      player.queue.cutShort(utterance('a'));
      expect(player.told).toEqual(['a skipped']);
      player.says('a', 100, 1);
      expect(player.plays(20)).toEqual([undefined]);
    });

    it('is reported once, however often it is cut short', () => {
      player.queue.cutShort(utterance('a'));
      player.queue.cutShort(utterance('a'));
      player.says('b', 20, 2);
      player.queue.cutShort(utterance('b'));
      player.queue.cutShort(utterance('b'));
      player.plays(40);
      player.queue.cutShort(utterance('b'));
      expect(player.told).toEqual(['a skipped', 'b started', 'b skipped']);
    });

    it('does not delay others if its sound had stalled', () => {
      player.says('a', 20, 1);
      player.says('b', 20, 2);
      player.queue.complete('b');
      player.plays(40);
      player.queue.cutShort(utterance('a'));
      expect(player.plays(20)).toEqual([2]);
      expect(player.told).toEqual(['a started', 'a skipped', 'b started', 'b ended']);
    });
  });

  describe('a late utterance', () => {
    const bob = { id: 'bob', name: 'Bob' };

    it('is reported with the time that it waited for its turn', () => {
      const delays: number[] = [];
      const queue = new PlayoutQueue({
        onEvent: (event) => event.state === 'started' && delays.push(event.delayMs),
      });
      queue.push(utterance('a'), sound(500, 1000), 0);
      queue.push(utterance('b'), sound(500, 2000), 100);
      for (const id of 'ab') queue.complete(id);
      for (let nowMs = 0; nowMs < 1000; nowMs += 20) queue.pull(FRAME, nowMs);
      expect(delays).toEqual([0, 400]);
    });

    it('is as late as the last queued sound would be, not as the length of a burst', () => {
      player.says('a', 9000, 1000);
      expect(player.queue.delayMs(0)).toBe(0);
      player.plays(1000);
      player.says('b', 1000, 2000);
      expect(player.queue.delayMs(1000)).toBe(8000);
      expect(player.queue.delayMs(1500)).toBe(8500);
    });

    it('counts the queued sound of an utterance that comes at the speed of speech, as it delays the next one', () => {
      for (let s = 0; s < 10; s++) {
        player.says('a', 1300, 1000);
        player.plays(1000);
      }
      expect(player.queue.delayMs(player.nowMs)).toBeGreaterThan(2000);
      player.queue.complete('a');
      expect(player.queue.delayMs(player.nowMs)).toBeLessThan(100);
    });

    it('is skipped beyond the maximum lag if something newer of the same speaker waits: the oldest, before it starts', () => {
      player.says('a', 12_000, 1000);
      player.says('b', 1000, 2000);
      player.plays(6000);
      player.says('c', 1000, 3000);
      for (const id of 'abc') player.queue.complete(id);
      const heard = player.plays(9000);
      expect(heard).not.toContain(2000);
      expect(heard).toContain(3000);
      expect(player.told).toEqual(['a started', 'a ended', 'b skipped', 'c started', 'c ended']);
      expect(player.queue.totals.skippedMs).toBe(1000);
    });

    it('is played late if nothing newer waits', () => {
      player.says('a', 12_000, 1000);
      player.says('b', 1000, 2000);
      for (const id of 'ab') player.queue.complete(id);
      expect(player.plays(14_000)).toContain(2000);
      expect(player.queue.totals.skippedMs).toBe(0);
    });

    it('is played at the same time as another speaker beyond the maximum lag, and never as a third voice', () => {
      player.says('a', 15_000, 1000);
      player.queue.push({ id: 'b', speaker: bob }, sound(4000, 2000), 0);
      player.queue.push({ id: 'c', speaker: { id: 'cy', name: 'Cy' } }, sound(4000, 4000), 0);
      for (const id of 'abc') player.queue.complete(id);
      const heard = player.plays(10_000);
      expect(heard.indexOf(3000) * 20).toBeGreaterThan(8000);
      expect(heard.indexOf(3000) * 20).toBeLessThan(8100);
      expect(Math.max(...heard.map((value) => value ?? 0))).toBe(3000);
      expect(player.told).toEqual(['a started', 'b started']);
      player.plays(10_000);
      expect(player.told.slice(2)).toEqual(['b ended', 'c started', 'a ended', 'c ended']);
      expect(player.queue.totals.skippedMs).toBe(0);
    });

    it('does not wrap around where two loud voices are mixed', () => {
      player.says('a', 12_000, 30_000);
      player.queue.push({ id: 'b', speaker: bob }, sound(1000, 30_000), 0);
      for (const id of 'ab') player.queue.complete(id);
      expect(player.plays(9000)).toContain(32_767);
    });

    it('is played to its end where the first voice has ended', () => {
      player.says('a', 10_000, 1000);
      player.queue.push({ id: 'b', speaker: bob }, sound(4000, 2000), 0);
      for (const id of 'ab') player.queue.complete(id);
      const heard = player.plays(13_000);
      expect(heard.filter((value) => value === 2000 || value === 3000).length).toBeGreaterThan(3000 / 20);
      expect(player.told).toEqual(['a started', 'b started', 'a ended', 'b ended']);
    });

    it('has one pause trimmed if one utterance ends and the next starts with silence', () => {
      const [word, silence] = [tone(200, 300, RATE), new Int16Array(0.3 * RATE)];
      player.says('a', 6000, 1000);
      for (const part of [word, silence]) player.queue.push(utterance('b'), part, 0);
      for (const part of [silence, word]) player.queue.push(utterance('c'), part, 0);
      for (const id of 'abc') player.queue.complete(id);
      player.plays(8000);
      expect(player.queue.totals.trimmedMs).toBeGreaterThan(340);
      expect(player.queue.totals.trimmedMs).toBeLessThanOrEqual(600 - 160);
    });

    it('has late phrases skipped at its pauses, which is reported at its end', () => {
      const [word, pause] = [tone(200, 1000, RATE), new Int16Array(RATE / 2)];
      player.says('a', 11_000, 1000);
      for (const part of [word, pause, word, pause, word]) player.queue.push(utterance('b'), part, 0);
      for (const id of 'ab') player.queue.complete(id);
      player.plays(16_000);
      expect(player.told).toEqual(['a started', 'a ended', 'b started', 'b skipped']);
      expect(player.queue.totals.skippedMs).toBeGreaterThan(1000);
      expect(player.queue.totals.skippedMs).toBeLessThan(2000);
    });
  });

  describe('an underrun', () => {
    it('is counted if sound stops in a word', () => {
      player.queue.push(utterance('a'), tone(200, 300, RATE), 0);
      player.plays(1000);
      player.queue.push(utterance('a'), tone(200, 300, RATE), 1000);
      player.queue.complete('a');
      player.plays(1000);
      expect(player.queue.totals.underruns).toBe(1);
    });

    it('is not counted if sound stops in a pause, or at the end', () => {
      player.queue.push(utterance('a'), tone(200, 300, RATE), 0);
      player.queue.push(utterance('a'), new Int16Array(RATE / 10), 0);
      player.plays(1000);
      player.queue.push(utterance('a'), tone(200, 300, RATE), 1000);
      player.queue.complete('a');
      player.plays(1000);
      expect(player.queue.totals.underruns).toBe(0);
    });
  });

  it('never alternates between two utterances, reports each in order, and never holds more than 120 s', {
    timeout: 60_000,
  }, () => {
    const id = fc.constantFrom('a', 'b', 'c', 'd');
    const step = fc.oneof(
      fc.record({ kind: fc.constant('add' as const), id, ms: fc.oneof(fc.nat(300), fc.nat(70_000)) }),
      fc.record({ kind: fc.constantFrom('complete', 'retract', 'cut'), id, ms: fc.constant(0) }),
      fc.record({ kind: fc.constant('play' as const), id, ms: fc.integer({ min: 1, max: 300 }).map((n) => n * 20) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const another = new Player();
        for (const one of steps) {
          if (one.kind === 'add') another.says(one.id, one.ms, 1);
          else if (one.kind === 'complete') another.queue.complete(one.id);
          else if (one.kind === 'retract') another.queue.retract(one.id);
          else if (one.kind === 'cut') another.queue.cutShort(utterance(one.id));
          else another.plays(one.ms);
          expect(another.queue.queuedMs).toBeLessThanOrEqual(120_000);
        }
        let playing: string | undefined;
        for (const told of another.told) {
          const [name, state] = told.split(' ');
          if (state === 'started') expect(playing).toBeUndefined();
          if (state === 'ended') expect(playing).toBe(name);
          playing = state === 'started' ? name : name === playing ? undefined : playing;
        }
        const skipped = another.told.filter((told) => told.endsWith('skipped'));
        expect(new Set(skipped).size).toBe(skipped.length);
      }),
      { numRuns: 60 },
    );
  });
});
