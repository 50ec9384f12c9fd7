/** The volume of the originals: what a page or its person sets stays theirs, and none stays low when its translation has died. */
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { qwen3 } from '../../config/models.ts';
import { attachTones, ChannelMeeting, embed, FRENCH, JANE, playoutInPage, SPANISH } from '../support/channels-page.ts';
import { PATIENCE, servePages } from '../support/served-pages.ts';

/** 15 dB below full. */
const LOWERED = 10 ** (-15 / 20);
/** What a listener may wait for an original whose translation has died; the machine that runs the test is slow. */
const SOON_MS = 6_000;

const here = servePages({
  server: { model: qwen3 },
  chromium: { args: ['--autoplay-policy=no-user-gesture-required'] },
});

/** What `attachTones` leaves in the page, and what the page attaches anew. */
interface PageWithTones {
  original: HTMLMediaElement;
}

describe('an original that the page plays itself', () => {
  async function openAttached(attributes = 'language="es"'): Promise<Page> {
    const { page, url } = await embed(here, `<booth-channels ${attributes}></booth-channels>`);
    await page.goto(url);
    await page.evaluate(attachTones, { jane: JANE, es: SPANISH, fr: FRENCH });
    return page;
  }
  const volume = (page: Page) => page.evaluate(() => (globalThis as unknown as PageWithTones).original.volume);
  const setVolume = (page: Page, to: number) =>
    page.evaluate((to) => {
      (globalThis as unknown as PageWithTones).original.volume = to;
    }, to);
  const becomes = (page: Page, expected: number) => expect.poll(() => volume(page), PATIENCE).toBeCloseTo(expected, 5);
  /** The page describes its meeting anew, with or without its channel. */
  const describeAnew = (page: Page, withChannel = true) =>
    page.evaluate((withChannel) => {
      const { attached } = globalThis as unknown as { attached: { channels: object } };
      const channels = document.querySelector('booth-channels') as unknown as { attach(meeting: object): void };
      channels.attach(withChannel ? attached : { ...attached, channels: {} });
    }, withChannel);

  it.each([0, 0.5])('is lowered from %d, which its person set, and comes back to it', async (own) => {
    const page = await openAttached();
    await setVolume(page, own);
    await playoutInPage(page, 'jane', 'started');
    await becomes(page, own * LOWERED);
    await playoutInPage(page, 'jane', 'ended');
    await becomes(page, own);
  });

  it('keeps what its person sets while it is lowered, and comes back to it', async () => {
    const page = await openAttached();
    await playoutInPage(page, 'jane', 'started');
    await becomes(page, LOWERED);
    await setVolume(page, 0.5);
    await playoutInPage(page, 'luis', 'started');
    expect(await volume(page)).toBe(0.5);
    await page.evaluate(() => (document.querySelector('booth-channels') as unknown as { detach(): void }).detach());
    expect(await volume(page)).toBe(0.5);
    await describeAnew(page);
    await playoutInPage(page, 'jane', 'started');
    await becomes(page, 0.5 * LOWERED);
  });

  it('keeps what its person set when the page describes its meeting anew', async () => {
    const page = await openAttached();
    await setVolume(page, 0);
    await describeAnew(page);
    expect(await volume(page)).toBe(0);
    await setVolume(page, 0.5);
    await playoutInPage(page, 'jane', 'started');
    await becomes(page, 0.5 * LOWERED);
    await describeAnew(page);
    expect(await volume(page)).toBeCloseTo(0.5 * LOWERED, 5);
    await playoutInPage(page, 'jane', 'ended');
    await becomes(page, 0.5);
  });

  it('keeps what its person set, also muted, when the meeting is detached', async () => {
    const page = await openAttached();
    await playoutInPage(page, 'jane', 'started');
    await becomes(page, LOWERED);
    const left = await page.evaluate(() => {
      const { original } = globalThis as unknown as PageWithTones;
      original.volume = 0.3;
      original.muted = true;
      (document.querySelector('booth-channels') as unknown as { detach(): void }).detach();
      return { volume: original.volume, muted: original.muted };
    });
    expect(left).toEqual({ volume: 0.3, muted: true });
  });

  it('stays lowered when the widget is moved in the document', async () => {
    const page = await openAttached();
    await playoutInPage(page, 'jane', 'started');
    await becomes(page, LOWERED);
    const moved = await page.evaluate(async () => {
      const { original } = globalThis as unknown as PageWithTones;
      const volumes: number[] = [];
      original.addEventListener('volumechange', () => volumes.push(original.volume));
      const place = document.createElement('div');
      document.body.append(place);
      const channels = document.querySelector('booth-channels');
      if (channels) place.append(channels);
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      return volumes;
    });
    expect(moved).toEqual([]);
    await playoutInPage(page, 'jane', 'ended');
    await becomes(page, 1);
  });

  it('is as loud as before when the widget leaves the document', async () => {
    const page = await openAttached();
    await setVolume(page, 0.5);
    await playoutInPage(page, 'jane', 'started');
    await becomes(page, 0.5 * LOWERED);
    await page.evaluate(() => document.querySelector('booth-channels')?.remove());
    await becomes(page, 0.5);
  });

  it('comes back within seconds when the channel is gone, or is silent', async () => {
    const page = await openAttached();
    await playoutInPage(page, 'jane', 'started');
    await becomes(page, LOWERED);
    await describeAnew(page, false);
    expect(await msUntilFull(page, () => volume(page))).toBeLessThan(SOON_MS);
    await describeAnew(page);
    await playoutInPage(page, 'jane', 'started');
    await becomes(page, LOWERED);
    await page.evaluate(() => (globalThis as unknown as { fallSilent(): void }).fallSilent());
    expect(await msUntilFull(page, () => volume(page))).toBeLessThan(SOON_MS);
  });
});

