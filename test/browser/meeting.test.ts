import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join as pathOf } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { endpoints, models } from '../../config/models.ts';
import { pricingOf } from '../../config/prices.ts';
import { Transcript } from '../../protocol/rest.ts';
import { pageDir } from '../../scripts/places.mjs';
import { findings } from '../support/axe-page.ts';
import { TestBooth } from '../support/booth.ts';
import { launchChromium } from '../support/chromium.ts';
import { joinPage, openLobby, tile, type Visit } from '../support/page.ts';
import { call, interpreter, join, person, startTestServer, type TestServer, tokenOf } from '../support/server.ts';

/** Long enough for the slowest machine; nothing here waits for it when all is well. */
const PATIENCE = { timeout: 30_000, interval: 100 };

const cloud = models.find(({ kind, prices }) => kind === 'cloud' && prices.length > 0);

let server: TestServer;
let browser: Browser;
let transcripts: string;
let contexts: BrowserContext[] = [];
let roomCount = 0;
let room: string;

beforeAll(async () => {
  if (!cloud) throw new Error('no model in the cloud has prices');
  transcripts = await mkdtemp(pathOf(tmpdir(), 'booth-page-'));
  server = await startTestServer({
    pages: pageDir,
    model: cloud,
    pricing: pricingOf(cloud, endpoints.international),
    engine: { model: cloud.id, kind: 'cloud', label: 'A service in the cloud' },
    pictures: 'onChange',
    transcripts: { folder: transcripts, keepHours: 24 },
  });
  browser = await launchChromium();
});
afterAll(async () => {
  await browser.close();
  await server.close();
  await rm(transcripts, { recursive: true });
});
beforeEach(() => {
  room = `meeting-${++roomCount}`;
});
afterEach(async () => {
  await Promise.all(contexts.map((context) => context.close()));
  contexts = [];
});

async function somebody(locale = 'en-US'): Promise<BrowserContext> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale });
  contexts.push(context);
  return context;
}
const visit = (name: string, more: Partial<Visit> = {}): Visit => ({ url: server.url, room, name, ...more });
const joins = async (name: string, more: Partial<Visit> = {}) => joinPage(await somebody(), visit(name, more));
const guest = () => ({ fragment: `invite=${server.invite(room, ['publish', 'subscribe'], 600)}` });
const openPanel = (page: Page) => page.getByRole('button', { name: 'Interpreter' }).click();

