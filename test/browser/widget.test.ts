/** `<booth-captions>` on pages of others, and the pages that are nothing but captions. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { pageDir } from '../../scripts/places.mjs';
import { TestBooth } from '../support/booth.ts';
import { bundled } from '../support/bundle.ts';
import { contrastsIn, startTalking, type Watched, watchCaptions } from '../support/captions-page.ts';
import { launchChromium } from '../support/chromium.ts';
import { NONCE, startForeignPage } from '../support/foreign-page.ts';
import { watchFrames } from '../support/frames.ts';
import { join as enter, person, startTestServer, type TestServer, tokenOf } from '../support/server.ts';
import { widgetWeight } from '../support/widget-weight.ts';

const PATIENCE = { timeout: 30_000, interval: 50 };

let server: TestServer;
let browser: Browser;
const contexts: BrowserContext[] = [];
let roomCount = 0;

beforeAll(async () => {
  server = await startTestServer({ pages: pageDir });
  browser = await launchChromium({ args: ['--enable-precise-memory-info', '--js-flags=--expose-gc'] });
});
afterAll(async () => {
  await browser.close();
  await server.close();
});
afterEach(async () => {
  await Promise.all(contexts.splice(0).map((context) => context.close()));
});

interface Captions {
  attach(channel: unknown): void;
  detach(channel?: unknown): void;
}

/** A room in which Jane and Luis are, and an interpreter in the hands of the test. */
class Meeting {
  readonly room: string;
  readonly booth: TestBooth;
  readonly token: string;

  static async begin(at: TestServer = server, room = `widget-${++roomCount}`): Promise<Meeting> {
    for (const name of ['Jane', 'Luis']) await enter(at, person(name.toLowerCase(), { room, name }));
    const booth = await TestBooth.enter(at, room);
    for (const language of ['en', 'es', 'ar']) await booth.writes(language);
    onTestFinished(() => booth.leave());
    return new Meeting(room, booth);
  }

  private constructor(room: string, booth: TestBooth) {
    this.room = room;
    this.booth = booth;
    this.token = tokenOf({ identity: 'reader', room, grants: ['subscribe'] });
  }

  says(stable: string, more: Partial<Parameters<TestBooth['caption']>[0]> = {}): void {
    const base = {
      speaker: 'Jane',
      utterance: 'a',
      language: 'es',
      kind: 'translation',
      final: false,
      start: 0,
    } as const;
    this.booth.caption({ ...base, stable, ...more });
  }

  tag(attributes = 'language="es"'): string {
    return `<booth-captions room="${this.room}" token="${this.token}" ${attributes}></booth-captions>`;
  }
}

interface Opened {
  page: Page;
  /** What the browser complained of. */
  complaints: string[];
}

async function open(url: string, options: Parameters<Browser['newContext']>[0] = {}): Promise<Opened> {
  const context = await browser.newContext(options);
  contexts.push(context);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => ['error', 'warning'].includes(message.type()) && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(url);
  return { page, complaints };
}

interface EmbedOptions {
  at?: TestServer;
  context?: Parameters<Browser['newContext']>[0];
  /** Of the page itself. */
  script?: string;
  query?: Record<string, string>;
}

/** Somebody else's page with the widget's script and what is given. */
async function embed(html: string, { at = server, context, script, query = {} }: EmbedOptions = {}): Promise<Opened> {
  const widget = `<script type="module" nonce="${NONCE}" src="${at.url}/widget.js"></script>`;
  const foreign = await startForeignPage({ booth: at.url, html: widget + html, ...(script && { script }) });
  onTestFinished(() => foreign.close());
  return open(`${foreign.url}?${new URLSearchParams(query)}`, context);
}

const live = (page: Page) =>
  expect
    .poll(
      () =>
        page.evaluate(() => (document.querySelector('booth-captions') as { state?: { is: string } } | null)?.state?.is),
      PATIENCE,
    )
    .toBe('live');
