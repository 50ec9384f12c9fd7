import { describe, expect, it } from 'vitest';
import { lagOf } from '../../../../bench/lag.ts';
import { type Monologue, monologue } from '../../../../bench/monologue.ts';
import { SimulatedMeeting } from '../../../../bench/support/simulated-meeting.ts';
import { qwen38 } from '../../../../config/models.ts';
import { Random } from '../../../../engine/scripted/random.ts';
import { joined } from '../../../support/sound.ts';

const HOUR: Monologue = { minutes: 60, pauses: 0.15, ratio: 1.25, translates: 'meanwhile' };

describe('an hour of monologue whose translation is a quarter longer', () => {
  it.each([1200, 4000])(
    'stays within 4 s, loses next to nothing and never stops within a phrase (pauses of %i ms)',
    { timeout: 120_000 },
    (pauseMs) => {
      const arrivals = [...monologue({ ...HOUR, pauseMs })];
      const wholeMs = arrivals.reduce((sum, { samples }) => sum + samples.length / 24, 0);
      const lag = lagOf(arrivals);
      expect(wholeMs).toBeGreaterThan(60 * 60_000);
      expect(lag.p95).toBeLessThanOrEqual(4000);
      expect(lag.skipped).toBeLessThanOrEqual(0.02);
      expect(lag.underruns).toBe(0);
      const { playedMs, trimmedMs, stretchedMs, skippedMs } = lag.counts;
      expect(playedMs + trimmedMs + stretchedMs + skippedMs).toBeCloseTo(wholeMs, 0);
    },
  );

  it('would be minutes behind without lag control', { timeout: 120_000 }, () => {
    const lag = lagOf(monologue({ ...HOUR, minutes: 10, ratio: 1.5 }), { limitMs: Number.POSITIVE_INFINITY });
    expect(lag.max).toBeGreaterThan(20_000);
    expect(lag.skipped).toBe(0);
  });
});

describe('a quarter of an hour of the simulated vendor, whose translation is a quarter longer', () => {
  it('stays within 4 s, through gate, sessions and channel', { timeout: 120_000 }, async () => {
    const meeting = new SimulatedMeeting({
      model: qwen38.id,
      script: { paraphrases: false, answer: { msPerWord: 375 } },
    });
    const ann = meeting.person('ann', [{ source: 'en', target: 'es', audio: true }]);
    const random = new Random(5);
    while (meeting.clock.now() < 15 * 60_000)
      await meeting.hears(ann, meeting.words(random.between(10, 30)), random.between(600, 1600));
    await meeting.passes(10_000);
    meeting.close();
    const { playout, queue } = meeting.channel('es');
    const delays = playout.flatMap((event) => (event.state === 'started' ? event.delayMs : []));
    delays.sort((a, b) => a - b);
    expect(delays.length).toBeGreaterThan(90);
    expect(delays[Math.floor(delays.length * 0.95)]).toBeLessThanOrEqual(4000);
    expect(queue.counts.playedMs).toBeGreaterThan(13 * 60_000);
    expect(queue.counts).toMatchObject({ skippedMs: 0, underruns: 0 });
  });
});

describe('ten minutes whose translation is as long as the original', () => {
  it('reach the encoder as the engine sent them, sample by sample', { timeout: 120_000 }, () => {
    const arrivals = [...monologue({ ...HOUR, minutes: 10, ratio: 1 })];
    const frames: Int16Array[] = [];
    const lag = lagOf(arrivals, { onFrame: (frame) => frames.push(frame) });
    expect(lag.p95).toBeLessThan(100);
    expect(lag.counts).toMatchObject({ trimmedMs: 0, stretchedMs: 0, skippedMs: 0, underruns: 0 });
    const sent = joined(arrivals.map(({ samples }) => samples));
    expect(joined(frames).length).toBe(sent.length);
    expect(Buffer.from(joined(frames).buffer).equals(Buffer.from(sent.buffer))).toBe(true);
  });
});