describe('the interpreter panel', () => {
  it('says that pictures are looked at, and refuses mine for good', async () => {
    const booth = await join(server, interpreter('booth', { room }));
    const context = await somebody();
    const jane = await joinPage(context, visit('Jane'));
    await openPanel(jane);
    await jane.getByText('also looks at cameras').waitFor();
    await jane.getByLabel('No pictures of me').check();
    await booth.hears('participant.updated', ({ preferences }) => !preferences.pictures);
    await jane.close();
    const again = await joinPage(context, visit('Jane'));
    await booth.hears('participant.joined', ({ participant }) => participant.name === 'Jane' && !participant.pictures);
    await openPanel(again);
    expect(await again.getByLabel('No pictures of me').isChecked()).toBe(true);
    booth.leave();
  });

  it('keeps interpreters away from my microphone, and does so the next time', async () => {
    const booth = await join(server, interpreter('booth', { room }));
    const context = await somebody();
    const jane = await joinPage(context, visit('Jane'));
    await openPanel(jane);
    await jane.getByLabel('Don’t interpret me').check();
    await booth.hears('participant.updated', ({ preferences }) => !preferences.interpret);
    await jane.close();
    const again = await joinPage(context, visit('Jane'));
    await booth.hears('participant.joined', ({ participant }) => participant.name === 'Jane' && !participant.interpret);
    await openPanel(again);
    await again.getByLabel('Don’t interpret me').uncheck();
    await expect.poll(() => booth.all('participant.updated').at(-1)?.preferences.interpret, PATIENCE).toBe(true);
    booth.leave();
  });

  it('tells what an hour costs, and to hosts what was spent', async () => {
    const jane = await joins('Jane');
    await openPanel(jane);
    await jane.getByText(/An hour of one person’s speech into one language: (\$|¥|CN¥)\d/).waitFor();
    await jane.getByText(/Today so far: (\$|¥|CN¥)0/).waitFor();
  });

  it('lets a host send an interpreter as they like, and send it away', async () => {
    const jane = await joins('Jane');
    await openPanel(jane);
    const before = server.launches.length;
    await jane.getByLabel('Into which languages').first().selectOption('chosen');
    await jane.getByLabel('Look at pictures').selectOption('off');
    await jane.getByRole('button', { name: 'Send anew with this' }).click();
    await expect.poll(() => server.launches.length, PATIENCE).toBe(before + 1);
    const [launch] = server.launches.slice(-1);
    expect(launch?.assignment).toMatchObject({ pictures: 'off', languages: [expect.any(String)] });
    await expect.poll(() => jane.getByLabel('Interpret this meeting').isChecked(), PATIENCE).toBe(true);
    await jane.getByLabel('Interpret this meeting').click();
    await expect.poll(() => launch?.stopped, PATIENCE).toBe(true);
    await expect.poll(() => jane.getByLabel('Interpret this meeting').isChecked(), PATIENCE).toBe(false);
  });

  it('takes a voice, captions alone and terms for languages that people may choose, and keeps what is typed', async () => {
    const jane = await joins('Jane');
    await openPanel(jane);
    const { launches } = server;
    const before = launches.length;
    const language = jane.getByLabel('How it interprets into');
    const terms = jane.getByLabel('Terms and their translations');
    const sendAnew = () => jane.getByRole('button', { name: 'Send anew with this' }).click();
    await language.selectOption('zh');
    await jane.getByLabel('Voice', { exact: true }).selectOption({ label: 'Jada (Shanghai)' });
    await language.selectOption('es');
    await jane.getByLabel('Captions only').check();
    expect(await jane.getByLabel('Voice', { exact: true }).count()).toBe(0);
    await terms.fill('Booth: Cabina\nSFU');
    await language.selectOption('ar');
    expect(await jane.getByLabel('Captions only').count()).toBe(0);
    await sendAnew();
    await jane.getByText('Line 2 is not of the form').waitFor();
    expect(await language.locator('option:checked').innerText()).toBe('Español · captions only · 1 term');
    expect(await terms.inputValue()).toBe('Booth: Cabina\nSFU');
    expect(await findings(jane)).toEqual([]);
    expect(launches.length).toBe(before);

    await terms.fill('Booth: Cabina');
    await expect.poll(() => jane.getByText('Line 2 is not of the form').count(), PATIENCE).toBe(0);
    await sendAnew();
    await expect.poll(() => launches.length, PATIENCE).toBe(before + 1);
    const wishes = { zh: { voice: 'Jada' }, es: { audio: false, hotwords: { Booth: 'Cabina' } } };
    expect(launches.at(-1)?.assignment).toMatchObject({ languages: 'auto', wishes });
    await expect.poll(() => jane.getByRole('button', { name: 'Send anew with this' }).count(), PATIENCE).toBe(0);

    // Nothing of it is lost with what is changed later.
    await jane.getByLabel('Look at pictures').selectOption('off');
    await sendAnew();
    await expect.poll(() => launches.length, PATIENCE).toBe(before + 2);
    expect(launches.at(-1)?.assignment).toMatchObject({ pictures: 'off', wishes });
    expect(await terms.inputValue()).toBe('Booth: Cabina');
  });

  it('keeps what is typed where the server refuses it, and the interpreter who is there', async () => {
    const jane = await joins('Jane');
    await openPanel(jane);
    const before = server.launches.length;
    await jane.getByLabel('Interpret this meeting').check();
    await expect.poll(() => server.launches.length, PATIENCE).toBe(before + 1);
    await jane.route('**/interpreters', async (route) => {
      const refused = {
        type: 'about:blank',
        title: 'Bad Request',
        status: 400,
        code: 'invalid',
        detail: 'No such voice.',
      };
      if (route.request().method() !== 'POST') await route.fallback();
      else await route.fulfill({ status: 400, contentType: 'application/problem+json', json: refused });
    });
    await jane.getByLabel('How it interprets into').selectOption('fr');
    await jane.getByLabel('Terms and their translations').fill('Booth: Cabine');
    await jane.getByRole('button', { name: 'Send anew with this' }).click();
    await jane.getByText('No such voice.').waitFor();
    expect(await jane.getByLabel('Terms and their translations').inputValue()).toBe('Booth: Cabine');
    expect(server.launches.at(-1)?.stopped).toBe(false);
  });

  it('offers nothing of this to guests', async () => {
    const luis = await joins('Luis', guest());
    await openPanel(luis);
    await luis.getByText('The voice you hear may be synthetic.').waitFor();
    expect(await luis.getByText('For the host').count()).toBe(0);
  });
});

