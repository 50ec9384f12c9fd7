import { it } from 'vitest';
import { fuzz } from '../support/fuzzing.ts';
import { testSeed } from '../support/test-seed.ts';

it('20 000 messages that are nearly right are answered, and end nothing', async () => {
  await fuzz(20_000, testSeed('fuzzed messages'));
});
