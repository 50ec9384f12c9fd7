/** The line that tells how far a translation is, and the one that tells before what it would take. */
import { describe, expect, it } from 'vitest';
import { type Progress, progressLine } from '../../../cli/progress.ts';
import { translationEstimate } from '../../../cli/translation-estimate.ts';
import { type Model, offline, qwen3, qwen35 } from '../../../config/models.ts';

const half: Progress = {
  doneSeconds: 60,
  totalSeconds: 120,
  elapsedSeconds: 30,
  fromSeconds: 0,
  cost: undefined,
  lostSeconds: 0,
};

describe('the progress line', () => {
  it.each<[string, Partial<Progress>, string]>([
    ['how far it is, and the time left', {}, '[==========          ] 1:00 of 2:00 · 0:30 left'],
    [
      'cost, and what got no answer',
      { cost: 'USD 0.0312', lostSeconds: 1.25 },
      '[==========          ] 1:00 of 2:00 · 0:30 left · USD 0.0312 · 1.3 s lost',
    ],
    [
      'the time left by the rate since it was resumed',
      { fromSeconds: 30 },
      '[==========          ] 1:00 of 2:00 · 1:00 left',
    ],
    ['no time left before there is a rate', { elapsedSeconds: 1 }, '[==========          ] 1:00 of 2:00'],
    ['no time left where nothing is done yet', { doneSeconds: 0 }, '[                    ] 0:00 of 2:00'],
    ['no bar where the length is not known', { totalSeconds: undefined, doneSeconds: 3723 }, '1:02:03'],
    [
      'a full bar for a recording that is longer than it says',
      { doneSeconds: 130 },
      '[====================] 2:10 of 2:00 · 0:00 left',
    ],
  ])('tells %s', (_what, change, line) => {
    expect(progressLine({ ...half, ...change })).toBe(line);
  });
});

describe('the estimate', () => {
  const at = (model: Model) => ({ model, ...(model.url !== undefined && { url: model.url }) });
  const ofTwoHours = (model: Model, hasVoice = true) => translationEstimate(7200, 2, at(model), hasVoice);

  it('tells length, time and money', () => {
    const spoken = ofTwoHours(qwen3);
    expect(spoken).toMatch(
      /^estimate: 2:00:00 of speech into 2 languages · about 2:00:00 · at most USD \d+\.\d\d without pictures$/,
    );
    const money = (line: string) => Number(/USD ([\d.]+)/.exec(line)?.[1]);
    const written = money(ofTwoHours(qwen3, false));
    expect(written).toBeGreaterThan(0);
    expect(written).toBeLessThan(money(spoken));
    expect(money(spoken)).toBeCloseTo(4 * money(translationEstimate(3600, 1, at(qwen3), true)), 1);
  });

  it('names no price that is not known, and none of what is free', () => {
    expect(ofTwoHours(offline)).toMatch(/about 30:00 · free$/);
    expect(ofTwoHours(qwen35)).toMatch(/ · price not known$/);
  });

  it('says so where the length is not known', () => {
    expect(translationEstimate(undefined, 1, at(qwen3), true)).toBe('estimate: the length is not known');
  });
});
