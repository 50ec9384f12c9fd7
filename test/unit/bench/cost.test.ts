/** What a meeting costs against what it had to. */

import type { UsageEntry } from '@mediasoup-booth/protocol';
import { expect, it } from 'vitest';
import { meetingCost } from '../../../bench/cost.ts';
import { endpoints, qwen3, qwen35 } from '../../../config/models.ts';
import { pricingOf } from '../../../config/prices.ts';

const pricing = pricingOf(qwen3, endpoints.international);
const said = (sentMs: UsageEntry['sentMs'], outputAudio = 0): UsageEntry => ({
  speaker: { id: 'ann', name: 'Ann' },
  language: 'es',
  sentMs,
  pictures: 0,
  tokens: {
    inputAudio: ((sentMs.speech + sentMs.replayed + sentMs.silence) / 1000) * 12.5,
    inputImage: 0,
    inputText: 0,
    outputText: 0,
    outputAudio,
    total: 0,
  },
});
const wanted = [{ speaker: 'ann', language: 'es', speechMs: 100_000 }];

it('is as much where exactly what was said was sent', () => {
  const { money, ratio } = meetingCost(
    [said({ speech: 100_000, replayed: 0, silence: 0 }, 1000)],
    wanted,
    qwen3,
    pricing,
  );
  expect(ratio).toBeCloseTo(1, 9);
  expect(money).toBeCloseTo((1250 * 10 + 1000 * 38) / 1e6, 9);
});

it('is more for silence, for speech that nobody wanted, and for what was sent twice and came back twice', () => {
  const ratio = (sentMs: UsageEntry['sentMs'], output?: number) =>
    meetingCost([said(sentMs, output)], wanted, qwen3, pricing).ratio;
  expect(ratio({ speech: 100_000, replayed: 0, silence: 25_000 })).toBeCloseTo(1.25, 9);
  expect(ratio({ speech: 150_000, replayed: 0, silence: 0 })).toBeCloseTo(1.5, 9);
  expect(ratio({ speech: 100_000, replayed: 100_000, silence: 0 }, 2000)).toBeCloseTo(2, 9);
});

it('is less where something that was said was not sent', () => {
  const some = meetingCost([said({ speech: 50_000, replayed: 0, silence: 0 })], wanted, qwen3, pricing);
  expect(some.ratio).toBeCloseTo(0.5, 9);
});

it('is not to be told without prices', () => {
  expect(() => meetingCost([], wanted, qwen35, undefined)).toThrow(RangeError);
});