const lines = async (page: Page) =>
  (await page.locator('booth-captions .line').allTextContents()).map((line) => line.trim()).filter(Boolean);
const reads = (page: Page) => expect.poll(() => lines(page), PATIENCE);

describe("on somebody else's page, one script and one tag", () => {
  it('show what is said, under a policy that allows a nonce and nothing inline', async () => {
    const meeting = await Meeting.begin();
    const { page, complaints } = await embed(meeting.tag('language="es" show-speaker'));
    await live(page);
    meeting.says('Tenemos que', { tentative: ' acabar' });
    await reads(page).toEqual(['Tenemos que acabar']);
    expect(await page.locator('booth-captions .tentative').allTextContents()).toEqual([' acabar']);
    expect(await page.locator('booth-captions .name').textContent()).toBe('Jane');
    meeting.says('Tenemos que terminar el informe.', { final: true });
    await reads(page).toEqual(['Tenemos que terminar el informe.']);
    expect(complaints).toEqual([]);
  });

  it('show the original beside the translation', async () => {
    const meeting = await Meeting.begin();
    const { page } = await embed(meeting.tag('language="es" both'));
    await live(page);
    meeting.says('We need it.', { kind: 'original', language: 'en' });
    meeting.says('Lo necesitamos.', { utterance: 'b', of: 'a' });
    await reads(page).toEqual(['We need it.', 'Lo necesitamos.']);
    expect(await page.locator('booth-captions .strand.small').innerText()).toBe('We need it.');
  });

  it('come over WebRTC where that is asked for, to somebody whom others do not see', async () => {
    const meeting = await Meeting.begin();
    const hidden = tokenOf({ identity: 'reader', room: meeting.room, grants: ['subscribe'], hidden: true });
    const jane = await enter(server, person('other', { room: meeting.room }));
    const tag = `<booth-captions via="webrtc" room="${meeting.room}" token="${hidden}" language="es"></booth-captions>`;
    const { page, complaints } = await embed(tag);
    await live(page);
    await expect
      .poll(() => {
        meeting.says('Por WebRTC.');
        return lines(page);
      }, PATIENCE)
      .toEqual(['Por WebRTC.']);
    expect(jane.told.filter(({ name }) => name === 'participant.joined')).toEqual([]);
    expect(complaints).toEqual([]);
    jane.leave();
  });

  it('tell the page by events what came, and how they are doing', async () => {
    const meeting = await Meeting.begin();
    const { page } = await embed(
      `<script type="module" nonce="${NONCE}">
        const told = globalThis.told = [];
        const captions = document.querySelector('booth-captions');
        captions.addEventListener('state', ({ detail }) => told.push(detail.is));
        captions.addEventListener('caption', ({ detail }) => told.push(detail.stable));
        captions.addEventListener('languagechange', ({ detail }) => told.push(detail.language));
      </script>${meeting.tag()}`,
    );
    await live(page);
    meeting.says('Hola.', { final: true });
    await reads(page).toEqual(['Hola.']);
    await page.locator('booth-captions').hover();
    await page.getByRole('button', { name: 'Language and size' }).click();
    await page.getByLabel('Language', { exact: true }).selectOption('en');
    const told = () => page.evaluate(() => (globalThis as { told?: unknown }).told);
    await expect.poll(told, PATIENCE).toEqual(expect.arrayContaining(['live', 'Hola.', 'en']));
    await reads(page).toEqual([]);
  });

  it('say why they cannot work, and try no more, where the token is refused', async () => {
    const meeting = await Meeting.begin();
    const { page } = await embed(
      `<booth-captions room="other" token="${meeting.token}" language="es"></booth-captions>`,
    );
    await page.getByRole('status').getByText('not for "other"').waitFor();
  });

  it('tell who builds the page what is missing', async () => {
    const { page, complaints } = await embed(
      '<booth-captions room="a" token="b"></booth-captions><booth-channels room="a"></booth-channels>',
    );
    await page.locator('booth-channels').getByRole('group').waitFor();
    const shows = (tag: string, lacks: string) =>
      `<${tag}> shows nothing: it has no ${lacks}, and nothing is attached to it.`;
    await expect
      .poll(() => complaints.toSorted(), PATIENCE)
      .toEqual([shows('booth-captions', 'language'), shows('booth-channels', 'token')]);
    const refusals = await page.evaluate(() =>
      ['booth-captions', 'booth-channels'].map((tag) => {
        const element = document.querySelector(tag) as unknown as Captions;
        return [null, {}].map((what) => {
          try {
            return element.attach(what);
          } catch (error) {
            return String(error);
          }
        });
      }),
    );
    const [captions, channels] = ['a DataConsumer', 'a meeting'].map((what) =>
      expect.stringContaining(`TypeError: attach takes ${what}`),
    );
    expect(refusals).toEqual([
      [captions, captions],
      [channels, channels],
    ]);
  });

  it('come when the server does, over WebRTC and for channels as well', async () => {
    const down = await startTestServer({ pages: pageDir });
    await down.close();
    const room = `widget-${++roomCount}`;
    const token = (identity: string) => tokenOf({ identity, room, grants: ['subscribe'] });
    const given = (identity: string) => `room="${room}" token="${token(identity)}" language="es" server="${down.url}"`;
    const widget = `<script type="module" nonce="${NONCE}" src="${server.url}/widget.js"></script>`;
    const foreign = await startForeignPage({
      booth: down.url,
      html: `${widget}<booth-captions via="webrtc" ${given('reader')}></booth-captions
        ><booth-channels ${given('listener')}></booth-channels>`,
    });
    onTestFinished(() => foreign.close());
    const { page } = await open(foreign.url);
    const states = () =>
      page.evaluate(() =>
        ['booth-captions', 'booth-channels'].map(
          (tag) => (document.querySelector(tag) as { state?: { is: string } } | null)?.state?.is,
        ),
      );
    await expect.poll(states, PATIENCE).toEqual(['lost', 'lost']);
    const up = await startTestServer({ pages: pageDir, port: down.port });
    onTestFinished(() => up.close());
    await expect.poll(states, PATIENCE).toEqual(['live', 'live']);
  });

  it('stay inside the element: what there is no room for leaves above', async () => {
    const meeting = await Meeting.begin();
    const { page } = await embed(
      `<style nonce="${NONCE}">
        div { position: relative; block-size: 160px; inline-size: 600px }
        booth-captions { position: absolute; inset: 0; --booth-captions-size: 30px }
      </style><div>${meeting.tag('language="es" both lines="3" controls="off"')}</div>`,
    );
    await live(page);
    const words = 'una palabra y otra más que no se acaba nunca '.repeat(3).trim();
    meeting.says(words, { kind: 'original', language: 'en', final: true });
    meeting.says(words, { utterance: 'b', of: 'a', final: true });
    const bottoms = () =>
      page.evaluate(() => {
        const root = document.querySelector('booth-captions')?.shadowRoot;
        const bottom = (element: Element | null | undefined) => element?.getBoundingClientRect().bottom ?? Number.NaN;
        return [bottom(root?.querySelector('.box')), bottom([...(root?.querySelectorAll('.line') ?? [])].at(-1))];
      });
    await expect.poll(async () => (await lines(page)).length, PATIENCE).toBe(6);
    const [box = 0, last = Number.NaN] = await bottoms();
    expect(last).toBeLessThan(box);
    expect(await page.locator('booth-captions .box').evaluate((element) => element.clientHeight)).toBeLessThanOrEqual(
      160,
    );
  });
});

