/** Two people in a room hear and see each other, what they share, and who speaks. */
import type { Locator } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { film } from '../support/filmed.ts';
import { AUDIBLE, hears, loudness, microphone, tile } from '../support/page.ts';
import { PATIENCE, servePages } from '../support/served-pages.ts';
import { sourcePicture } from '../support/video.ts';

const { joins } = servePages();

describe('two people in a room', () => {
  it('hear and see each other, until one mutes', async () => {
    const complaints: string[] = [];
    const jane = await joins('Jane', {
      before: async (page) => {
        page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
        await page.getByRole('button', { name: 'Camera on' }).click();
        await page.getByLabel('Your camera').waitFor();
      },
    });
    const luis = await joins('Luis');

    await hears(jane, microphone);
    await hears(luis, microphone);
    const picture = tile(luis, 'Jane').locator('video');
    await expect
      .poll(() => picture.evaluate((video: HTMLVideoElement) => video.videoWidth), PATIENCE)
      .toBeGreaterThan(0);

    await jane.keyboard.press('m');
    await tile(luis, 'Jane').getByText('muted').waitFor({ state: 'attached' });
    await expect.poll(() => loudness(luis, microphone, 300), PATIENCE).toBeLessThan(AUDIBLE);
    await jane.keyboard.press('m');
    await hears(luis, microphone);

    await jane.getByRole('button', { name: 'Leave' }).click();
    await tile(luis, 'Jane').waitFor({ state: 'detached' });
    // A Content-Security-Policy that the page breaks would be complained of here.
    expect(complaints).toEqual([]);
  });

  it('see a shared screen large enough to read, and its end', async () => {
    const picture = sourcePicture();
    const jane = await joins('Jane', {
      before: async (page) => {
        await film(page, { picture });
        await page.reload();
        await page.getByLabel('Name').fill('Jane');
      },
    });
    const luis = await joins('Luis');
    await jane.getByRole('button', { name: 'Share' }).click();
    const shared = luis.locator('booth-tile[screen]');
    await shared.locator('video').waitFor();
    const widthOf = async (tile: Locator) => (await tile.boundingBox())?.width ?? 0;
    const people = luis.locator('booth-tile:not([screen])');
    expect(await widthOf(shared)).toBeGreaterThan(3 * (await widthOf(people.first())));
    expect((await shared.boundingBox())?.height).toBeGreaterThan(250);
    await luis.setViewportSize({ width: 390, height: 780 });
    await expect.poll(() => widthOf(shared), PATIENCE).toBeGreaterThan(350);

    await jane.getByRole('button', { name: 'Stop sharing' }).click();
    await shared.waitFor({ state: 'detached' });
  });

  it('are shown who speaks', async () => {
    await joins('Jane');
    const luis = await joins('Luis');
    await luis.locator('booth-tile[speaking]').filter({ hasText: 'Jane' }).waitFor();
  });
});
