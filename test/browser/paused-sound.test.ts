/** Sound that the system pauses, as a phone does when headphones are pulled out or a call comes in; here the test pauses the elements. */
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { qwen3 } from '../../config/models.ts';
import { attachTones, ChannelMeeting, FRENCH, hears, JANE, open, SPANISH } from '../support/channels-page.ts';
import { PATIENCE, servePages } from '../support/served-pages.ts';
import { RECORDED_TITLE } from '../support/tab-sound.ts';

const here = servePages({ server: { model: qwen3 }, chromium: { recordsTab: RECORDED_TITLE } });

const areElementsPaused = (page: Page) =>
  page.locator('audio').evaluateAll((elements) => elements.map((element) => (element as HTMLAudioElement).paused));
const allPlay = (page: Page) =>
  expect
    .poll(async () => {
      const paused = await areElementsPaused(page);
      return paused.length > 0 && !paused.includes(true);
    }, PATIENCE)
    .toBe(true);
const pauseAll = (page: Page) =>
  page.locator('audio').evaluateAll((elements) => {
    for (const element of elements) (element as HTMLAudioElement).pause();
    return elements.length;
  });

/** From now on the browser lets nothing play before the person taps the page or presses a key. */
const refuseUntilGesture = (page: Page) =>
  page.evaluate(() => {
    const { play } = HTMLMediaElement.prototype;
    HTMLMediaElement.prototype.play = async () => {
      throw new DOMException('A gesture is needed.', 'NotAllowedError');
    };
    const allow = () => {
      HTMLMediaElement.prototype.play = play;
    };
    for (const gesture of ['pointerup', 'keydown']) addEventListener(gesture, allow, { once: true, capture: true });
  });

const meet = async () => {
  await ChannelMeeting.begin(here);
  const page = await here.joins('Ben');
  await allPlay(page);
  return page;
};

/** Somebody in the hall who hears the room on a phone. */
const listenOnPhone = async () => {
  await ChannelMeeting.begin(here);
  const page = await (await here.somebody({ hasTouch: true })).newPage();
  await page.goto(`${here.server.url}/listen/${here.room}?language=es#${here.guest(['subscribe']).fragment}`);
  await page.getByRole('button', { name: 'Listen' }).click();
  await allPlay(page);
  return page;
};

const pages: [string, () => Promise<Page>, notice: string][] = [
  ['the meeting page', meet, 'The browser keeps this page silent until you touch it.'],
  ['the page for the hall', listenOnPhone, 'The browser waits for a tap before it plays sound.'],
];

describe.each(pages)('sound that is paused on %s', (_, begin, notice) => {
  it('comes back by itself', async () => {
    const page = await begin();
    expect(await pauseAll(page)).toBeGreaterThan(0);
    await allPlay(page);
    expect(await page.getByText(notice).count()).toBe(0);
  });

  it.each([
    ['tap', (page: Page) => page.mouse.click(5, 5)],
    ['key', (page: Page) => page.keyboard.press('Shift')],
  ])('comes back with the next %s where the browser refuses, which is said until then', async (_gesture, act) => {
    const page = await begin();
    await refuseUntilGesture(page);
    await pauseAll(page);
    await page.getByText(notice).waitFor();
    await act(page);
    await allPlay(page);
    await page.getByText(notice).waitFor({ state: 'hidden' });
  });
});

describe('sound of a page that has the meeting by itself', () => {
  it('stays paused where the page has paused it, and the channel comes back', async () => {
    const { page } = await open(here, '<booth-channels language="es"></booth-channels>');
    await page.evaluate(attachTones, { jane: JANE, es: SPANISH, fr: FRENCH });
    await hears(page, SPANISH);
    await page.evaluate(() => (globalThis as unknown as { original: HTMLAudioElement }).original.pause());
    await pauseAll(page);
    await allPlay(page);
    await hears(page, SPANISH);
    await page.mouse.click(600, 500);
    expect(await page.evaluate(() => (globalThis as unknown as { original: HTMLAudioElement }).original.paused)).toBe(
      true,
    );
  });
});