describe('a host', () => {
  it('mutes somebody, who reads it and unmutes', async () => {
    const jane = await joins('Jane');
    const luis = await joins('Luis', guest());
    await openPanel(jane);
    await jane.getByRole('button', { name: 'Mute Luis' }).click();
    await luis.getByText('The host has muted you.').waitFor();
    await tile(jane, 'Luis').getByText('muted').waitFor({ state: 'attached' });
    await luis.locator('booth-troubles').getByRole('button', { name: 'Unmute' }).click();
    await tile(jane, 'Luis').getByText('muted').waitFor({ state: 'detached' });
  });

  it('removes somebody once that is confirmed, who stays away', async () => {
    const jane = await joins('Jane');
    const luis = await joins('Luis', guest());
    await openPanel(jane);
    await jane.getByRole('button', { name: 'Remove Luis', exact: true }).click();
    await jane.getByRole('button', { name: 'Really remove Luis?' }).click();
    await luis.getByText('You are no longer in this room').waitFor();
    await tile(jane, 'Luis').waitFor({ state: 'detached' });
  });
});

describe('what was said', () => {
  const said = { speaker: 'Luis', utterance: 'a', language: 'en', kind: 'original', start: 1000, final: true } as const;
  const meant = { ...said, utterance: 'b', of: 'a', language: 'es', kind: 'translation' } as const;

  it('stands original beside translation, is searched, taken away as a file, and offered again on leaving', async () => {
    const jane = await joins('Jane', { fragment: 'read=es' });
    await joins('Luis');
    const booth = await TestBooth.enter(server, room);
    for (const language of ['en', 'es']) await booth.writes(language);
    await jane.keyboard.press('t');
    await jane.locator('booth-transcript').getByText('written down and kept for 24 hours').waitFor();
    const rows = jane.locator('booth-transcript li .sides');
    const sayAndRead = async () => {
      // Again and again, for the page may not have opened the channels yet.
      booth.caption({ ...said, stable: 'The information is here.' });
      booth.caption({ ...meant, stable: 'La información está aquí.' });
      return (await rows.allInnerTexts()).map((text) => text.split(/\s*\n\s*/));
    };
    await expect.poll(sayAndRead, PATIENCE).toEqual([['The information is here.', 'La información está aquí.']]);
    await jane.getByLabel('Search').fill('informacion');
    await jane.getByText('1 line found').waitFor();
    await jane.getByLabel('Search').fill('nobody said this');
    await jane.getByText('Nothing found').waitFor();

    const [file] = await Promise.all([
      jane.waitForEvent('download'),
      jane.getByRole('button', { name: 'TXT' }).click(),
    ]);
    expect(file.suggestedFilename()).toBe(`${room}.es.txt`);
    expect(await contentOf(file)).toContain('La información está aquí.');

    await jane.getByRole('button', { name: 'Leave' }).click();
    await jane.getByText('You have left the meeting.').waitFor();
    const [later] = await Promise.all([
      jane.waitForEvent('download'),
      jane.getByRole('button', { name: 'SRT' }).click(),
    ]);
    expect(await contentOf(later)).toContain('La información está aquí.');
    booth.leave();
  });
});

describe('a transcript', () => {
  const said = { speaker: 'Luis', language: 'en', kind: 'original', final: true } as const;
  /** Of the page's transcript, once it is as long. */
  const lines = (page: Page) => page.locator('booth-transcript li .original').allInnerTexts();

  it('is switched off and on by the host, deleted once that is confirmed, and everyone is told in place', async () => {
    const jane = await joins('Jane', { fragment: 'read=original' });
    const luis = await joins('Luis', { fragment: `${guest().fragment}&read=original` });
    const booth = await TestBooth.enter(server, room);
    await booth.writes('en');
    const kept = async () => {
      const token = tokenOf(person('reader', { room }));
      const { body } = await call(server, 'GET', `/v1/rooms/${room}/transcript?language=original`, { token });
      return Transcript.safeParse(body).data?.entries.map(({ text }) => text) ?? [];
    };
    await luis.keyboard.press('t');
    const sayFirst = () => {
      // Again and again, for the page may not have opened the channel yet.
      booth.caption({ ...said, utterance: 'a', start: 1, stable: 'This is kept.' });
      return lines(luis);
    };
    await expect.poll(sayFirst, PATIENCE).toEqual(['This is kept.']);

    await openPanel(jane);
    await jane.getByLabel('Write down what is said').uncheck();
    const told = luis.locator('booth-troubles');
    await told.getByText('The host has switched the transcript off').waitFor();
    await luis.locator('booth-transcript').getByText('What is said is not written down.').waitFor();
    expect(await findings(luis)).toEqual([]);
    booth.caption({ ...said, utterance: 'b', start: 3_600_000, stable: 'This is not.' });
    await expect.poll(() => lines(luis), PATIENCE).toEqual(['This is kept.', 'This is not.']);
    expect(await kept()).toEqual(['This is kept.']);

    await jane.getByLabel('Write down what is said').check();
    await told.getByText('The host has switched the transcript on.').waitFor();
    booth.caption({ ...said, utterance: 'c', start: 3_600_001, stable: 'This is again.' });
    await expect.poll(kept, PATIENCE).toEqual(['This is kept.', 'This is again.']);

    await jane.getByRole('button', { name: 'Delete what was written down' }).click();
    await jane.getByText('for everyone and for good').waitFor();
    expect(await findings(jane)).toEqual([]);
    await jane.getByRole('button', { name: 'Really delete it?' }).click();
    await told.getByText('The host has deleted what was written down so far.').waitFor();
    await expect.poll(() => lines(luis), PATIENCE).toEqual([]);
    expect(await kept()).toEqual([]);
    const late = await joins('Late', { fragment: 'read=original' });
    await late.keyboard.press('t');
    await late.getByText('What is said and interpreted will stand here.').waitFor();
    expect(await late.getByText('This is').count()).toBe(0);
    booth.leave();
  });
});

