import { describe, expect, it } from 'vitest';
import { percentile } from '../../../../bench/bench.ts';
import { lagOf } from '../../../../bench/lag.ts';
import { type Monologue, monologue } from '../../../../bench/monologue.ts';
import { SimulatedMeeting } from '../../../../bench/support/simulated-meeting.ts';
import { audienceOf, person } from '../../../../bench/support/views.ts';
import { qwen38 } from '../../../../config/models.ts';
import { Random } from '../../../../engine/scripted/random.ts';
import { joined } from '../../../support/sound.ts';

/** Of an hour it is `booth bench --only lag` that tells. */
const MINUTES = 20;
const MONOLOGUE: Monologue = { minutes: MINUTES, pauses: 0.15, ratio: 1.25, translates: 'meanwhile' };

describe(`${MINUTES} minutes of monologue whose translation is a quarter longer`, () => {
  it.each([1200, 4000])(
    'stays within 4 s, loses next to nothing and never stops within a phrase (pauses of %i ms)',
    (pauseMs) => {
      const arrivals = [...monologue({ ...MONOLOGUE, pauseMs })];
      const wholeMs = arrivals.reduce((sum, { samples }) => sum + samples.length / 24, 0);
      const lag = lagOf(arrivals);
      expect(wholeMs).toBeGreaterThan(MINUTES * 60_000);
      expect(lag.p95).toBeLessThanOrEqual(4000);
      expect(lag.skipped).toBeLessThanOrEqual(0.02);
      expect(lag.underruns).toBe(0);
      const { playedMs, trimmedMs, stretchedMs, skippedMs } = lag.totals;
      expect(playedMs + trimmedMs + stretchedMs + skippedMs).toBeCloseTo(wholeMs, 0);
    },
  );

  it('would be minutes behind without lag control', () => {
    const lag = lagOf(monologue({ ...MONOLOGUE, minutes: 10, ratio: 1.5 }), { maxLagMs: Number.POSITIVE_INFINITY });
    expect(lag.max).toBeGreaterThan(20_000);
    expect(lag.skipped).toBe(0);
  });
});

describe('five minutes of the simulated vendor, whose translation is a quarter longer', () => {
  it('sounds within 4 s of its first word, nothing of it is skipped, and it never stops in a phrase', async () => {
    const shownMs = new Map<string, number>();
    const meeting = await SimulatedMeeting.start([person('ann'), ...audienceOf('es')], {
      model: qwen38.id,
      script: { paraphrases: false, answer: { msPerWord: 375 } },
      maxLagMs: 8000,
      onCaption: ({ utterance, kind }) => {
        if (kind === 'translation' && !shownMs.has(utterance)) shownMs.set(utterance, meeting.room.now());
      },
    });
    const ann = meeting.speaker('ann');
    const random = new Random(5);
    while (meeting.clock.now() < 5 * 60_000)
      await meeting.utters(ann, meeting.words(random.between(10, 30)), random.between(600, 1600));
    await meeting.passTime(10_000);
    meeting.close();
    const playout = meeting.room.messages('es').filter((message) => message.type === 'playout');
    const started = playout.filter(({ state }) => state === 'started');
    const delays = started.map(({ utterance, at }) => at - (shownMs.get(utterance) ?? Number.NEGATIVE_INFINITY));
    expect(started.length).toBeGreaterThan(25);
    expect(percentile(delays, 0.95)).toBeLessThanOrEqual(4000);
    expect(playout.filter(({ state }) => state === 'skipped')).toEqual([]);
    expect(meeting.playedMs('es')).toBeGreaterThan(4 * 60_000);
    expect(meeting.stretchesOfSound('es'), 'each begins with an utterance').toBeLessThanOrEqual(started.length);
  });
});

describe('ten minutes whose translation is as long as the original', () => {
  it('reach the encoder as the engine sent them, sample by sample', () => {
    const arrivals = [...monologue({ ...MONOLOGUE, minutes: 10, ratio: 1 })];
    const frames: Int16Array[] = [];
    const lag = lagOf(arrivals, { onFrame: (frame) => frames.push(frame) });
    expect(lag.p95).toBeLessThan(100);
    expect(lag.totals).toMatchObject({ trimmedMs: 0, stretchedMs: 0, skippedMs: 0, underruns: 0 });
    const sent = joined(arrivals.map(({ samples }) => samples));
    expect(joined(frames).length).toBe(sent.length);
    expect(Buffer.from(joined(frames).buffer).equals(Buffer.from(sent.buffer))).toBe(true);
  });
});