describe('attached to a channel that the page has', () => {
  it('show what comes on its own mediasoup-client consumer', async () => {
    const meeting = await Meeting.begin();
    const script = await bundled(fileURLToPath(new URL('../support/own-mediasoup.ts', import.meta.url)));
    const { page, complaints } = await embed(
      `<booth-captions></booth-captions><script type="module" nonce="${NONCE}" src="/own.js"></script>`,
      { script, query: { server: server.url, token: meeting.token, language: 'es' } },
    );
    await live(page);
    await expect
      .poll(() => {
        meeting.says('Del canal propio.');
        return lines(page);
      }, PATIENCE)
      .toEqual(['Del canal propio.']);
    expect(complaints).toEqual([]);
  });

  it('show what comes on anything else that has messages, and stop when it is detached', async () => {
    const { page } = await embed('<booth-captions language="es"></booth-captions>');
    const caption = (utterance: string, stable: string) =>
      JSON.stringify({
        ...{ v: 1, type: 'caption', seq: 1, language: 'es', speaker: { id: 'j', name: 'Jane' }, utterance },
        ...{ kind: 'translation', stable, final: true, start: 0 },
      });
    await page.evaluate(
      async ([first = '', second = '', third = '']) => {
        await customElements.whenDefined('booth-captions');
        const captions = document.querySelector('booth-captions') as unknown as Captions;
        const target = new EventTarget();
        const handled: { onmessage: ((event: unknown) => void) | null } = { onmessage: null };
        captions.attach(target);
        captions.attach(handled);
        target.dispatchEvent(new MessageEvent('message', { data: new TextEncoder().encode(first) }));
        handled.onmessage?.({ data: second });
        captions.detach(target);
        target.dispatchEvent(new MessageEvent('message', { data: third }));
      },
      [caption('a', 'Uno.'), caption('b', 'Dos.'), caption('c', 'Tres.')],
    );
    await reads(page).toEqual(['Uno.', 'Dos.']);
  });
});

