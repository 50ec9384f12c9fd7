/** `<booth-channels>` on pages of others, by what comes out of the loudspeaker. */
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { qwen3 } from '../../config/models.ts';
import { pageDir } from '../../scripts/places.mjs';
import { TestBooth } from '../support/booth.ts';
import { launchChromium } from '../support/chromium.ts';
import { NONCE, startForeignPage } from '../support/foreign-page.ts';
import { Guest, say } from '../support/meeting.ts';
import { person, startTestServer, type TestServer, tokenOf } from '../support/server.ts';
import { tone } from '../support/sound.ts';
import { amplitudes, decibels, largestStep, listen, recordTab, windowsToMs } from '../support/tab-sound.ts';

const PATIENCE = { timeout: 30_000, interval: 50 };
/** Pitches that go on from frame to frame of 20 ms. */
const JANE = 850;
const LUIS = 1_050;
const SPANISH = 450;
const FRENCH = 650;
/** What `tone` has. */
const FULL = 12_000 / 32_768;

let server: TestServer;
let browser: Browser;
const contexts: BrowserContext[] = [];
let roomCount = 0;

beforeAll(async () => {
  server = await startTestServer({ pages: pageDir, model: qwen3 });
  browser = await launchChromium({ recordsTab: 'Somebody' });
});
afterAll(async () => {
  await browser.close();
  await server.close();
});
afterEach(async () => {
  await Promise.all(contexts.splice(0).map((context) => context.close()));
});

/** A room in which Jane speaks English and Luis Spanish, and an interpreter in the hands of the test. */
class Meeting {
  readonly room: string;
  readonly token: string;
  booth: TestBooth | undefined;

  static async begin(at: TestServer = server, room = `channels-${++roomCount}`): Promise<Meeting> {
    const meeting = new Meeting(room);
    await speaks(at, room, 'Jane', 'en', JANE);
    await speaks(at, room, 'Luis', 'es', LUIS);
    await meeting.interpreterComes(at);
    return meeting;
  }

  private constructor(room: string) {
    this.room = room;
    this.token = tokenOf({ identity: 'listener', room, grants: ['subscribe'], hidden: true });
  }

  async interpreterComes(at: TestServer = server): Promise<void> {
    const booth = await TestBooth.enter(at, this.room);
    onTestFinished(() => booth.leave());
    for (const [language, hz] of [
      ['es', SPANISH],
      ['fr', FRENCH],
    ] as const) {
      await booth.writes(language);
      await booth.sounds(language, hz);
    }
    this.booth = booth;
  }

  playout(speaker: string, state: 'started' | 'ended', language = 'es'): void {
    this.booth?.playout({ speaker, state, language, utterance: `of ${speaker}`, at: 0 });
  }

  tag(attributes = 'language="es"'): string {
    return `<booth-channels room="${this.room}" token="${this.token}" ${attributes}></booth-channels>`;
  }
}

async function speaks(at: TestServer, room: string, name: string, language: string, hz: number): Promise<void> {
  const who = person(name.toLowerCase(), { room, name });
  const { room: connection } = await Guest.enter(at, who, { preferences: { speaks: language } });
  const spoken = await say(await connection.publishMicrophone(), tone(hz, 20, 24_000), { loop: true });
  onTestFinished(() => {
    spoken.stop();
    connection.close();
  });
}

async function embed(
  html: string,
  at: TestServer = server,
  more: Partial<Parameters<typeof startForeignPage>[0]> = {},
) {
  const widget = `<script type="module" nonce="${NONCE}" src="${at.url}/widget.js"></script>`;
  const foreign = await startForeignPage({ booth: at.url, html: widget + html, ...more });
  onTestFinished(() => foreign.close());
  const context = await browser.newContext();
  contexts.push(context);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => ['error', 'warning'].includes(message.type()) && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  return { page, complaints, url: foreign.url };
}

async function open(html: string, at: TestServer = server) {
  const opened = await embed(html, at);
  await opened.page.goto(opened.url);
  await recordTab(opened.page);
  return opened;
}

/** How loud a pitch is at the end of the next 300 ms. */
const level = async (page: Page, hz: number) => amplitudes(await listen(page, 300), hz).at(-3) ?? 0;
const sounds = (page: Page, hz: number) => expect.poll(() => level(page, hz), PATIENCE);
const hears = (page: Page, hz: number) => sounds(page, hz).toBeGreaterThan(FULL / 2);
const isSilent = (page: Page, hz: number) => sounds(page, hz).toBeLessThan(FULL / 100);

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;

describe('who hears a room', () => {
  it('hears what is said, and the channel of a language beside it', async () => {
    const meeting = await Meeting.begin();
    const { page, complaints } = await open(meeting.tag());
    for (const hz of [JANE, LUIS, SPANISH]) await hears(page, hz);
    await isSilent(page, FRENCH);
    await page.getByText('the voice is synthetic').waitFor();
    expect(complaints).toEqual([]);
  });

  it('hears an original step back by 15 dB while its translation sounds, and nobody else', async () => {
    const meeting = await Meeting.begin();
    const { page } = await open(meeting.tag());
    await hears(page, JANE);
    await hears(page, SPANISH);
    const down = await listen(page, 600, async () => meeting.playout('Jane', 'started'));
    const jane = amplitudes(down, JANE);
    console.info(jane.map((now) => now.toFixed(2)).join(' '));
    expect(decibels(median(jane.slice(-10)), FULL)).toBeCloseTo(-15, 0);
    // 20 ms of each window, in which it is neither.
    const falling = jane.filter((now) => now < 0.95 * FULL && now > 1.1 * FULL * 10 ** (-15 / 20)).length;
    console.info('attack', windowsToMs(falling), 'ms');
    expect(windowsToMs(falling)).toBeLessThanOrEqual(120);
    expect(amplitudes(down, LUIS).at(-3)).toBeGreaterThan(FULL / 2);

    const up = amplitudes(await listen(page, 2_500, async () => meeting.playout('Jane', 'ended')), JANE);
    const rises = up.findIndex((now) => now > FULL / 4);
    const risen = up.findIndex((now) => now > 0.95 * FULL);
    console.info('hold', windowsToMs(rises), 'release', windowsToMs(risen - rises), 'ms');
    expect(windowsToMs(rises)).toBeGreaterThan(900);
    expect(windowsToMs(risen - rises)).toBeGreaterThan(200);
    expect(windowsToMs(risen - rises)).toBeLessThan(700);
  });
});

describe('switching', () => {
  it('brings another language within 500 ms, and nothing clicks', async () => {
    const meeting = await Meeting.begin();
    const { page } = await open(meeting.tag('language="es" balance="40"'));
    await hears(page, SPANISH);
    const before = await listen(page, 500);
    const select = page.getByLabel('Hear');
    const switched = await listen(page, 1_500, () => select.selectOption('fr'));
    const gone = amplitudes(switched, SPANISH).findIndex((now) => now < FULL / 20);
    const come = amplitudes(switched, FRENCH).findIndex((now) => now > FULL / 2);
    console.info(
      'switch',
      windowsToMs(gone),
      windowsToMs(come),
      'ms; steps',
      largestStep(before),
      largestStep(switched),
    );
    expect(windowsToMs(come - gone)).toBeLessThan(500);
    expect(come).toBeGreaterThan(0);
    expect(largestStep(switched)).toBeLessThan(0.15);
  });
});
