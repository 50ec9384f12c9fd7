/** An interpreter in a meeting of somebody else: their server, their signalling, their page, and `meeting()`. */
import { fileURLToPath } from 'node:url';
import type { RoomMessage } from '@mediasoup-booth/protocol';
import type { Browser, Page } from 'playwright-core';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { bundled } from '../support/bundle.ts';
import { launchChromium } from '../support/chromium.ts';
import { complaintsOf } from '../support/page.ts';
import { PlainMeeting } from '../support/plain-meeting.ts';
import type { PlainApp } from '../support/plain-meeting-page.ts';
import { caption, playout } from '../support/room-messages.ts';
import { PATIENCE } from '../support/served-pages.ts';

const JANE = 850;
const SPANISH = 450;
const FRENCH = 650;
/** 15 dB. */
const LOWERED = 10 ** (-15 / 20);
const BOTH = '<booth-captions></booth-captions><booth-channels></booth-channels>';
const ben = { speaker: { id: 'ben', name: 'Ben' } };

let browser: Browser;
let script: string;

beforeAll(async () => {
  browser = await launchChromium();
  script = await bundled(fileURLToPath(new URL('../support/plain-meeting-page.ts', import.meta.url)));
  return () => browser.close();
});

type AppWindow = typeof globalThis & { app: PlainApp };

async function opened(meeting: PlainMeeting, ready = untilItIsThere): Promise<{ page: Page; complaints: string[] }> {
  const context = await browser.newContext({ viewport: { width: 800, height: 600 }, locale: 'en-US' });
  onTestFinished(() => context.close());
  const page = await context.newPage();
  const complaints = complaintsOf(page);
  await page.goto(meeting.url);
  await ready(page);
  return { page, complaints };
}

const untilItIsThere = (page: Page): Promise<unknown> => page.waitForFunction(() => 'app' in globalThis);
const lines = async (page: Page) =>
  (await page.locator('booth-captions .line').allTextContents()).map((line) => line.trim()).filter(Boolean);
const reads = (page: Page) => expect.poll(() => lines(page), PATIENCE);
const hear = (page: Page, language: string) => page.getByLabel('Hear').selectOption(language);
async function read(page: Page, language: string): Promise<void> {
  const button = page.getByRole('button', { name: 'Language and size' });
  if ((await button.getAttribute('aria-expanded')) === 'false') await button.click();
  await page.locator('booth-captions').getByLabel('Language', { exact: true }).selectOption(language);
}
/** The voices that sound, by language: `channels.test.ts` listens to what comes out of the loudspeaker. */
const voices = (page: Page) =>
  page
    .locator('booth-channels audio')
    .evaluateAll((elements) =>
      elements.flatMap((each) =>
        each instanceof HTMLAudioElement && !each.paused && each.currentTime > 0 && each.volume > 0.9
          ? (each.dataset.language ?? '')
          : [],
      ),
    );
const plays = (page: Page, ...languages: string[]) => expect.poll(() => voices(page), PATIENCE).toEqual(languages);
const originalIsAt = (page: Page) =>
  expect.poll(() => page.locator('#audio-of-ben').evaluate((audio: HTMLAudioElement) => audio.volume), PATIENCE);
const hand = (page: Page, ...messages: RoomMessage[]) =>
  page.evaluate((all) => {
    for (const message of all) (globalThis as AppWindow).app.booth.message(message);
  }, messages);

/** Ben's words go on until the page has them: a data channel opens some time after it was offered. */
async function readsWhatComes(page: Page, send: (message: RoomMessage) => void, text: string): Promise<void> {
  const utterance = `u-${text}`;
  await expect
    .poll(() => {
      send(caption(utterance, { stable: text, ...ben }));
      return lines(page);
    }, PATIENCE)
    .toContain(text);
}