describe('who reads', () => {
  it('and comes late reads at once what was said last; and all of it where there is room', async () => {
    const meeting = await Meeting.begin();
    for (const n of [1, 2, 3]) meeting.says(`Frase ${n}.`, { utterance: `${n}`, final: true });
    const { page } = await embed(meeting.tag());
    await reads(page).toEqual(['Frase 2.', 'Frase 3.']);
    await page.locator('booth-captions').evaluate((captions) => captions.setAttribute('history', ''));
    await reads(page).toEqual(['Frase 1.', 'Frase 2.', 'Frase 3.']);
    // What was said before anyone looked is not said to them again.
    expect(await page.locator('booth-captions [aria-live]').textContent()).toBe('');
  });

  it('with a screen reader hears finals, once', async () => {
    const meeting = await Meeting.begin();
    const { page } = await embed(meeting.tag());
    await live(page);
    await page.waitForTimeout(600);
    meeting.says('Tenemos', { tentative: ' que' });
    meeting.says('Tenemos que irnos.', { final: true });
    meeting.says('Tenemos que irnos.', { final: true });
    await reads(page).toEqual(['Tenemos que irnos.']);
    expect(await page.locator('booth-captions [aria-live] p').allTextContents()).toEqual(['Jane: Tenemos que irnos.']);
  });

  it('keeps the screen on', async () => {
    const meeting = await Meeting.begin();
    const { page } = await embed('<booth-captions language="es"></booth-captions>');
    await page.evaluate(
      ({ room, token }) => {
        const asked: string[] = [];
        const lock = navigator.wakeLock;
        const request = lock.request.bind(lock);
        lock.request = (type) => {
          asked.push(type ?? '');
          return request(type);
        };
        Object.assign(globalThis, { asked });
        Object.assign(document.querySelector('booth-captions') ?? {}, { room, token });
      },
      { room: meeting.room, token: meeting.token },
    );
    const asked = () => page.evaluate(() => (globalThis as { asked?: string[] }).asked);
    await expect.poll(asked, PATIENCE).toEqual(['screen']);
  });

  it('chooses a size and a place, which are remembered', async () => {
    const meeting = await Meeting.begin();
    const { page, complaints } = await embed(meeting.tag());
    await live(page);
    const fontSize = () =>
      page.locator('booth-captions .box').evaluate((box) => Number.parseFloat(getComputedStyle(box).fontSize));
    const before = await fontSize();
    await page.locator('booth-captions').hover();
    await page.getByRole('button', { name: 'Language and size' }).click();
    for (const _ of [125, 150, 175, 200]) await page.getByRole('button', { name: 'Larger' }).click();
    expect(await page.getByRole('button', { name: 'Larger' }).isDisabled()).toBe(true);
    await page.getByRole('button', { name: 'Move to the top' }).click();
    await expect.poll(fontSize, PATIENCE).toBeCloseTo(2 * before, 1);
    await page.reload();
    await live(page);
    await expect.poll(fontSize, PATIENCE).toBeCloseTo(2 * before, 1);
    expect(await page.locator('booth-captions').getAttribute('place')).toBe('top');
    expect(complaints).toEqual([]);
  });

  it('sees that the connection is lost, keeps what was said, and reads on when it is mended', async () => {
    const first = await startTestServer({ pages: pageDir });
    const meeting = await Meeting.begin(first);
    const { page } = await embed(meeting.tag('language="es" history'), { at: first });
    await live(page);
    meeting.says('Antes.', { final: true });
    await reads(page).toEqual(['Antes.']);
    meeting.booth.leave();
    await first.close();
    await page.getByText('Connection lost. Coming back by itself').waitFor();
    expect(await lines(page)).toEqual(['Antes.']);
    const second = await startTestServer({ pages: pageDir, port: first.port });
    try {
      await live(page);
      await page.getByText('Connection lost').waitFor({ state: 'detached' });
      const again = await Meeting.begin(second, meeting.room);
      again.says('Después.', { utterance: 'b', final: true });
      await reads(page).toEqual(['Antes.', 'Después.']);
    } finally {
      await second.close();
    }
  });
});

