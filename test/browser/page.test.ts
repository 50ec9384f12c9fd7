import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { pageDir } from '../../scripts/places.mjs';
import { TestBooth } from '../support/booth.ts';
import { launchChromium } from '../support/chromium.ts';
import { film } from '../support/filmed.ts';
import { joinPage, loudness, openLobby, tile, type Visit, volume } from '../support/page.ts';
import { openSocket, startTestServer, type TestServer } from '../support/server.ts';
import { sourcePicture } from '../support/video.ts';

/** Long enough for the slowest machine; nothing here waits for it when all is well. */
const PATIENCE = { timeout: 30_000, interval: 100 };

/** What a voice has and silence has not. */
const AUDIBLE = 0.05;

/** Where there is no secure context, Chromium is recognised by this alone, and not as a headless one. */
const userAgent =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36';

let server: TestServer;
let browser: Browser;
let contexts: BrowserContext[] = [];
let roomCount = 0;
let room: string;

const startPages = (options: Parameters<typeof startTestServer>[0] = {}) =>
  startTestServer({
    pages: pageDir,
    engine: { model: 'booth-offline', kind: 'offline', label: 'Offline engine · rough translation' },
    ...options,
  });

beforeAll(async () => {
  server = await startPages();
  browser = await launchChromium({ args: ['--host-resolver-rules=MAP booth.test 127.0.0.1'] });
});
afterAll(async () => {
  await browser.close();
  await server.close();
});
afterEach(async () => {
  await Promise.all(contexts.map((context) => context.close()));
  contexts = [];
});

const inNewRoom = () => {
  room = `room-${++roomCount}`;
};
/** Somebody with a browser of their own. */
async function somebody(): Promise<BrowserContext> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, userAgent });
  contexts.push(context);
  return context;
}
const visit = (name: string, more: Partial<Visit> = {}): Visit => ({ url: server.url, room, name, ...more });
const joins = async (name: string, more: Partial<Visit> = {}) => joinPage(await somebody(), visit(name, more));

/** The server as another computer names it: no door without an invite, and no secure context. */
const farUrl = () => server.url.replace('127.0.0.1', 'booth.test');

const microphone = { source: 'microphone' };
const channel = (language: string) => ({ language });
const captions = (page: Page) => page.locator('booth-caption-roll .line');

describe('two people in a room', () => {
  it('hear and see each other, until one mutes', async () => {
    inNewRoom();
    const complaints: string[] = [];
    const jane = await joins('Jane', {
      before: async (page) => {
        page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
        await page.getByRole('button', { name: 'Camera on' }).click();
        await page.getByLabel('Your camera').waitFor();
      },
    });
    const luis = await joins('Luis');

    expect(await loudness(jane, microphone)).toBeGreaterThan(AUDIBLE);
    expect(await loudness(luis, microphone)).toBeGreaterThan(AUDIBLE);
    const picture = tile(luis, 'Jane').locator('video');
    await expect
      .poll(() => picture.evaluate((video: HTMLVideoElement) => video.videoWidth), PATIENCE)
      .toBeGreaterThan(0);

    await jane.keyboard.press('m');
    await tile(luis, 'Jane').getByText('muted').waitFor({ state: 'attached' });
    await expect.poll(() => loudness(luis, microphone, 300), PATIENCE).toBeLessThan(AUDIBLE);
    await jane.keyboard.press('m');
    await expect.poll(() => loudness(luis, microphone), PATIENCE).toBeGreaterThan(AUDIBLE);

    await jane.getByRole('button', { name: 'Leave' }).click();
    await tile(luis, 'Jane').waitFor({ state: 'detached' });
    // A Content-Security-Policy that the page breaks would be complained of here.
    expect(complaints).toEqual([]);
  });

  it('see a shared screen large enough to read, and its end', async () => {
    inNewRoom();
    const picture = sourcePicture();
    const jane = await joins('Jane', {
      before: async (page) => {
        await film(page, { picture });
        await page.reload();
        await page.getByLabel('Name').fill('Jane');
      },
    });
    const luis = await joins('Luis');
    await jane.getByRole('button', { name: 'Share' }).click();
    const shared = luis.locator('booth-tile[screen]');
    await shared.locator('video').waitFor();
    const widthOf = async (tile: Locator) => (await tile.boundingBox())?.width ?? 0;
    const people = luis.locator('booth-tile:not([screen])');
    expect(await widthOf(shared)).toBeGreaterThan(3 * (await widthOf(people.first())));
    expect((await shared.boundingBox())?.height).toBeGreaterThan(250);
    await luis.setViewportSize({ width: 390, height: 780 });
    await expect.poll(() => widthOf(shared), PATIENCE).toBeGreaterThan(350);

    await jane.getByRole('button', { name: 'Stop sharing' }).click();
    await shared.waitFor({ state: 'detached' });
  });

  it('are shown who speaks', async () => {
    inNewRoom();
    await joins('Jane');
    const luis = await joins('Luis');
    await luis.locator('booth-tile[speaking]').filter({ hasText: 'Jane' }).waitFor();
  });
});

