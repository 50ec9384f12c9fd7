/** The measure of what readers go through: each figure where something is wrong, so that it would show. */
import { describe, expect, it } from 'vitest';
import { CaptionWatch } from '../../../bench/caption-watch.ts';
import { figuresOf, measureRevisions } from '../../../bench/captions.ts';
import type { OutgoingCaption } from '../../../bot/captions/caption-channel.ts';
import { qwen3, qwen35, qwen38 } from '../../../config/models.ts';

type Text = Pick<OutgoingCaption, 'stable'> & Partial<OutgoingCaption>;

function read(...captions: [atMs: number, Text][]) {
  const watch = new CaptionWatch();
  const common = {
    type: 'caption',
    utterance: 'u',
    speaker: { id: 'a', name: 'A' },
    kind: 'original',
    start: 0,
  } as const;
  for (const [atMs, text] of captions) watch.see({ ...common, final: false, ...text }, atMs);
  return watch.metrics;
}

describe('who watches captions', () => {
  it('counts the characters that are taken back', () => {
    expect(read([0, { stable: 'the house' }], [1, { stable: 'the home is' }]).erased).toBe(3);
    expect(read([0, { stable: 'the house' }], [1, { stable: 'the house is' }]).erased).toBe(0);
    expect(read([0, { stable: 'the house' }], [1, { stable: '', utterance: 'v' }]).erased).toBe(0);
  });

  it('takes the time from when a word is first shown to when it is stable', () => {
    const { toStableMs } = read(
      [0, { stable: '', tentative: 'the' }],
      [300, { stable: 'the', tentative: ' horse' }],
      [500, { stable: 'the', tentative: ' house' }],
      [900, { stable: 'the house', tentative: ' is the' }],
      [1000, { stable: 'the house is the end.', final: true }],
    );
    // the, house, is, the, end
    expect(toStableMs).toEqual([300, 400, 100, 100, 0]);
  });

  it('does not take the beginning of a word for the word', () => {
    const { toStableMs } = read([0, { stable: 'un', tentative: 'done' }], [400, { stable: 'undone', final: true }]);
    expect(toStableMs).toEqual([400]);
  });

  it('counts the finals that correct', () => {
    expect(
      read(
        [0, { stable: 'a horse', corrected: 'a house', final: true }],
        [1, { stable: 'yes', final: true, utterance: 'v' }],
      ),
    ).toMatchObject({ finals: 2, corrected: 1 });
  });
});

it.each([qwen3, qwen35, qwen38].map(({ id, dialect }) => ({ id, dialect })))(
  'of $dialect, which revises, nothing is taken back and words are stable within a second',
  async (model) => {
    const metrics = await measureRevisions(model, { minutes: 2, seed: 7 });
    const figures = figuresOf(metrics);
    for (const { finals } of Object.values(metrics)) expect(finals).toBeGreaterThan(10);
    expect(figures.erased).toBe(0);
    expect(figures['stable.p50']).toBeLessThanOrEqual(1000);
    expect(figures.corrected).toBeLessThanOrEqual(0.05);
  },
);