describe('at 50 updates a second', () => {
  const SECONDS = 60;

  it.each(['lines="4"', 'history'])(
    'with %s no frame is late, memory does not grow, and no text shrinks while it is said',
    async (attributes) => {
      const meeting = await Meeting.begin();
      const { page } = await embed(meeting.tag(`language="es" ${attributes}`));
      await live(page);
      // The memory of what was said is full from the beginning.
      for (let n = 0; n < 220; n++) meeting.says(`Frase ${n}.`, { utterance: `${n}`, final: true });
      const talk = startTalking(meeting);
      onTestFinished(() => talk.stop());
      await page.waitForTimeout(3_000);
      await page.evaluate(watchCaptions);
      const watched = () => page.evaluate(() => (globalThis as unknown as Watched).watched());
      // Memory is measured between the halves, for that takes a frame's time itself.
      const half = async () => {
        const framesSeen = await watchFrames(browser, page);
        await page.waitForTimeout(SECONDS * 500);
        return framesSeen();
      };
      const first = await half();
      const { heapBytes } = await watched();
      const second = await half();
      const seen = await watched();
      const grownBytes = seen.heapBytes - heapBytes;
      talk.stop();
      console.info(
        `widget at 50 updates a second, ${attributes}:`,
        JSON.stringify({ first, second, ...seen, grownBytes, sent: talk.sent() }),
      );
      expect(talk.sent()).toBeGreaterThan(SECONDS * 45);
      expect(seen.utterances).toBeGreaterThan(SECONDS / 3);
      expect(seen.shrunk).toEqual([]);
      const frames = first.frames + second.frames;
      expect(frames).toBeGreaterThan(SECONDS * 20);
      // None on a quiet computer; a page of memory that the system fetches back costs the same thread now and then.
      expect(first.costly + second.costly).toBeLessThanOrEqual(frames / 1000);
      expect(grownBytes).toBeLessThan(200_000);
    },
  );
});

