/** Browsers without WebRTC: iOS in Lockdown Mode, Tor Browser, WebKitGTK. Chromium stands in for them, with WebRTC taken away. */
import type { BrowserContextOptions, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { Meeting } from '../support/captions-meeting.ts';
import { startForeignPage } from '../support/foreign-page.ts';
import { captions } from '../support/page.ts';
import { PATIENCE, servePages } from '../support/served-pages.ts';

const here = servePages();

const languages = [
  ['en-US', "This browser cannot play the meeting's sound (it has no WebRTC). Captions go on."],
  ['es', 'Este navegador no puede reproducir el sonido de la reunión (no tiene WebRTC). Los subtítulos siguen.'],
  ['ar', 'هذا المتصفح لا يستطيع تشغيل صوت الاجتماع (ليس فيه WebRTC). الترجمة المكتوبة مستمرة.'],
] as const;

/** A page without WebRTC that is not loaded yet, and how often it has connected to the room's signalling. */
async function withoutWebRtc(options: BrowserContextOptions): Promise<{ page: Page; connections(): number }> {
  const context = await here.somebody(options);
  await context.addInitScript(() => {
    for (const name of ['RTCPeerConnection', 'webkitRTCPeerConnection']) Reflect.deleteProperty(window, name);
  });
  const page = await context.newPage();
  let connections = 0;
  page.on('websocket', (socket) => {
    if (socket.url().includes('/v1/signal')) connections++;
  });
  return { page, connections: () => connections };
}

const stateOfChannels = (page: Page) =>
  page
    .locator('booth-channels')
    .evaluate((element) => (element as unknown as { state: { is: string; code?: string } }).state);

describe('a browser without WebRTC', () => {
  it.each(languages)('joins a meeting, is told once, in %s, and reads on', async (locale, text) => {
    const meeting = await Meeting.begin(here);
    const { page, connections } = await withoutWebRtc({ locale });
    await page.goto(`${here.server.url}/room/${here.room}#read=es`);
    await page.locator('form .primary').click();
    await page.locator('booth-meeting-notices').getByText(text).waitFor();
    for (const [index, sentence] of ['Primero.', 'Segundo.'].entries()) {
      meeting.says(sentence, { utterance: `u${index}`, final: true });
      await expect.poll(() => captions(page).allTextContents(), PATIENCE).toContain(sentence);
    }
    expect(await page.getByText(text).count()).toBe(1);
    expect(connections()).toBe(1);
  });

  it.each(languages)('is told once on the page for the hall, in %s, and reads on', async (locale, text) => {
    const meeting = await Meeting.begin(here);
    const { page, connections } = await withoutWebRtc({ locale });
    await page.goto(`${here.server.url}/listen/${here.room}?language=es#${meeting.token}`);
    await page.locator('booth-listen-bar button').first().click();
    await page.locator('booth-channels').getByText(text).waitFor();
    expect(await stateOfChannels(page)).toMatchObject({ is: 'ended', code: 'unsupported' });
    const read = () => page.locator('booth-captions .line').allTextContents();
    for (const [index, sentence] of ['Primero.', 'Segundo.'].entries()) {
      meeting.says(sentence, { utterance: `u${index}`, final: true });
      await expect.poll(async () => (await read()).join(' '), PATIENCE).toContain(sentence);
    }
    expect(await page.getByText(text).count()).toBe(1);
    expect(connections()).toBe(0);
  });

  it('is told once by the widget on a page of others, and reads on although that page wants captions by WebRTC', async () => {
    const meeting = await Meeting.begin(here);
    const channels = `<booth-channels room="${meeting.room}" token="${meeting.token}" language="es"></booth-channels>`;
    const url = await startForeignPage({
      booth: here.server.url,
      html: `${channels} ${meeting.tag('language="es" via="webrtc"')}`,
    });
    const { page, connections } = await withoutWebRtc({});
    await page.goto(url);
    await page.locator('booth-channels').getByText(languages[0][1]).waitFor();
    expect(await stateOfChannels(page)).toMatchObject({ is: 'ended', code: 'unsupported' });
    meeting.says('Primero.', { final: true });
    const read = () => page.locator('booth-captions .line').allTextContents();
    await expect.poll(async () => (await read()).join(' '), PATIENCE).toContain('Primero.');
    expect(connections()).toBe(0);
  });
});
