/** What `<booth-channels>` lowers, and what it never does, by what comes out of the loudspeaker; also where an element's volume is fixed. */
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { describe, it, onTestFinished } from 'vitest';
import { qwen3 } from '../../config/models.ts';
import { TestBooth } from '../support/booth.ts';
import { bundled } from '../support/bundle.ts';
import {
  attachTones,
  ChannelMeeting,
  embed,
  FRENCH,
  hears,
  isAbout,
  isSilent,
  JANE,
  LUIS,
  open,
  playoutInPage,
  SPANISH,
} from '../support/channels-page.ts';
import { NONCE } from '../support/foreign-page.ts';
import { servePages } from '../support/served-pages.ts';
import { person, tokenOf } from '../support/server.ts';
import { RECORDED_TITLE } from '../support/tab-sound.ts';

const COMPUTER = 1_250;

const here = servePages({
  server: { model: qwen3 },
  chromium: { recordsTab: RECORDED_TITLE, args: ['--autoplay-policy=no-user-gesture-required'] },
});

describe('who shares what their computer plays', () => {
  /** Jane's page, which sends both. */
  async function shares(): Promise<void> {
    const { server, room } = here;
    const script = await bundled(fileURLToPath(new URL('../support/own-sharing.ts', import.meta.url)));
    const html = `<script type="module" nonce="${NONCE}" src="/own.js"></script>`;
    const { page, url } = await embed(here, html, { script });
    const token = tokenOf(person('jane', { room, name: 'Jane' }));
    await page.goto(
      `${url}?${new URLSearchParams({ server: server.url, token, voice: `${JANE}`, computer: `${COMPUTER}` })}`,
    );
  }

  it('steps back with their voice alone while that is translated: nothing comes in the place of what the computer plays', async () => {
    const { server, room } = here;
    const booth = await TestBooth.enter(server, room);
    onTestFinished(() => booth.leave());
    await booth.writes('es');
    await booth.sounds('es', SPANISH);
    await shares();
    const token = tokenOf({ identity: 'listener', room, grants: ['subscribe'], hidden: true });
    const tag = `<booth-channels room="${room}" token="${token}" language="es"></booth-channels>`;
    const { page } = await open(here, tag);
    for (const hz of [JANE, COMPUTER, SPANISH]) await hears(page, hz);
    booth.playout({ speaker: 'Jane', state: 'started', language: 'es', utterance: 'u', at: 0 });
    await isAbout(page, JANE, -15);
    await isAbout(page, COMPUTER, 0);
  });
});

describe('where the volume of elements is fixed', () => {
  /** As on an iPhone: what is set is not taken. */
  const fixVolume = (page: Page) =>
    page.addInitScript(() => {
      Object.defineProperty(HTMLMediaElement.prototype, 'volume', { get: () => 1, set: () => undefined });
    });

  it('an original of a room steps back all the same, and one in my language does not', async () => {
    const meeting = await ChannelMeeting.begin(here);
    const { page } = await open(here, meeting.tag(), { before: fixVolume });
    for (const hz of [JANE, LUIS, SPANISH]) await hears(page, hz);
    meeting.playout('Jane', 'started');
    meeting.playout('Luis', 'started');
    await isAbout(page, JANE, -15);
    await isAbout(page, LUIS, 0);
    meeting.playout('Jane', 'ended');
    await hears(page, JANE);
    await page.getByRole('slider').fill('40');
    await isSilent(page, JANE);
    await hears(page, SPANISH);
    await page.getByRole('slider').fill('-40');
    await isSilent(page, SPANISH);
    await hears(page, JANE);
  });

  it('what a page plays steps back too, but for a voice that is muted, the translation of what I say is silent, and what is detached is as loud as it was', async () => {
    const { page } = await open(here, '<booth-channels language="es"></booth-channels>', { before: fixVolume });
    await page.evaluate(attachTones, { jane: JANE, es: SPANISH, fr: FRENCH });
    for (const hz of [JANE, SPANISH]) await hears(page, hz);
    await playoutInPage(page, 'jane', 'started');
    await isAbout(page, JANE, -15);
    const channels = page.locator('booth-channels');
    await channels.evaluate((element) => Object.assign(element, { muted: true }));
    await isSilent(page, SPANISH);
    await isAbout(page, JANE, 0);
    await channels.evaluate((element) => Object.assign(element, { muted: false }));
    await hears(page, SPANISH);
    await isAbout(page, JANE, -15);
    await playoutInPage(page, 'jane', 'ended');
    await playoutInPage(page, 'me', 'started');
    await isSilent(page, SPANISH);
    await page.evaluate(() => (document.querySelector('booth-channels') as unknown as { detach(): void }).detach());
    await hears(page, JANE);
    await isSilent(page, SPANISH);
  });
});
