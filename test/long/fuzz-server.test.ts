import { it } from 'vitest';
import { fuzz } from '../support/fuzzing.ts';
import { testSeed } from '../support/test-seed.ts';

it('a million messages that are nearly right are answered, and end nothing', async () => {
  await fuzz(1_000_000, testSeed('a million fuzzed messages'));
});
