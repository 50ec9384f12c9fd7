/** Meetings in which everything goes wrong that can, decided by a seed: what was promised holds all the same. */
import { describe, expect, it } from 'vitest';
import { qwen3, qwen35, qwen38 } from '../../../config/models.ts';
import { Chaos } from '../../support/chaos.ts';

const models = [qwen3, qwen35, qwen38].map(({ id, dialect }) => ({ id, dialect }));
const MEETING_MS = 60_000;

describe.each(models)('$dialect', ({ id }) => {
  it.each([
    { what: 'loses nothing where only sessions are lost', seed: 1, loses: false, paraphrases: false },
    { what: 'loses next to nothing where each session says it otherwise', seed: 2, loses: false, paraphrases: true },
    { what: 'ends what it began, and itself, whatever the service does', seed: 3, loses: true, paraphrases: true },
    { what: 'does so, too, where it is closed in the middle of it all', seed: 7, loses: true, paraphrases: false },
  ])('$what', async ({ seed, loses, paraphrases }) => {
    const chaos = await Chaos.begin({ model: id, seed, ms: MEETING_MS, loses, paraphrases });
    await chaos.run();
    await chaos.judge();
    expect(chaos.problems).toEqual([]);
  });
});