async function contentOf(file: import('playwright-core').Download): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of await file.createReadStream()) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

describe('who still listens', () => {
  it('is seen by all, until the last channel is quiet', async () => {
    const jane = await joins('Jane');
    const luis = await joins('Luis', { fragment: 'hear=es' });
    await jane.keyboard.press('m');
    const booth = await TestBooth.enter(server, room);
    await booth.writes('es');
    const how = { speaker: 'Jane', language: 'es', queueMs: 900, listeners: 2 } as const;
    const sounding = { speaker: 'Jane', utterance: 'b', language: 'es', at: 0 } as const;
    const asked = async () => {
      booth.status({ ...how, state: 'speaking' });
      booth.playout({ ...sounding, state: 'started' });
      return Promise.all([jane, luis].map((page) => tile(page, 'Jane').getByText('2 still listening').count()));
    };
    await expect.poll(asked, PATIENCE).toEqual([1, 1]);
    booth.playout({ ...sounding, state: 'ended' });
    booth.status({ ...how, state: 'listening' });
    for (const page of [jane, luis])
      await tile(page, 'Jane').getByText('still listening').waitFor({ state: 'detached' });
    booth.leave();
  });
});

describe('a microphone', () => {
  it('is one of several, as it is chosen, and remembered', async () => {
    const context = await somebody();
    const page = await openLobby(context, visit('Jane'));
    await page.getByRole('meter').waitFor();
    const list = page.getByLabel('Microphone', { exact: true });
    const names = (await list.locator('option').allTextContents()).slice(1);
    expect(names.length).toBeGreaterThan(1);
    await list.selectOption({ label: names[1] ?? '' });
    const chosen = await list.inputValue();
    await page.close();
    const again = await openLobby(context, visit('Jane'));
    await again.getByRole('meter').waitFor();
    expect(await again.getByLabel('Microphone', { exact: true }).inputValue()).toBe(chosen);
  });
});

describe('the page’s own language', () => {
  it('is the browser’s, with the whole layout turned where it is written from the right', async () => {
    const page = await (await somebody('ar')).newPage();
    await page.goto(`${server.url}/room/${room}`);
    await page.getByRole('button', { name: 'انضمام' }).waitFor();
    expect(await page.locator('html').getAttribute('dir')).toBe('rtl');
    expect(await page.locator('html').getAttribute('lang')).toBe('ar');
    const [form, preview] = [await page.locator('form').boundingBox(), await page.locator('.preview').boundingBox()];
    expect(form?.x ?? 0).toBeLessThan(preview?.x ?? 0);
  });

  it('is changed with one choice, in mid-page, and remembered', async () => {
    const page = await openLobby(await somebody(), visit('Jane'));
    await page.getByLabel('Language of this page').selectOption('es');
    await page.getByRole('button', { name: 'Entrar' }).waitFor();
    await page.reload();
    await page.getByRole('button', { name: 'Entrar' }).waitFor();
  });
});

describe('axe', () => {
  it.each(['en-US', 'ar'])('finds nothing before joining and inside, in %s', async (locale) => {
    const context = await somebody(locale);
    const page = await context.newPage();
    await page.goto(`${server.url}/room/${room}`);
    await page.locator('#name').fill('Jane');
    await page.getByRole('meter').waitFor();
    expect(await findings(page)).toEqual([]);
    await page.locator('form .primary').click();
    await page.locator('booth-meeting').waitFor();
    await joins('Luis', guest());
    await page.locator('booth-tile').nth(1).waitFor();
    await page.keyboard.press('t');
    await page.locator('booth-transcript').waitFor();
    expect(await findings(page)).toEqual([]);
    await page.locator('booth-interpretation button').first().click();
    await page.locator('booth-host').waitFor();
    expect(await findings(page)).toEqual([]);
  });
});
