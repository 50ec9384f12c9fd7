/** Who speaks another language than they said is asked on the page, and changes it with one tap. */
import type { Page } from 'playwright-core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { qwen38 } from '../../config/models.ts';
import { findings } from '../support/axe-page.ts';
import { launchChromium } from '../support/chromium.ts';
import { joinPage, openLobby } from '../support/page.ts';
import { microphoneOf } from '../support/recorded-microphone.ts';
import { ServedMeeting } from '../support/served.ts';
import { servePages } from '../support/served-pages.ts';
import { interpreter, join, type TestClient } from '../support/server.ts';
import { SimulatedVendor } from '../support/simulated-vendor.ts';

const PATIENCE = { timeout: 90_000, interval: 200 };

const question = (page: Page) => page.locator('booth-meeting-notices .notice');
const answer = (page: Page, name: string) => question(page).getByRole('button', { name, exact: true });

describe('a person whom an interpreter hears speak another language', () => {
  const here = servePages({ server: { model: qwen38 } });

  /** Jane, who declares English, and an interpreter in the hands of the test. */
  async function meeting(locale = 'en-US') {
    const { server, room } = here;
    const context = await here.somebody({ locale });
    const page = await context.newPage();
    await page.goto(`${server.url}/room/${room}#speak=en`);
    await page.locator('form .primary').click();
    await page.locator('booth-meeting').waitFor();
    const booth = await join(server, interpreter('booth', { room }));
    onTestFinished(() => booth.leave());
    const jane = booth.reply.participants.find(({ kind }) => kind === 'person');
    const hears = (speaks: string) => booth.request('participant.suggest', { participantId: jane?.id ?? '', speaks });
    return { page, context, booth, hears };
  }

  const says = (booth: TestClient, speaks: string) =>
    booth.hears('participant.updated', ({ preferences }) => preferences.speaks === speaks);

  it('is asked, changes it by a key, and finds it chosen the next time', async () => {
    const { page, context, booth, hears } = await meeting();
    await hears('es');
    await question(page).getByText('You seem to speak Español.').waitFor();
    await answer(page, 'Change to Español').press('Enter');
    await says(booth, 'es');
    await question(page).waitFor({ state: 'detached' });
    await page.close();
    const lobby = await openLobby(context, here.visit('Jane'));
    expect(await lobby.getByLabel('I speak').inputValue()).toBe('es');
  });

  it('keeps what they said, and is not asked that again', async () => {
    const { page, booth, hears } = await meeting();
    await hears('es');
    await answer(page, 'Keep English').click();
    await question(page).waitFor({ state: 'detached' });
    await hears('es');
    await hears('fr');
    await question(page).getByText('You seem to speak Français.').waitFor();
    expect(await question(page).count()).toBe(1);
    expect(booth.all('participant.updated').filter(({ preferences }) => preferences.speaks !== 'en')).toEqual([]);
  });

  it('is asked calmly: the words are announced politely, focus stays where it was, and axe finds nothing', async () => {
    const { page, hears } = await meeting();
    await page.locator('booth-bar button').first().focus();
    const focused = () => page.evaluate(() => document.activeElement?.shadowRoot?.activeElement?.tagName);
    const before = await focused();
    await hears('es');
    await question(page).getByRole('status').getByText('You seem to speak').waitFor();
    expect(await focused()).toBe(before);
    expect(await findings(page)).toEqual([]);
  });

  it('is asked in Arabic, too', async () => {
    const { page, booth, hears } = await meeting('ar');
    await hears('es');
    await answer(page, 'التغيير إلى Español').click();
    await says(booth, 'es');
  });
});

describe('the whole way', () => {
  it('who declared English and speaks Spanish is asked, taps, and is captioned as Spanish', async () => {
    const vendor = await SimulatedVendor.start({ language: 'es' });
    const meeting = await ServedMeeting.start({
      DASHSCOPE_API_KEY: 'sk-any',
      BOOTH_LIVETRANSLATE_URL: vendor.url,
      BOOTH_LIVETRANSLATE_MODEL: qwen38.id,
    });
    const reader = await meeting.listen('fr');
    const labels = () => [...new Set(reader.finals('original').map(({ language }) => language))];
    const sentences = ['conf-waitforleader', 'conf-now-recording', 'conf-leaderhasleft', 'conf-onlyone'];
    const browser = await launchChromium({ microphone: microphoneOf(...sentences, ...sentences) });
    onTestFinished(() => browser.close());
    const visit = { url: meeting.url, room: meeting.room, name: 'Jane', fragment: 'speak=en' };
    const page = await joinPage(await browser.newContext({ locale: 'en-US', ...(await meeting.signedIn) }), visit);

    await question(page).getByText('You seem to speak Español.').waitFor(PATIENCE);
    expect(labels(), 'until she says otherwise').toEqual(['en']);
    await answer(page, 'Change to Español').click();
    await expect.poll(labels, PATIENCE).toEqual(['en', 'es']);
    expect(await question(page).count()).toBe(0);
  });
});