describe('someone who is alone', () => {
  it('is given a link that lets another browser in, and takes the invite out of the address', async () => {
    inNewRoom();
    const jane = await joins('Jane');
    const link = jane.getByLabel('Link to this room');
    await expect.poll(() => link.inputValue(), PATIENCE).toContain('#invite=');
    const fragment = (await link.inputValue()).split('#')[1] ?? '';
    const luis = await joins('Luis', { url: farUrl(), fragment });
    expect(luis.url()).toBe(`${farUrl()}/room/${room}`);
    await tile(jane, 'Luis').waitFor();
  });
});

describe('what is offered', () => {
  it('is what the engine can do, with who processes speech', async () => {
    inNewRoom();
    const page = await openLobby(await somebody(), visit('Jane'));
    expect(await page.getByLabel('I hear').locator('option').allTextContents()).toEqual([
      'Original',
      'Español (Spanish)',
    ]);
    const reads = await page.getByLabel('I read').locator('option').allTextContents();
    expect(reads).toContain('English · captions only');
    await page.getByText('Offline engine · rough translation').waitFor();
    await page.getByText('The voice you hear may be synthetic.').waitFor();
  });

  it('tells who speaks another language, and everybody else, that it is not interpreted', async () => {
    inNewRoom();
    const jane = await joins('Jane');
    await joins('Dieter', {
      before: async (page) => {
        await page.getByLabel('I speak').selectOption('de');
        await page.getByText('does not understand German').waitFor();
      },
    });
    await tile(jane, 'Dieter').getByText('German is not interpreted here').waitFor();
  });

  it('brings an interpreter when it is chosen, and not before', async () => {
    inNewRoom();
    const before = server.launches.length;
    const jane = await joins('Jane');
    await jane.getByRole('status').getByText('No interpreter').waitFor();
    expect(server.launches.length).toBe(before);
    await jane.getByLabel('Hear', { exact: true }).selectOption('es');
    await jane.getByRole('status').getByText('Interpreter is coming in').waitFor();
    expect(server.launches.length).toBe(before + 1);
  });

  it('is remembered on the next visit', async () => {
    inNewRoom();
    const context = await somebody();
    const first = await joinPage(context, visit('Jane', { fragment: 'hear=es&read=original,es' }));
    await first.close();
    const second = await context.newPage();
    await second.goto(`${server.url}/room/${room}`);
    expect(await second.getByLabel('Name').inputValue()).toBe('Jane');
    expect(await second.getByLabel('I hear').inputValue()).toBe('es');
    expect(await second.getByLabel('I read').inputValue()).toBe('original es');
  });
});

