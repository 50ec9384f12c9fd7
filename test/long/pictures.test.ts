/** Five minutes of talk over something that stands still, and over something that moves, from Chromium to the simulated vendor. */
import { expect, it } from 'vitest';
import { type Cost, type Talk, talkAndShow } from '../support/picture-talk.ts';
import { sourcePicture } from '../support/video.ts';

const SECONDS = 300;

async function costOf(what: Pick<Talk, 'source'> & { moves?: boolean }): Promise<Cost> {
  const cost = await talkAndShow({
    source: what.source,
    filming: { picture: sourcePicture(), ...(what.moves && { moves: true }) },
    seconds: SECONDS,
  });
  const { images, keyFrames, received, packets, usage } = cost;
  const share = `${((100 * received) / packets).toFixed(1)} % of ${packets} packets`;
  const money = usage.total.kinds.picture.money?.toFixed(5);
  console.log(`${JSON.stringify(what)}: ${images.length} pictures, ${keyFrames} key frames, ${share}, ${money} USD`);
  return cost;
}

it.each(['camera', 'screen'] as const)('a still %s is shown once a minute, for a key frame each', async (source) => {
  const { images, keyFrames, received, packets, usage } = await costOf({ source });
  expect(images.length).toBeGreaterThanOrEqual(4);
  expect(images.length).toBeLessThanOrEqual(6);
  expect(usage.total.kinds.picture.count).toBe(images.length);
  expect(keyFrames).toBeLessThanOrEqual(images.length + 1);
  expect(received).toBeLessThan(packets / 20);
});

it('a film is shown every 2 s at most', async () => {
  const { images } = await costOf({ source: 'screen', moves: true });
  expect(images.length).toBeGreaterThan(10);
  const gaps = images.slice(1).map(({ atMs }, i) => atMs - (images[i]?.atMs ?? 0));
  expect(Math.min(...gaps)).toBeGreaterThan(1900);
});
