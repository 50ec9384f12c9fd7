/** A room in which two people and two channels sound at pitches of their own, and pages of others on which it is heard. */
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { expect, onTestFinished } from 'vitest';
import { TestBooth } from './booth.ts';
import { NONCE, startForeignPage } from './foreign-page.ts';
import { Guest, say } from './meeting.ts';
import { person, type TestServer, tokenOf } from './server.ts';
import { tone } from './sound.ts';
import { amplitudes, listen, recordTab } from './tab-sound.ts';

export const PATIENCE = { timeout: 30_000, interval: 50 };
/** Pitches that go on from frame to frame of 20 ms. */
export const JANE = 850;
export const LUIS = 1_050;
export const SPANISH = 450;
export const FRENCH = 650;
/** What `tone` has. */
export const FULL = 12_000 / 32_768;

let roomCount = 0;

/** A room in which Jane speaks English and Luis Spanish, and an interpreter in the hands of the test. */
export class ChannelMeeting {
  readonly room: string;
  readonly token: string;
  booth: TestBooth | undefined;

  static async begin(at: TestServer, room = `channels-${++roomCount}`): Promise<ChannelMeeting> {
    const meeting = new ChannelMeeting(room);
    await speaks(at, room, 'Jane', 'en', JANE);
    await speaks(at, room, 'Luis', 'es', LUIS);
    await meeting.interpreterComes(at);
    return meeting;
  }

  private constructor(room: string) {
    this.room = room;
    this.token = tokenOf({ identity: 'listener', room, grants: ['subscribe'], hidden: true });
  }

  async interpreterComes(at: TestServer): Promise<void> {
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

export async function embed(
  browser: Browser,
  html: string,
  at: TestServer,
  more: Partial<Parameters<typeof startForeignPage>[0]> = {},
) {
  const widget = `<script type="module" nonce="${NONCE}" src="${at.url}/widget.js"></script>`;
  const foreign = await startForeignPage({ booth: at.url, html: widget + html, ...more });
  onTestFinished(() => foreign.close());
  const context: BrowserContext = await browser.newContext();
  onTestFinished(() => context.close());
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => ['error', 'warning'].includes(message.type()) && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  return { page, complaints, url: foreign.url };
}

export async function open(browser: Browser, html: string, at: TestServer, before?: (page: Page) => Promise<unknown>) {
  const opened = await embed(browser, html, at);
  await before?.(opened.page);
  await opened.page.goto(opened.url);
  await recordTab(opened.page);
  return opened;
}

/** How loud a pitch is at its loudest within 200 ms: on a busy computer, sound comes in pieces. */
export const level = async (page: Page, hz: number) => Math.max(...amplitudes(await listen(page, 300), hz).slice(-10));
export const sounds = (page: Page, hz: number) => expect.poll(() => level(page, hz), PATIENCE);
export const hears = (page: Page, hz: number) => sounds(page, hz).toBeGreaterThan(FULL / 2);
export const isSilent = (page: Page, hz: number) => sounds(page, hz).toBeLessThan(FULL / 100);

export const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;

/** Runs in the page: a meeting that the page has by itself, as tones without a network between. */
export async function attachTones(tones: Record<'jane' | 'es' | 'fr', number>): Promise<void> {
  const context = new AudioContext();
  await context.resume();
  const track = (hz: number) => {
    const [oscillator, gain, out] = [
      context.createOscillator(),
      context.createGain(),
      context.createMediaStreamDestination(),
    ];
    oscillator.frequency.value = hz;
    gain.gain.value = 12_000 / 32_768;
    oscillator.connect(gain).connect(out);
    oscillator.start();
    const [made] = out.stream.getAudioTracks();
    if (!made) throw new Error('no track');
    return made;
  };
  const element = document.createElement('audio');
  element.srcObject = new MediaStream([track(tones.jane)]);
  await element.play();
  const messages = new EventTarget();
  await customElements.whenDefined('booth-channels');
  const channels = document.querySelector('booth-channels') as unknown as { attach(meeting: object): void };
  channels.attach({
    me: 'me',
    channels: { es: track(tones.es), fr: track(tones.fr) },
    originals: [{ speaker: 'jane', language: 'en', element }],
    messages: [messages],
  });
  Object.assign(globalThis, { messages, original: element });
}

/** Of what `attachTones` attached. */
export const playoutInPage = (page: Page, speaker: string, state: 'started' | 'ended') =>
  page.evaluate(
    (data) =>
      (globalThis as unknown as { messages: EventTarget }).messages.dispatchEvent(
        new MessageEvent('message', { data }),
      ),
    JSON.stringify({
      ...{ v: 1, type: 'playout', seq: 1, language: 'es', speaker: { id: speaker, name: speaker } },
      ...{ utterance: `of ${speaker}`, state, at: 0 },
    }),
  );
