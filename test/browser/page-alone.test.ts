/** The pages in surroundings that they were not made for: without JavaScript, under a path, on paper; and the keys of a meeting. */
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from 'playwright-core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Meeting, open } from '../support/captions-meeting.ts';
import { joinPage } from '../support/page.ts';
import { PATIENCE, servePages } from '../support/served-pages.ts';

const here = servePages();

/** A proxy that has Booth under `/booth/`, as `location /booth/ { proxy_pass …/; }` does. */
async function proxyOfPagesAlone(target: string): Promise<string> {
  const server = createServer((incoming, response) => {
    if (!/^\/booth\/(room|listen|overlay)\//.test(incoming.url ?? '')) return void response.writeHead(404).end();
    const path = incoming.url?.slice('/booth'.length);
    const outgoing = request(`${target}${path}`, { method: incoming.method, headers: incoming.headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    outgoing.on('error', () => response.writeHead(502).end());
    incoming.pipe(outgoing);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/booth`;
}

const paths = [['room'], ['listen'], ['overlay']] as const;

describe('a page', () => {
  it.each(paths)('/%s says without JavaScript what it needs, in three languages', async (path) => {
    const page = await (await here.somebody()).newPage();
    const source = await (await fetch(`${here.server.url}/${path}/${here.room}`)).text();
    // What is parsed here is parsed as in a browser without JavaScript.
    const said = await page.evaluate((source) => {
      const paragraphs = new DOMParser().parseFromString(source, 'text/html').querySelectorAll('noscript p');
      return [...paragraphs].map((one) => `${one.closest('[lang]')?.getAttribute('lang')}: ${one.textContent}`);
    }, source);
    const need = [/^en: Booth needs JavaScript/, /^es: Booth necesita JavaScript/, /^ar: يحتاج Booth إلى JavaScript/];
    expect(said).toEqual(need.map((text) => expect.stringMatching(text)));
  });

  it.each(paths)('/%s says behind a proxy which passes nothing else what the proxy has to pass', async (path) => {
    const url = await proxyOfPagesAlone(here.server.url);
    const { page } = await open(here, `${url}/${path}/${here.room}`);
    for (const text of [
      'the proxy has to pass on every path',
      'tiene que transmitir todas las rutas',
      'أن يمرّر كل مسار',
    ])
      await page.getByText(text).waitFor();
  });

  it('says nothing of either where all is well', async () => {
    const { page } = await open(here, `${here.server.url}/room/${here.room}`);
    await page.getByRole('button', { name: 'Join' }).waitFor();
    expect(await page.getByText('JavaScript').count()).toBe(0);
    expect(await page.getByText('could not be loaded').isVisible()).toBe(false);
  });
});

describe('on paper', () => {
  const pagesOf = (pdf: Buffer) => pdf.toString('latin1').match(/\/Type\s*\/Page\b/g)?.length ?? 0;

  it('all of the transcript is there, dark on light', async () => {
    const meeting = await Meeting.begin(here);
    const page = await joinPage(await here.somebody(), here.visit('Ana', { fragment: 'read=es' }));
    await page.keyboard.press('t');
    const says = (n: number) => meeting.says(`Frase número ${n}.`, { utterance: `u${n}`, final: true });
    says(0);
    // Who joins just now receives the last 50 alone.
    await page.locator('booth-transcript').getByText('Frase número 0.').waitFor();
    for (let n = 1; n < 120; n++) says(n);
    await page.locator('booth-transcript').getByText('Frase número 119.').waitFor();
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
    const first = page.locator('booth-transcript').getByText('Frase número 0.');
    expect(await first.evaluate((element) => getComputedStyle(element).color)).toMatch(/^lab\([0-3]?\d\b/);
    await page.emulateMedia({ media: null });
    // 120 entries of two lines each need five sheets or so.
    expect(pagesOf(await page.pdf({ format: 'A4' }))).toBeGreaterThanOrEqual(4);
  });
});

describe('the keys of a meeting', () => {
  const focused = (page: Page) =>
    page.evaluate(() => {
      let element = document.activeElement;
      while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
      return element?.id ?? '';
    });

  it('lead from one list to another, and Escape out of either', async () => {
    const page = await joinPage(await here.somebody(), here.visit('Ana'));
    await page.keyboard.press('h');
    await expect.poll(() => focused(page), PATIENCE).toBe('hear');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    await expect.poll(() => focused(page), PATIENCE).toBe('');
    await page.keyboard.press('r');
    await expect.poll(() => focused(page), PATIENCE).toBe('read');
    await page.locator('booth-bar #read').evaluate((list: HTMLSelectElement) => list.blur());
    await page.keyboard.press('t');
    await page.locator('booth-transcript').waitFor();
  });

  it('do what they say in a list that a key has focused and that is closed, and choose in one that Tab has reached', async () => {
    const page = await joinPage(await here.somebody(), here.visit('Ana'));
    const heard = () => page.locator('booth-bar #hear').evaluate((list: HTMLSelectElement) => list.value);
    await page.evaluate(() => {
      HTMLSelectElement.prototype.showPicker = () => {
        throw new DOMException('no', 'NotAllowedError');
      };
    });
    await page.keyboard.press('h');
    await expect.poll(() => focused(page), PATIENCE).toBe('hear');
    await page.keyboard.press('r');
    await expect.poll(() => focused(page), PATIENCE).toBe('read');
    await page.keyboard.press('t');
    await page.locator('booth-transcript').waitFor();
    await page.locator('booth-bar #hear').focus();
    expect(await heard()).toBe('original');
    await page.keyboard.press('e');
    await expect.poll(heard, PATIENCE).not.toBe('original');
  });
});
