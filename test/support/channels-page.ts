/** A room in which two people and two channels sound at pitches of their own, and pages of others on which it is heard. */
import type { Page } from 'playwright-core';
import { expect, onTestFinished } from 'vitest';
import { TestBooth } from './booth.ts';
import { type ForeignPageOptions, startForeignPage } from './foreign-page.ts';
import { Guest, say } from './meeting.ts';
import { complaintsOf } from './page.ts';
import { PATIENCE, type ServedPages } from './served-pages.ts';
import { person, type TestServer, tokenOf } from './server.ts';
import { tone } from './sound.ts';
import { amplitudes, decibels, listen, recordTab } from './tab-sound.ts';

/** Pitches that go on from frame to frame of 20 ms. */
export const JANE = 850;
export const LUIS = 1_050;
export const SPANISH = 450;
export const FRENCH = 650;
/** What `tone` has. */
export const FULL = 12_000 / 32_768;

/** A room in which Jane speaks English and Luis Spanish, and an interpreter in the hands of the test. */
export class ChannelMeeting {
  readonly room: string;
  readonly token: string;
  booth: TestBooth | undefined;

  static async begin({ server, room }: Pick<ServedPages, 'server' | 'room'>): Promise<ChannelMeeting> {
    const meeting = new ChannelMeeting(room);
    await speaks(server, room, 'Jane', 'en', JANE);
    await speaks(server, room, 'Luis', 'es', LUIS);
    await meeting.interpreterComes(server);
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

interface OpenOptions extends Partial<Omit<ForeignPageOptions, 'html'>> {
  /** What is done before the page is loaded. */
  before?(page: Page): Promise<unknown>;
}

/** Somebody else's page with the widget and what is given, not loaded yet. */
export async function embed(here: ServedPages, html: string, more: Partial<Omit<ForeignPageOptions, 'html'>> = {}) {
  const url = await startForeignPage({ booth: here.server.url, html, ...more });
  const page = await (await here.somebody()).newPage();
  return { page, complaints: complaintsOf(page), url };
}

/** The same, loaded, and its sound listened to. */
export async function open(here: ServedPages, html: string, { before, ...more }: OpenOptions = {}) {
  const opened = await embed(here, html, more);
  await before?.(opened.page);
  await opened.page.goto(opened.url);
  await recordTab(opened.page);
  return opened;
}

/** How loud a pitch is at its loudest within 200 ms: on a busy computer, sound comes in pieces. */
export const level = async (page: Page, hz: number) => Math.max(...amplitudes(await listen(page, 300), hz).slice(-10));
export const sounds = (page: Page, hz: number) => expect.poll(() => level(page, hz), PATIENCE);
export const hears = (page: Page, hz: number) => sounds(page, hz).toBeGreaterThan(FULL / 2);
/** Waits until a pitch is that loud, against its full loudness, within 1 dB. */
export const isAbout = (page: Page, hz: number, db: number) =>
  expect.poll(async () => Math.abs(decibels(await level(page, hz), FULL) - db), PATIENCE).toBeLessThan(1);
export const isSilent = (page: Page, hz: number) => sounds(page, hz).toBeLessThan(FULL / 100);

export const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;

/** Runs in the page: a meeting that the page has by itself, as tones without a network between. */
export async function attachTones(tones: Record<'jane' | 'es' | 'fr', number>): Promise<void> {
  const context = new AudioContext();
  await context.resume();
  const gains: GainNode[] = [];
  const track = (hz: number) => {
    const [oscillator, gain, out] = [
      context.createOscillator(),
      context.createGain(),
      context.createMediaStreamDestination(),
    ];
    oscillator.frequency.value = hz;
    gain.gain.value = 12_000 / 32_768;
    gains.push(gain);
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
  const tracks = { es: track(tones.es), fr: track(tones.fr) };
  const attached = {
    me: 'me',
    channels: tracks,
    originals: [{ speaker: 'jane', language: 'en', element }],
    messages: [messages],
  };
  channels.attach(attached);
  const fallSilent = () => {
    for (const { gain } of gains) gain.value = 0;
  };
  Object.assign(globalThis, { messages, attached, original: element, fallSilent });
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
