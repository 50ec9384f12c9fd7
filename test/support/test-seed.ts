/**
 * The seed of a test's random input: a new one for every run, printed when the test starts, or the one in `BOOTH_TEST_SEED`, with
 * which a run is repeated.
 *
 * @example
 * fc.assert(property, { seed: testSeed('transcript formats') }); // transcript formats: BOOTH_TEST_SEED=1234567
 */
export function testSeed(what: string): number {
  const given = process.env.BOOTH_TEST_SEED;
  const seed = given === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(given);
  if (!Number.isInteger(seed)) throw new Error(`BOOTH_TEST_SEED is a whole number, not "${given}"`);
  console.log(`${what}: BOOTH_TEST_SEED=${seed}`);
  return seed;
}
