/** What the service is shown of a meeting, the whole way: from Chromium's camera or screen to the simulated vendor. */
import { expect, it } from 'vitest';
import { talkAndShow } from '../support/picture-talk.ts';
import { sourcePicture } from '../support/video.ts';

it.each(['camera', 'screen'] as const)('shows what stands still once (%s), for one key frame', async (source) => {
  const cost = await talkAndShow({ source, filming: { picture: sourcePicture() }, seconds: 20 });
  console.log(source, JSON.stringify({ ...cost, usage: cost.usage.total.kinds.picture }));
  expect(cost.images.length).toBe(1);
  expect(cost.usage.total.kinds.picture).toMatchObject({ count: 1 });
  expect(cost.keyFrames).toBeLessThanOrEqual(1);
  expect(cost.received).toBeLessThan(cost.packets / 20);
});
