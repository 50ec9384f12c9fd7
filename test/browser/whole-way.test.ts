/**
 * The whole way in browsers: a human's recording is the microphone of one page, another hears and reads it in Spanish, a third
 * comes later. Server, interpreter and engine are those of `booth start` and `booth demo`.
 */
import type { Browser, Page } from 'playwright-core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startBooth, temporaryFolder } from '../support/booth-process.ts';
import { type ChromiumOptions, launchChromium } from '../support/chromium.ts';
import { AUDIBLE, joinPage, loudness } from '../support/page.ts';
import { microphoneOf } from '../support/recorded-microphone.ts';
import { ServedMeeting } from '../support/served.ts';
import { until } from '../support/until.ts';

const PATIENCE = { timeout: 90_000, interval: 200 };
const inSpanish = { fragment: 'hear=es&read=original,es&speak=es' };

async function browserOf(options: ChromiumOptions = {}): Promise<Browser> {
  const browser = await launchChromium(options);
  onTestFinished(() => browser.close());
  return browser;
}

const captions = async (page: Page) => (await page.locator('booth-caption-list .line').allInnerTexts()).join('\n');
const read = (page: Page) => expect.poll(() => captions(page), PATIENCE);
const hears = (page: Page) => expect.poll(() => loudness(page, { language: 'es' }), PATIENCE);

describe('in Chromium', () => {
  it('English spoken on one page is heard and read in Spanish on another, and by who comes later', async () => {
    const meeting = await ServedMeeting.start();
    const { url, room } = meeting;
    const signedIn = await meeting.signedIn;
    const listening = await browserOf();
    const luis = await joinPage(await listening.newContext(signedIn), { url, room, name: 'Luis', ...inSpanish });
    const phone = await (await listening.newContext()).newPage();
    await phone.goto(`${url}/listen/${room}?language=es#${await meeting.token('phone', '--grant', 'subscribe')}`);
    const sentences = ['conf-waitforleader', 'conf-now-recording', 'conf-leaderhasleft', 'conf-onlyone'];
    const speaking = await browserOf({ microphone: microphoneOf(...sentences) });
    await joinPage(await speaking.newContext(signedIn), {
      url,
      room,
      name: 'Jane',
      fragment: 'speak=en&hear=original&read=off',
    });

    await read(luis).toMatch(/leader arrives/i);
    await read(luis).toMatch(/conferencia/i);
    await hears(luis).toBeGreaterThan(AUDIBLE);
    const onPhone = () => phone.locator('booth-captions .line').allTextContents();
    await expect.poll(async () => (await onPhone()).join(' '), PATIENCE).toMatch(/conferencia/i);

    const maria = await joinPage(await listening.newContext(signedIn), { url, room, name: 'Maria', ...inSpanish });
    await expect.poll(() => captions(maria)).toMatch(/conferencia/i);
    await hears(maria).toBeGreaterThan(AUDIBLE);
  });

  it('the demonstration is one command, one link and one click', async () => {
    const environment = { BOOTH_PORT: '0', BOOTH_RTC_PORT: '0', BOOTH_DATA_DIR: temporaryFolder() };
    const demo = startBooth(['demo'], { environment });
    await until(() => demo.output.stdout.includes('\n'));
    const page = await (await browserOf()).newPage();
    await page.goto(demo.output.stdout.split('\n')[0] ?? '');
    await page.getByRole('button', { name: 'Join' }).click();

    await read(page).toMatch(/conference/i);
    await read(page).toMatch(/conferencia/i);
    await hears(page).toBeGreaterThan(AUDIBLE);
    expect(demo.output.stdout, 'captions on the terminal').toMatch(/es: .*conferencia/i);
  });
});