describe('an interpreter in the room', () => {
  let booth: TestBooth;
  let jane: Page;
  let luis: Page;
  beforeAll(async () => {
    inNewRoom();
    const context = await browser.newContext();
    jane = await joinPage(context, visit('Jane'));
    const other = await browser.newContext();
    luis = await joinPage(other, visit('Luis', { fragment: 'hear=es&read=original,es' }));
    booth = await TestBooth.enter(server, room);
    for (const language of ['en', 'es']) await booth.writes(language);
    await booth.sounds('es');
  });
  afterAll(async () => {
    booth.leave();
    await jane.context().close();
    await luis.context().close();
  });

  it('is heard by who chose its language, and by nobody else; nobody sees it', async () => {
    expect(await loudness(luis, channel('es'))).toBeGreaterThan(AUDIBLE);
    expect(await jane.locator('audio[data-source=channel]').count()).toBe(0);
    expect(await tile(luis, 'Interpreter').count()).toBe(0);
  });

  it('is read: what was said first, then what it means, and words become certain where they stand', async () => {
    const said = { speaker: 'Jane', utterance: 'a', language: 'en', kind: 'original', start: 0 } as const;
    const meant = { ...said, utterance: 'b', of: 'a', language: 'es', kind: 'translation' } as const;
    booth.caption({ ...said, stable: 'We need to finish', tentative: ' the rapport', final: false });
    booth.caption({ ...meant, stable: 'Tenemos que', tentative: ' acabar', final: false });
    await expect
      .poll(() => captions(luis).allTextContents(), PATIENCE)
      .toEqual(['We need to finish the rapport', 'Tenemos que acabar']);
    expect(await luis.locator('.tentative').allTextContents()).toEqual([' the rapport', ' acabar']);
    booth.caption({ ...said, stable: 'We need to finish the report.', final: true });
    booth.caption({ ...meant, stable: 'Tenemos que terminar el informe.', final: true });
    await expect
      .poll(() => captions(luis).allTextContents(), PATIENCE)
      .toEqual(['We need to finish the report.', 'Tenemos que terminar el informe.']);
    expect(await captions(jane).count()).toBe(0);
  });

  it('is read by who comes later, and by who begins to read later', async () => {
    const late = await joins('Late', { fragment: 'read=es' });
    await expect.poll(() => captions(late).allTextContents(), PATIENCE).toEqual(['Tenemos que terminar el informe.']);
    await late.getByLabel('Read', { exact: true }).selectOption('original');
    await expect.poll(() => captions(late).allTextContents(), PATIENCE).toEqual(['We need to finish the report.']);
  });

  it('lowers whom it translates, for those who hear it', async () => {
    const sounding = { speaker: 'Jane', utterance: 'b', language: 'es', at: 0 };
    expect(await volume(luis, microphone)).toBe(1);
    booth.playout({ ...sounding, state: 'started' });
    await expect.poll(() => volume(luis, microphone), PATIENCE).toBeCloseTo(10 ** (-15 / 20), 3);
    expect(await volume(luis, channel('es'))).toBe(1);
    booth.playout({ ...sounding, state: 'ended' });
    await expect.poll(() => volume(luis, microphone), PATIENCE).toBe(1);
  });

  it('is silent to those whose own words it translates', async () => {
    const sounding = { speaker: 'Luis', utterance: 'mine', language: 'es', at: 0 };
    booth.playout({ ...sounding, state: 'started' });
    await expect.poll(() => volume(luis, channel('es')), PATIENCE).toBe(0);
    booth.playout({ ...sounding, state: 'ended' });
    await expect.poll(() => volume(luis, channel('es')), PATIENCE).toBe(1);
  });

  it('tells how it is doing', async () => {
    const how = { speaker: 'Jane', language: 'es', queueMs: 0, listeners: 1 };
    booth.status({ ...how, state: 'speaking' });
    await luis.getByRole('status').getByText('Spanish · speaking').waitFor();
    booth.status({ ...how, state: 'reconnecting', message: 'The engine is starting again.' });
    await luis.getByRole('status').getByText('Spanish · reconnecting').waitFor();
    await luis.getByRole('button', { name: 'Interpreter' }).click();
    await luis.getByText('The engine is starting again.').waitFor();
    await luis.keyboard.press('Escape');
  });

  it('says in place why it cannot work, to who wants the language, until that is over', async () => {
    const how = { speaker: 'Jane', language: 'es', queueMs: 0, listeners: 1 };
    const message = 'The translation service refused the API key. Check DASHSCOPE_API_KEY.';
    booth.status({ ...how, state: 'unavailable', message });
    const told = luis.locator('booth-troubles').getByText(message);
    await told.waitFor();
    expect(await jane.locator('booth-troubles').getByText(message).count()).toBe(0);
    booth.status({ ...how, state: 'listening' });
    await told.waitFor({ state: 'detached' });
  });

  it('is marked where the service refused to translate', async () => {
    const refused = { language: 'es', kind: 'translation', stable: '', final: true, start: 9, refused: true } as const;
    booth.caption({ ...refused, speaker: 'Jane', utterance: 'r' });
    const mark = captions(luis).getByText('not translated: refused by the service');
    await mark.waitFor();
    const spoken = luis.locator('booth-caption-roll [aria-live]');
    expect(await spoken.textContent()).toContain('Jane: (not translated: refused by the service)');
  });

  it('is no longer heard by who changes their mind', async () => {
    await luis.getByLabel('Hear', { exact: true }).selectOption('original');
    await luis.locator('audio[data-source=channel]').waitFor({ state: 'detached' });
  });
});

describe('not to be interpreted', () => {
  it('is told to everyone', async () => {
    inNewRoom();
    const jane = await joins('Jane');
    const luis = await joins('Luis');
    await jane.getByRole('button', { name: 'Interpreter' }).click();
    await jane.getByLabel('Don’t interpret me').check();
    await tile(luis, 'Jane').getByText('Does not want to be interpreted').waitFor();
  });
});

