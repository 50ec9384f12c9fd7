/** What the service is shown of a meeting, the whole way: from Chromium's camera or screen to the simulated vendor. */

import type { InterpreterView } from '@mediasoup-booth/protocol';
import { expect, it, onTestFinished } from 'vitest';
import { launchChromium } from '../support/chromium.ts';
import { film } from '../support/filmed.ts';
import { joinPage } from '../support/page.ts';
import { speechOf, talkAndShow } from '../support/picture-talk.ts';
import { ServedMeeting } from '../support/served.ts';
import { SimulatedVendor } from '../support/simulated-vendor.ts';
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

it('comes from a shared screen as everyone gets it: `booth start` with a key, whose host is told what was shown', async () => {
  const vendor = await SimulatedVendor.start();
  const meeting = await ServedMeeting.start({ DASHSCOPE_API_KEY: 'sk-any', BOOTH_LIVETRANSLATE_URL: vendor.url });
  const browser = await launchChromium({ microphone: speechOf(60) });
  onTestFinished(() => browser.close());
  const page = await joinPage(await browser.newContext({ bypassCSP: true, ...(await meeting.signedIn) }), {
    url: meeting.url,
    room: meeting.room,
    name: 'Jane',
    fragment: 'speak=en',
    before: async (lobby) => {
      await film(lobby, { picture: sourcePicture() });
      await lobby.reload();
      await lobby.getByLabel('Name').fill('Jane');
    },
  });
  await page.getByRole('button', { name: /share/i }).click();
  await meeting.listen('es');

  const images = async () => (await vendor.stats()).connections.flatMap(({ images }) => images);
  await expect.poll(images).not.toHaveLength(0);
  const [image] = await images();
  expect(image?.width).toBeGreaterThan(300);
  expect(image?.bytes).toBeLessThanOrEqual(100_000);

  const headers = { Authorization: `Bearer ${await meeting.token('host', '--grant', 'host')}` };
  const interpreter = async (): Promise<InterpreterView | undefined> => {
    const answer = await fetch(`${meeting.url}/v1/rooms/${meeting.room}/interpreters`, { headers });
    const { interpreters }: { interpreters: InterpreterView[] } = await answer.json();
    return interpreters[0];
  };
  await expect
    .poll(interpreter)
    .toMatchObject({ pictures: 'onChange', shown: { pictures: 1, tokens: expect.any(Number) } });
});