describe('a page that is nothing but captions', () => {
  it('lies over what is below, and takes the token out of the address', async () => {
    const meeting = await Meeting.begin();
    const { page, complaints } = await open(
      `${server.url}/overlay/${meeting.room}?language=es&lines=3#${meeting.token}`,
    );
    await live(page);
    expect(page.url()).toBe(`${server.url}/overlay/${meeting.room}?language=es&lines=3`);
    expect(await page.evaluate(() => getComputedStyle(document.body).backgroundColor)).toBe('rgba(0, 0, 0, 0)');
    await page.locator('booth-captions').getByText('Captions appear here').waitFor({ state: 'hidden' });
    meeting.says('Hola a todos.', { final: true });
    await reads(page).toEqual(['Hola a todos.']);
    expect(await page.getByRole('button').count()).toBe(0);
    await page.reload();
    await reads(page).toEqual(['Hola a todos.']);
    expect(complaints).toEqual([]);
  });

  it.each(['overlay', 'listen'])('/%s says why a wrong token is wrong, and forgets it', async (path) => {
    const room = `widget-${++roomCount}`;
    const { page } = await open(`${server.url}/${path}/${room}?language=es#eyJ.wrong.token`);
    await page.locator('booth-captions [part~="ended"]').waitFor();
    expect(await page.evaluate((key) => sessionStorage.getItem(key), `booth.captions ${room}`)).toBeNull();
  });

  it('fills a phone, in Arabic from right to left, with an invite', async () => {
    const meeting = await Meeting.begin();
    const invite = server.invite(meeting.room, ['subscribe'], 600);
    const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
    const { page, complaints } = await open(`${server.url}/listen/${meeting.room}?language=ar#invite=${invite}`, phone);
    await live(page);
    meeting.says('ننهي WebRTC 2.0 اليوم.', { language: 'ar', final: true });
    await reads(page).toEqual(['ننهي WebRTC 2.0 اليوم.']);
    const line = page.locator('booth-captions .line');
    expect(await line.evaluate((element) => getComputedStyle(element).direction)).toBe('rtl');
    expect(await line.locator('bdi').allTextContents()).toEqual(['WebRTC 2.0']);
    const box = await page.locator('booth-captions .box').boundingBox();
    expect(box?.width).toBe(390);
    expect(box?.height).toBeGreaterThan(700);
    await page.getByLabel('Language', { exact: true }).selectOption('es');
    await expect.poll(() => page.url(), PATIENCE).toContain('language=es');
    expect(complaints).toEqual([]);
  });
});

/** Over white and over black, as the worst of videos: text against what is seen through its own ground. */
describe.each(['dark', 'light'] as const)('in the %s scheme', (colorScheme) => {
  it('every colour of text has a contrast of 4.5 on any video', async () => {
    const meeting = await Meeting.begin();
    const { page } = await embed(meeting.tag('language="es" both show-speaker'), { context: { colorScheme } });
    await live(page);
    meeting.says('We', { kind: 'original', language: 'en', tentative: ' need' });
    meeting.says('Lo', { utterance: 'b', of: 'a', tentative: ' necesitamos' });
    await reads(page).toEqual(['We need', 'Lo necesitamos']);
    const contrasts = await page.evaluate(contrastsIn);
    expect(contrasts.length).toBeGreaterThanOrEqual(8);
    for (const { contrast, text } of contrasts) expect(contrast, text).toBeGreaterThanOrEqual(4.5);
  });
});

describe('what the widget weighs, gzipped', () => {
  const { captions, full } = widgetWeight(pageDir);

  it('is at most 15 kB without WebRTC, which it loads only when it is asked to', () => {
    expect(captions).toBeLessThanOrEqual(15_000);
    expect(readFileSync(join(pageDir, 'widget.js'), 'utf8')).not.toMatch(/^import|[;}]import[{"'*]/);
  });

  it('is at most 100 kB with everything', () => {
    expect(full).toBeGreaterThan(captions + 30_000);
    expect(full).toBeLessThanOrEqual(100_000);
  });
});
