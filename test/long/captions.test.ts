/** Ten minutes of recorded human speech through the offline engine: what its readers go through. */
import { expect, it } from 'vitest';
import { figuresOf } from '../../bench/captions.ts';
import { measureHumanSpeech } from '../../bench/human-captions.ts';

it('takes nothing back, is stable within a second, and hardly ever corrects', async () => {
  const metrics = await measureHumanSpeech({ minutes: 10, seed: 1 });
  const figures = figuresOf(metrics);
  const finals = metrics.originals.finals + metrics.translations.finals;
  console.log({ ...figures, finals });
  expect(finals).toBeGreaterThan(150);
  expect(figures.erased).toBe(0);
  expect(figures['stable.p50']).toBeLessThanOrEqual(1000);
  expect(figures.corrected).toBeLessThanOrEqual(0.05);
  expect(figures.correctedOriginals).toBeLessThanOrEqual(0.05);
});
