/** Who is muted, however it came, is shown as muted to everybody, stays silent, and knows of it. */
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { AUDIBLE, hears, loudness, microphone, tile } from '../support/page.ts';
import { servePages } from '../support/served-pages.ts';

const { joins } = servePages();

const mutedSign = (page: Page, name: string) => tile(page, name).getByText('muted');
const isShownMuted = (page: Page, name: string) => mutedSign(page, name).waitFor({ state: 'attached' });
const isShownUnmuted = async (page: Page, name: string) => {
  await tile(page, name).waitFor();
  await mutedSign(page, name).waitFor({ state: 'detached' });
};

/** What a test needs of the page's own sockets and microphone, remembered from before it is loaded. */
interface Remembered {
  sockets: WebSocket[];
  microphone: MediaStreamTrack;
  unplugged: boolean;
}

/** Loads the page anew with its sockets and its microphone in the hands of the test. */
async function remember(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const remembered = { sockets: [], microphone: undefined, unplugged: false } as unknown as Remembered;
    Object.assign(globalThis, { remembered });
    globalThis.WebSocket = class extends WebSocket {
      constructor(url: string | URL, protocols?: string | string[]) {
        super(url, protocols);
        remembered.sockets.push(this);
      }
    };
    const devices = navigator.mediaDevices;
    const getUserMedia = devices.getUserMedia.bind(devices);
    devices.getUserMedia = async (constraints) => {
      const stream = await getUserMedia(constraints);
      remembered.microphone = stream.getAudioTracks()[0] ?? remembered.microphone;
      return stream;
    };
    const enumerateDevices = devices.enumerateDevices.bind(devices);
    devices.enumerateDevices = async () => (remembered.unplugged ? [] : enumerateDevices());
  });
  await page.reload();
  await page.getByLabel('Name').fill('Jane');
}

type WithRemembered = typeof globalThis & { remembered: Remembered };

/** As the operating system does it: the page is only told. */
const setMutedBySystem = (page: Page, muted: boolean) =>
  page.evaluate((muted) => {
    const { microphone } = (globalThis as WithRemembered).remembered;
    Object.defineProperty(microphone, 'muted', { value: muted, configurable: true });
    microphone.dispatchEvent(new Event(muted ? 'mute' : 'unmute'));
  }, muted);

describe('who is muted', () => {
  it('before joining, is shown muted from the start, and heard as soon as they unmute', async () => {
    const luis = await joins('Luis');
    const jane = await joins('Jane', {
      before: async (page) => {
        await page.getByRole('meter').waitFor();
        await page.getByRole('button', { name: 'Mute' }).click();
        await page.getByText('You are muted').waitFor();
      },
    });
    const kim = await joins('Kim');
    await luis.locator('audio').first().waitFor({ state: 'attached' });
    for (const page of [luis, kim]) await isShownMuted(page, 'Jane');
    expect(await loudness(luis, { participant: await idOf(luis, 'Jane') })).toBeLessThan(AUDIBLE);

    await jane.keyboard.press('m');
    for (const page of [luis, kim]) await isShownUnmuted(page, 'Jane');
    await hears(luis, { participant: await idOf(luis, 'Jane') });
  });

  it('stays muted for everybody when their connection is lost and mended', async () => {
    const luis = await joins('Luis');
    const jane = await joins('Jane', { before: remember });
    await jane.keyboard.press('m');
    await isShownMuted(luis, 'Jane');
    for (let time = 0; time < 2; time++) {
      await jane.evaluate(() => (globalThis as WithRemembered).remembered.sockets.at(-1)?.close());
      await tile(luis, 'Jane').waitFor({ state: 'detached' });
      await tile(luis, 'Jane').waitFor();
      const track = luis.locator(`audio[data-participant="${await idOf(luis, 'Jane')}"]`);
      await track.waitFor({ state: 'attached' });
      await isShownMuted(luis, 'Jane');
    }
    await jane.keyboard.press('m');
    await isShownUnmuted(luis, 'Jane');
    await hears(luis, microphone);
  });
});

describe('a microphone', () => {
  it('that the system mutes is shown as muted to everybody and to its owner, until the system unmutes it', async () => {
    const luis = await joins('Luis');
    const jane = await joins('Jane', { before: remember });
    await isShownUnmuted(luis, 'Jane');
    const told = jane.getByText('muted by the system or on the device itself');
    for (let time = 0; time < 2; time++) {
      await setMutedBySystem(jane, true);
      await told.waitFor();
      await jane.getByRole('button', { name: 'Unmute' }).waitFor();
      for (const page of [luis, jane]) await isShownMuted(page, 'Jane');
      await setMutedBySystem(jane, false);
      await told.waitFor({ state: 'detached' });
      for (const page of [luis, jane]) await isShownUnmuted(page, 'Jane');
    }
    await hears(luis, microphone);
  });

  it('that the system mutes and unmutes stays muted for a person who has muted it', async () => {
    const luis = await joins('Luis');
    const jane = await joins('Jane', { before: remember });
    await jane.keyboard.press('m');
    await isShownMuted(luis, 'Jane');
    await setMutedBySystem(jane, true);
    await setMutedBySystem(jane, false);
    await jane.getByRole('button', { name: 'Unmute' }).waitFor();
    await isShownMuted(luis, 'Jane');
    expect(await loudness(luis, { participant: await idOf(luis, 'Jane') })).toBeLessThan(AUDIBLE);
  });

  it.each([false, true])(
    'that is unplugged is gone for everybody, and back when it is plugged in: muted %s',
    async (muted) => {
      const luis = await joins('Luis');
      const jane = await joins('Jane', { before: remember });
      if (muted) await jane.keyboard.press('m');
      await (muted ? isShownMuted : isShownUnmuted)(luis, 'Jane');
      const plug = (unplugged: boolean) =>
        jane.evaluate((unplugged) => {
          const { remembered } = globalThis as WithRemembered;
          remembered.unplugged = unplugged;
          if (unplugged) {
            remembered.microphone.stop();
            remembered.microphone.dispatchEvent(new Event('ended'));
          }
          navigator.mediaDevices.dispatchEvent(new Event('devicechange'));
        }, unplugged);
      await plug(true);
      await jane.getByText('The microphone is gone').waitFor();
      for (const page of [luis, jane]) await isShownMuted(page, 'Jane');
      await plug(false);
      await jane.getByText('The microphone is gone').waitFor({ state: 'detached' });
      await luis.locator(`audio[data-participant="${await idOf(luis, 'Jane')}"]`).waitFor({ state: 'attached' });
      await (muted ? isShownMuted : isShownUnmuted)(luis, 'Jane');
      if (!muted) await hears(luis, microphone);
    },
  );
});

const idOf = async (page: Page, name: string): Promise<string> =>
  (await tile(page, name).getAttribute('data-participant')) ?? '';