describe('in a meeting of somebody else', () => {
  it('a language that is chosen is asked for once, read, heard, and lowers its original', async () => {
    const meeting = await PlainMeeting.start({ html: BOTH, script });
    await meeting.speaks('ben', JANE);
    await meeting.voice('es', SPANISH);
    await meeting.voice('fr', FRENCH);
    const write = await meeting.captions('es');
    const { page, complaints } = await opened(meeting);
    await originalIsAt(page).toBe(1);
    expect(meeting.chosen).toEqual([]);
    await hear(page, 'es');
    await plays(page, 'es');
    expect(meeting.chosen).toEqual([{ hears: 'es', reads: ['es'] }]);
    expect(await page.evaluate(() => (globalThis as AppWindow).app.booth.chosen)).toEqual(meeting.chosen[0]);
    await readsWhatComes(page, write, 'Hola a todos.');
    await originalIsAt(page).toBe(1);
    write(playout('u', 'started', 0, ben));
    await originalIsAt(page).toBeCloseTo(LOWERED, 2);
    write(playout('u', 'ended', 0, ben));
    await originalIsAt(page).toBe(1);
    write(playout('v', 'started', 0, ben));
    await originalIsAt(page).toBeCloseTo(LOWERED, 2);
    // Whoever is removed is as before; so is everybody when the meeting is closed, or another takes its place.
    await page.evaluate(() => (globalThis as AppWindow).app.booth.remove('ben'));
    await originalIsAt(page).toBe(1);
    await page.evaluate(() => (globalThis as AppWindow).app.begin());
    await plays(page, 'es');
    expect(meeting.chosen.at(-1)).toEqual({ hears: 'es', reads: ['es'] });
    expect(meeting.chosen).not.toContainEqual({ hears: 'original', reads: [] });
    write(playout('w', 'started', 0, ben));
    await originalIsAt(page).toBeCloseTo(LOWERED, 2);
    await page.evaluate(() => (globalThis as AppWindow).app.booth.close());
    await originalIsAt(page).toBe(1);
    await plays(page);
    expect(complaints).toEqual([]);
  });

  it('an original is as loud as before while no translation of it sounds in the page', async () => {
    const meeting = await PlainMeeting.start({ html: BOTH, script });
    await meeting.speaks('ben', JANE);
    const { page } = await opened(meeting);
    await originalIsAt(page).toBe(1);
    await hear(page, 'es');
    await page.getByText('Waiting for the interpreter').waitFor();
    await hand(page, playout('u', 'started', 0, ben));
    // Longer than it takes to lower it.
    await page.waitForTimeout(500);
    await originalIsAt(page).toBe(1);
    await meeting.voice('es', SPANISH);
    await originalIsAt(page).toBeCloseTo(LOWERED, 2);
  });

  it('an original without a function is what plays its track and sounds', async () => {
    const meeting = await PlainMeeting.start({ html: BOTH, script });
    await meeting.speaks('ben', JANE);
    await meeting.voice('es', SPANISH);
    const { page, complaints } = await opened(meeting);
    await originalIsAt(page).toBe(1);
    await hear(page, 'es');
    await plays(page, 'es');
    await page.evaluate(() => {
      const { booth, consumers } = (globalThis as AppWindow).app;
      const bens = [...consumers.values()] as unknown as { track: MediaStreamTrack; appData: { peerId?: string } }[];
      const consumer = bens.find(({ appData }) => appData.peerId === 'ben');
      if (!consumer) throw new Error('nobody speaks');
      const silent = document.createElement('video');
      silent.muted = true;
      silent.srcObject = new MediaStream([consumer.track]);
      document.querySelector('#audio-of-ben')?.before(silent);
      booth.remove('ben');
      booth.add(consumer, 'ben');
    });
    await hand(page, playout('u', 'started', 0, ben));
    await originalIsAt(page).toBeCloseTo(LOWERED, 2);
    expect(await page.locator('video').evaluate((video: HTMLVideoElement) => video.volume)).toBe(1);
    await hand(page, playout('u', 'ended', 0, ben));
    await originalIsAt(page).toBe(1);
    // Nothing plays it: the developer is told, and how the element is handed over.
    await page.evaluate(() => {
      for (const element of document.querySelectorAll<HTMLMediaElement>('body > audio, video')) element.remove();
    });
    await hand(page, playout('v', 'started', 0, ben));
    await expect.poll(() => complaints, PATIENCE).toEqual([expect.stringMatching(/original\(.*\[noOriginalElement\]/)]);
  });

  it('what was chosen is remembered where the page says so, and neither what was refused nor what close() asks for', async () => {
    const meeting = await PlainMeeting.start({ html: BOTH, script, options: '{ remember: true }' });
    const { page, complaints } = await opened(meeting);
    const es = { hears: 'es', reads: ['es'] };
    const remembers = () =>
      expect
        .poll(() => page.evaluate(() => localStorage.getItem('booth.languages')), PATIENCE)
        .toBe(JSON.stringify(es));
    await hear(page, 'es');
    await remembers();
    meeting.refusal = 'Nobody interprets into this language today.';
    await hear(page, 'fr');
    await page.locator('booth-channels').getByText(meeting.refusal).waitFor();
    await remembers();
    meeting.refusal = undefined;
    await page.evaluate(() => (globalThis as AppWindow).app.booth.close());
    await expect.poll(() => meeting.chosen.at(-1), PATIENCE).toEqual({ hears: 'original', reads: [] });
    await remembers();
    await page.reload();
    await expect.poll(() => meeting.chosen.at(-1), PATIENCE).toEqual(es);
    expect(await page.getByLabel('Hear').inputValue()).toBe('es');
    expect(complaints).toEqual([]);
  });

  it('a voice that its server closes is heard no more, and the next one takes its place', async () => {
    const meeting = await PlainMeeting.start({ html: BOTH, script });
    const first = await meeting.voice('es', SPANISH);
    const { page } = await opened(meeting);
    await hear(page, 'es');
    await plays(page, 'es');
    first.close();
    await page.getByText('Waiting for the interpreter').waitFor();
    await plays(page);
    await meeting.voice('es', SPANISH);
    await plays(page, 'es');
  });

  it('captions that come as messages alone are read in the language that is chosen in them', async () => {
    const meeting = await PlainMeeting.start({ html: '<booth-captions></booth-captions>', script });
    meeting.recent = [caption('past', { stable: 'Antes.', start: 10, ...ben })];
    const { page, complaints } = await opened(meeting);
    await page.getByText('Choose a language.').waitFor();
    await read(page, 'es');
    await expect.poll(() => meeting.chosen, PATIENCE).toEqual([{ hears: 'original', reads: ['es'] }]);
    await reads(page).toEqual(['Antes.']);
    await hand(page, caption('now', { stable: 'Ahora.', start: 20, ...ben }));
    await reads(page).toEqual(['Antes.', 'Ahora.']);
    await hand(page, caption('other', { stable: 'Maintenant.', language: 'fr', start: 30, ...ben }));
    await read(page, 'fr');
    await reads(page).toEqual(['Maintenant.']);
    await expect.poll(() => meeting.chosen.slice(1), PATIENCE).toEqual([{ hears: 'original', reads: ['fr'] }]);
    expect(complaints).toEqual([]);
  });

  it('a choice that is refused is said to the person and taken back', async () => {
    const meeting = await PlainMeeting.start({ html: BOTH, script });
    const { page } = await opened(meeting);
    meeting.refusal = 'Nobody interprets into this language today.';
    await hear(page, 'es');
    await page.locator('booth-channels').getByText(meeting.refusal).waitFor();
    expect(await page.getByText(meeting.refusal).count()).toBe(1);
    expect(await page.getByLabel('Hear').inputValue()).toBe('original');
    meeting.refusal = undefined;
    await hear(page, 'fr');
    await page.locator('booth-channels').getByText('Nobody interprets').waitFor({ state: 'hidden' });
    await expect
      .poll(() => meeting.chosen, PATIENCE)
      .toEqual([
        { hears: 'es', reads: ['es'] },
        { hears: 'fr', reads: ['fr'] },
      ]);
    expect(await page.getByLabel('Hear').inputValue()).toBe('fr');
  });

  it('a choice that is refused is said in the captions where there is nothing else, and close() takes back what was chosen', async () => {
    const meeting = await PlainMeeting.start({ html: '<booth-captions></booth-captions>', script });
    const { page } = await opened(meeting);
    meeting.refusal = 'Nobody interprets into this language today.';
    await read(page, 'es');
    await page.locator('booth-captions').getByText(meeting.refusal).waitFor();
    meeting.refusal = undefined;
    await read(page, 'fr');
    await page.locator('booth-captions').getByText('Nobody interprets').waitFor({ state: 'hidden' });
    await page.evaluate(() => (globalThis as AppWindow).app.booth.close());
    await expect
      .poll(() => meeting.chosen.slice(1), PATIENCE)
      .toEqual([
        { hears: 'original', reads: ['fr'] },
        { hears: 'original', reads: [] },
      ]);
  });

  it('elements that are moved, or rendered anew, go on without being described again', async () => {
    const meeting = await PlainMeeting.start({ html: '<main></main><aside></aside>', script });
    await meeting.speaks('ben', JANE);
    await meeting.voice('es', SPANISH);
    const write = await meeting.captions('es');
    const { page, complaints } = await opened(meeting);
    await page.evaluate((html) => document.querySelector('main')?.insertAdjacentHTML('beforeend', html), BOTH);
    await hear(page, 'es');
    await plays(page, 'es');
    await readsWhatComes(page, write, 'Uno.');
    // Moved, in one turn and in two.
    await page.evaluate(() => document.querySelector('aside')?.append(...document.querySelectorAll('main > *')));
    await readsWhatComes(page, write, 'Dos.');
    await page.evaluate(async () => {
      const elements = [...document.querySelectorAll('aside > *')];
      for (const element of elements) element.remove();
      await new Promise(requestAnimationFrame);
      document.querySelector('main')?.append(...elements);
    });
    await plays(page, 'es');
    await readsWhatComes(page, write, 'Tres.');
    // Rendered anew, the element of the original too.
    await page.evaluate((html) => {
      const main = document.querySelector('main') ?? document.body;
      main.innerHTML = html;
      const audio = document.querySelector('#audio-of-ben');
      const other = document.createElement('audio');
      other.id = 'audio-of-ben';
      if (audio instanceof HTMLAudioElement) other.srcObject = audio.srcObject;
      audio?.replaceWith(other);
      void other.play();
    }, BOTH);
    await plays(page, 'es');
    expect(await page.getByLabel('Hear').inputValue()).toBe('es');
    await reads(page).toContain('Tres.');
    await readsWhatComes(page, write, 'Cuatro.');
    write(playout('u', 'started', 0, ben));
    await originalIsAt(page).toBeCloseTo(LOWERED, 2);
    expect(meeting.chosen).toEqual([{ hears: 'es', reads: ['es'] }]);
    // Gone for good, nobody pays for it any more; back again, so is the choice.
    await page.evaluate(() => document.querySelector('main')?.replaceChildren());
    await expect.poll(() => meeting.chosen.at(-1), PATIENCE).toEqual({ hears: 'original', reads: [] });
    await page.evaluate((html) => document.querySelector('main')?.insertAdjacentHTML('beforeend', html), BOTH);
    await expect.poll(() => meeting.chosen.at(-1), PATIENCE).toEqual({ hears: 'es', reads: ['es'] });
    expect(complaints).toEqual([]);
  });

  it('a page that mounts, unmounts and mounts again, as React does in strict mode, is as one that mounts once', async () => {
    const meeting = await PlainMeeting.start({ html: BOTH, script });
    await meeting.speaks('ben', JANE);
    await meeting.voice('es', SPANISH);
    const write = await meeting.captions('es');
    const { page, complaints } = await opened(meeting);
    await page.evaluate(async () => {
      const { app } = globalThis as AppWindow;
      app.booth.close();
      await app.begin({ hears: 'es' });
      app.booth.close();
      await app.begin({ hears: 'es' });
    });
    await expect.poll(() => meeting.chosen.at(-1), PATIENCE).toEqual({ hears: 'es', reads: ['es'] });
    await plays(page, 'es');
    await readsWhatComes(page, write, 'Una vez.');
    expect((await lines(page)).filter((line) => line === 'Una vez.')).toHaveLength(1);
    write(playout('u', 'started', 0, ben));
    await originalIsAt(page).toBeCloseTo(LOWERED, 2);
    expect(complaints).toEqual([]);
  });

  it.each(['before', 'after'])(
    'elements that were gone while the connection was lost, and are made anew %s the next meeting, are that one’s',
    async (order) => {
      const meeting = await PlainMeeting.start({ html: `<main>${BOTH}</main>`, script });
      await meeting.speaks('ben', JANE);
      await meeting.voice('es', SPANISH);
      const write = await meeting.captions('es');
      const { page, complaints } = await opened(meeting);
      await hear(page, 'es');
      await plays(page, 'es');
      await page.evaluate(() => document.querySelector('main')?.replaceChildren());
      // The meeting of before is not closed, and lets go of its elements.
      await expect.poll(() => meeting.chosen.at(-1), PATIENCE).toEqual({ hears: 'original', reads: [] });
      await page.evaluate(
        async ([html, isBefore]) => {
          const render = () => document.querySelector('main')?.insertAdjacentHTML('beforeend', html);
          if (isBefore) render();
          const begun = (globalThis as AppWindow).app.begin();
          if (!isBefore) render();
          await begun;
        },
        [BOTH, order === 'before'] as const,
      );
      await expect.poll(() => meeting.chosen.at(-1), PATIENCE).toEqual({ hears: 'es', reads: ['es'] });
      await plays(page, 'es');
      await readsWhatComes(page, write, 'Otra vez.');
      // It is the later one that does so.
      await page.evaluate(() => (globalThis as AppWindow).app.booth.close());
      await plays(page);
      expect(complaints).toEqual([]);
    },
  );

  it('elements that the page makes before their scripts have come, and in a shadow root, are bound when it gives them', async () => {
    const html = `<div></div><script>
      const root = document.querySelector('div').attachShadow({ mode: 'open' });
      root.innerHTML = '${BOTH}';
      globalThis.given = { captions: root.firstChild, channels: root.lastChild };
    </script>`;
    const meeting = await PlainMeeting.start({ html, script, options: 'given' });
    await meeting.voice('es', SPANISH);
    const write = await meeting.captions('es');
    const { page, complaints } = await opened(meeting);
    await hear(page, 'es');
    await plays(page, 'es');
    await readsWhatComes(page, write, 'En la sombra.');
    expect(complaints).toEqual([]);
  });

  it('what comes without appData is what the page says that it is, and captions by their label', async () => {
    const meeting = await PlainMeeting.start({ html: BOTH, script, passesAppData: false });
    await meeting.voice('es', SPANISH);
    const write = await meeting.captions('es');
    const { page, complaints } = await opened(meeting);
    await page.evaluate(() => {
      (globalThis as AppWindow).app.role = { role: 'channel', language: 'es' };
    });
    await hear(page, 'es');
    await plays(page, 'es');
    await readsWhatComes(page, write, 'Por su nombre.');
    expect(complaints).toEqual([]);
  });

  it('a language that an element names is the choice, and the languages may come from an address', async () => {
    const html = '<booth-captions language="ar" controls="open"></booth-captions><booth-channels></booth-channels>';
    const meeting = await PlainMeeting.start({ html, script, options: "{ languages: '/languages' }" });
    const { page, complaints } = await opened(meeting);
    await expect.poll(() => meeting.chosen, PATIENCE).toEqual([{ hears: 'original', reads: ['ar'] }]);
    const offered = (element: string) =>
      expect.poll(() => page.locator(`${element} select option`).allTextContents(), PATIENCE);
    await offered('booth-channels').toEqual(['Original', 'Español (Spanish)']);
    await offered('booth-captions').toEqual(['Original', 'Español (Spanish)', 'العربية (Arabic)']);
    await hear(page, 'es');
    await expect.poll(() => meeting.chosen.at(-1), PATIENCE).toEqual({ hears: 'es', reads: ['ar'] });
    expect(complaints).toEqual([]);
  });

  it('a voice that the browser does not let sound asks for a tap', async () => {
    const meeting = await PlainMeeting.start({ html: BOTH, script, options: "{ hears: 'es' }" });
    await meeting.voice('es', SPANISH);
    const { page } = await opened(meeting, async () => undefined);
    // What Playwright evaluates counts as a gesture; what the protocol evaluates does not.
    const session = await page.context().newCDPSession(page);
    const text = async () => {
      const expression = "document.querySelector('booth-channels')?.shadowRoot?.textContent";
      return (await session.send('Runtime.evaluate', { expression })).result.value;
    };
    await expect.poll(text, PATIENCE).toContain('Turn the sound on');
    await page.mouse.click(700, 500);
    await expect.poll(text, PATIENCE).not.toContain('Turn the sound on');
    await plays(page, 'es');
  });

  it('a developer is told once what is wrong, and nothing is thrown at them but a wrong argument', async () => {
    const meeting = await PlainMeeting.start({ html: '', script });
    await meeting.speaks('ben', JANE);
    const { page, complaints } = await opened(meeting);
    await page.locator('#audio-of-ben').waitFor({ state: 'attached' });
    const answers = await page.evaluate(() => {
      const { booth, consumers } = (globalThis as AppWindow).app;
      const [audio] = consumers.values();
      const consumer = audio as unknown as { track: MediaStreamTrack };
      const closed = { track: consumer.track, kind: 'audio', closed: true };
      const video = { track: consumer.track, kind: 'video', appData: { booth: { role: 'channel', language: 'es' } } };
      booth.message('encrypted');
      booth.message({ v: 1, type: 'something' });
      booth.recent([null] as unknown as string[]);
      const thrown = [undefined, Promise.resolve(consumer), 'id'].map((wrong) => {
        try {
          return booth.add(wrong as unknown as typeof consumer);
        } catch (error) {
          return `${error}`;
        }
      });
      booth.remove('nobody');
      return [booth.add(consumer), booth.add(consumer), booth.add(closed), booth.add(video), ...thrown];
    });
    expect(answers.slice(0, 4)).toEqual([false, false, false, false]);
    expect(answers.slice(4)).toEqual([
      'TypeError: add() takes a Consumer or a DataConsumer of mediasoup-client, and not Undefined.',
      'TypeError: add() takes a Consumer or a DataConsumer of mediasoup-client, and not a promise: await it.',
      'TypeError: add() takes a Consumer or a DataConsumer of mediasoup-client, and not String.',
    ]);
    const refused = await page.evaluate(() => {
      const { booth } = (globalThis as AppWindow).app;
      const wrong = ['es', null, [3], ['es', 'fr']] as unknown as string[][];
      return [{ hears: '' }, ...wrong.map((reads) => ({ reads }))].map((languages) => {
        try {
          return booth.select(languages);
        } catch (error) {
          return `${error}`;
        }
      });
    });
    expect(refused).toEqual([
      `TypeError: hears is a language such as 'es', or 'original', and not "".`,
      ...['"es"', 'null', '[3]', '["es","fr"]'].map(
        (wrong) => `TypeError: reads is a list of one language, as ['es'], or [] for none, and not ${wrong}.`,
      ),
    ]);
    const codes = () =>
      complaints.map((complaint) => complaint.match(/^Booth's meeting\(\): .*\[(\w+)\]$/s)?.[1] ?? complaint);
    await expect.poll(codes, PATIENCE).toEqual(['badMessage', 'closedConsumer', 'wrongKind', 'noElement']);
  });
});
