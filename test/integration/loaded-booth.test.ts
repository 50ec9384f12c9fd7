/** The load of the benchmark: its people are really interpreted, and what it tells of them is so. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it, onTestFinished } from 'vitest';
import { LoadedBooth } from '../../bench/support/load/loaded-booth.ts';
import { monotonicMicroseconds, profileShares } from '../../bench/support/load/profile-shares.ts';

let booth: LoadedBooth | undefined;
afterEach(() => booth?.close());

it('has speakers translated, tells what that costs, and writes a profile of it', async () => {
  const profile = mkdtempSync(join(tmpdir(), 'booth-profile-'));
  onTestFinished(() => rmSync(profile, { recursive: true, force: true }));
  booth = await LoadedBooth.start({ profile });
  await booth.listen('one', 'es');
  await booth.attend('one');
  const speaker = await booth.speak('one');
  const from = monotonicMicroseconds();
  let usage = await booth.measure(5);
  while (usage.playedSeconds === 0) usage = await booth.measure(5);
  expect(usage.interpreters).toBeGreaterThan(0);
  expect(usage.residentMB).toBeGreaterThan(0);
  expect(usage.received).toBeGreaterThan(0);
  expect(usage.lostBefore).toBe(0);
  expect(usage.sentShare).toBeGreaterThan(0.5);
  speaker.leave();
  const { interpreters } = booth;
  expect(interpreters).toHaveLength(1);
  await booth.close();
  const window = { from, to: monotonicMicroseconds() };
  expect(readdirSync(profile)).not.toEqual([]);
  const [main] = profileShares(profile, interpreters, window);
  expect(main?.parts.map(([part]) => part)).toEqual(expect.arrayContaining(['opus: decode', 'werift-handler']));
});