describe('a second tab of the same browser', () => {
  it('listens only, says why, and speaks when it is told to', async () => {
    inNewRoom();
    const context = await somebody();
    const first = await joinPage(context, visit('Jane'));
    const second = await openLobby(context, visit('Jane again'));
    await second.getByText('You are in this room in another tab').waitFor();
    await second.getByRole('button', { name: 'Join' }).click();
    await second.getByText('Two tabs hear each other').waitFor();
    await tile(first, 'Jane again').getByText('muted').waitFor({ state: 'attached' });
    expect(await loudness(second, microphone)).toBeGreaterThan(AUDIBLE);
    expect(await first.locator('audio').count()).toBe(0);

    await second.getByRole('button', { name: 'Turn the microphone on anyway' }).click();
    expect(await loudness(first, microphone)).toBeGreaterThan(AUDIBLE);
  });

  it('gives its microphone back where the other one joins first', async () => {
    inNewRoom();
    const context = await somebody();
    const slow = await openLobby(context, visit('Slow'));
    await slow.getByRole('meter').waitFor();
    await joinPage(context, visit('Quick'));
    await slow.getByRole('button', { name: 'Join' }).click();
    await slow.getByText('Two tabs hear each other').waitFor();
    await tile(slow, 'Slow').getByText('muted').waitFor({ state: 'attached' });
  });
});

describe('without a microphone', () => {
  it('at a plain-HTTP address, one listens, and reads that a microphone needs HTTPS', async () => {
    inNewRoom();
    await joins('Jane');
    const url = farUrl();
    const fragment = `invite=${server.invite(room, ['publish', 'subscribe'], 600)}`;
    const far = await joins('Far', { url, fragment });
    await far.getByText('A microphone needs a secure address: HTTPS').waitFor();
    expect(await loudness(far, microphone)).toBeGreaterThan(AUDIBLE);
    expect(await far.getByRole('button', { name: 'Mute' }).count()).toBe(0);
  });

  it('that the browser refuses, one listens, and reads what to do', async () => {
    inNewRoom();
    await joins('Jane');
    const strict = await launchChromium({ devicesAllowed: false });
    try {
      const page = await joinPage(await strict.newContext(), visit('Kim'));
      await page.getByText('The browser does not let this page use the microphone').waitFor();
      expect(await loudness(page, microphone)).toBeGreaterThan(AUDIBLE);
    } finally {
      await strict.close();
    }
  });
});

describe('a room that lets nobody in', () => {
  it('says so where one wants to join', async () => {
    inNewRoom();
    const url = farUrl();
    const page = await openLobby(await somebody(), visit('Kim', { url, fragment: 'invite=wrong' }));
    await page.getByRole('button', { name: 'Join' }).click();
    await expect.poll(() => page.getByRole('alert').textContent(), PATIENCE).toMatch(/invite/);
  });
});

describe('someone who may only listen', () => {
  it('hears the others, and reads that they cannot speak', async () => {
    inNewRoom();
    const jane = await joins('Jane');
    const fragment = `invite=${server.invite(room, ['subscribe'], 600)}`;
    const guest = await joins('Guest', { fragment });
    await guest.getByText('publishing needs').waitFor();
    expect(await loudness(guest, microphone)).toBeGreaterThan(AUDIBLE);
    await tile(jane, 'Guest').getByText('muted').waitFor({ state: 'attached' });
  });
});

describe('a connection', () => {
  it('that is lost is shown and mended by itself; what was said stays', async () => {
    inNewRoom();
    const first = await startPages();
    const url = first.url;
    const jane = await joinPage(await somebody(), visit('Jane', { url, fragment: 'read=original' }));
    const luis = await joinPage(await somebody(), visit('Luis', { url }));
    const booth = await TestBooth.enter(first, room);
    await booth.writes('en');
    const said = { speaker: 'Luis', utterance: 'a', language: 'en', kind: 'original', start: 0 } as const;
    const read = () => captions(jane).allTextContents();
    const sayAndRead = () => {
      // Again and again, for the page may not have opened the channel yet.
      booth.caption({ ...said, stable: 'This was said before.', final: true });
      return read();
    };
    await expect.poll(sayAndRead, PATIENCE).toEqual(['This was said before.']);
    booth.leave();
    await first.close();

    await jane.getByText('Coming back by itself').waitFor();
    expect(await read()).toEqual(['This was said before.']);
    const second = await startPages({ port: first.port });
    try {
      await jane.getByText('Coming back by itself').waitFor({ state: 'detached' });
      await tile(jane, 'Luis').waitFor();
      expect(await loudness(jane, microphone)).toBeGreaterThan(AUDIBLE);
      expect(await loudness(luis, microphone)).toBeGreaterThan(AUDIBLE);
      expect(await read()).toEqual(['This was said before.']);
    } finally {
      await second.close();
    }
  });

  it('that was replaced by another one says so and stays closed', async () => {
    inNewRoom();
    let token = '';
    const page = await joins('Jane', {
      before: async (page) => {
        page.on('response', async (response) => {
          if (response.url().endsWith('/v1/join')) token = (await response.json()).token;
        });
      },
    });
    const socket = await openSocket(server);
    socket.send(JSON.stringify({ id: 1, method: 'join', data: { token } }));
    await page.getByText('You have left this room').waitFor();
    await page.getByText('You joined from somewhere else').waitFor();
    socket.close();
  });
});