describe('an original of a room', () => {
  const volumeOfJane = (page: Page) =>
    page
      .locator('booth-channels audio[data-source="microphone"]')
      .evaluateAll((elements: HTMLAudioElement[]) => Math.min(...elements.map(({ volume }) => volume)));

  it.each(['falls silent', 'leaves'])('comes back within seconds when the interpreter %s', async (how) => {
    const meeting = await ChannelMeeting.begin(here);
    const { page, url } = await embed(here, meeting.tag());
    await page.goto(url);
    await page.locator('booth-channels audio[data-source="channel"]').waitFor({ state: 'attached' });
    await expect.poll(() => page.locator('booth-channels audio[data-source="microphone"]').count(), PATIENCE).toBe(2);
    await expect
      .poll(() => {
        meeting.playout('Jane', 'started');
        return volumeOfJane(page);
      }, PATIENCE)
      .toBeCloseTo(LOWERED, 5);
    if (how === 'leaves') meeting.booth?.leave();
    else meeting.booth?.fallSilent();
    expect(await msUntilFull(page, () => volumeOfJane(page))).toBeLessThan(SOON_MS);
  });

  it('plays on, lowered, when the widget is moved in the document', async () => {
    const meeting = await ChannelMeeting.begin(here);
    const { page, url } = await embed(here, meeting.tag());
    await page.goto(url);
    await page.locator('booth-channels audio[data-source="channel"]').waitFor({ state: 'attached' });
    await expect
      .poll(async () => {
        meeting.playout('Jane', 'started');
        return (await page.locator('booth-channels audio').count()) === 3 ? volumeOfJane(page) : 1;
      }, PATIENCE)
      .toBeCloseTo(LOWERED, 5);
    const after = await page.evaluate(async () => {
      const channels = document.querySelector('booth-channels') as (Element & { state: { is: string } }) | null;
      const states: string[] = [];
      channels?.addEventListener('state', () => states.push(channels.state.is));
      const place = document.createElement('div');
      document.body.append(place);
      if (channels) place.append(channels);
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      const sounds = [...(channels?.shadowRoot?.querySelectorAll('audio') ?? [])];
      return { states, paused: sounds.filter(({ paused }) => paused).length };
    });
    expect(after).toEqual({ states: [], paused: 0 });
    expect(await volumeOfJane(page)).toBeCloseTo(LOWERED, 5);
  });
});

/** Milliseconds until a volume is full. */
async function msUntilFull(page: Page, volume: () => Promise<number>): Promise<number> {
  const sinceMs = performance.now();
  await expect.poll(volume, { timeout: 90_000, interval: 50 }).toBe(1);
  const ms = Math.round(performance.now() - sinceMs);
  console.info(`${await page.title()}: the original is at its full volume after ${ms} ms`);
  return ms;
}
