/** What the service is shown of a meeting, the whole way: from Chromium's camera or screen to the simulated vendor. */
import { expect, it } from 'vitest';
import { talkAndShow } from '../support/picture-talk.ts';
import { sourcePicture } from '../support/video.ts';

it.each(['camera', 'screen'] as const)('shows what stands still once (%s), for one key frame', async (source) => {
  const { images, usage, keyFrames } = await talkAndShow({
    source,
    filming: { picture: sourcePicture() },
    seconds: 20,
  });
  expect(images).toHaveLength(1);
  expect(usage.total.kinds.picture).toMatchObject({ count: 1, money: expect.closeTo(0.00015, 4) });
  // A machine that is busy may be asked again before it has answered.
  expect(keyFrames).toBeLessThanOrEqual(2);
});
