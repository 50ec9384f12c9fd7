/** Nobody is kept out: axe finds nothing on what attendees see. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { pageDir } from '../../scripts/places.mjs';
import { axeFindings } from '../support/axe.ts';
import { TestBooth } from '../support/booth.ts';
import { launchChromium } from '../support/chromium.ts';
import { NONCE, startForeignPage } from '../support/foreign-page.ts';
import { join, person, startTestServer, type TestServer, tokenOf } from '../support/server.ts';

let server: TestServer;
let browser: Browser;
let roomCount = 0;

beforeAll(async () => {
  server = await startTestServer({ pages: pageDir });
  browser = await launchChromium();
});
afterAll(async () => {
  await browser.close();
  await server.close();
});

/** A room in which something was said in Spanish. */
async function spokenRoom(): Promise<{ room: string; token: string }> {
  const room = `axe-${++roomCount}`;
  await join(server, person('jane', { room, name: 'Jane' }));
  const booth = await TestBooth.enter(server, room);
  onTestFinished(() => booth.leave());
  await booth.writes('es');
  const said = { speaker: 'Jane', utterance: 'a', language: 'es', kind: 'translation', start: 0 } as const;
  booth.caption({ ...said, stable: 'Tenemos que', tentative: ' irnos', final: false });
  return { room, token: tokenOf({ identity: 'reader', room, grants: ['subscribe'], hidden: true }) };
}

async function open(url: string, colorScheme: 'dark' | 'light'): Promise<Page> {
  const context = await browser.newContext({ colorScheme, viewport: { width: 390, height: 844 } });
  onTestFinished(() => context.close());
  const page = await context.newPage();
  await page.goto(url);
  return page;
}

async function embed(tag: string, colorScheme: 'dark' | 'light'): Promise<Page> {
  const widget = `<script type="module" nonce="${NONCE}" src="${server.url}/widget.js"></script>`;
  const html = `${widget}<main><h1>A page</h1>${tag}</main>`;
  const foreign = await startForeignPage({ booth: server.url, html });
  onTestFinished(() => foreign.close());
  return open(foreign.url, colorScheme);
}

const readsSpanish = (page: Page) => page.locator('booth-captions .line').first().waitFor();

describe.each(['dark', 'light'] as const)('in the %s scheme, axe finds nothing', (scheme) => {
  it('on captions, their choices open', async () => {
    const { room, token } = await spokenRoom();
    const tag = `<booth-captions room="${room}" token="${token}" language="es" controls="open" show-speaker></booth-captions>`;
    const page = await embed(tag, scheme);
    await readsSpanish(page);
    await page.getByRole('button', { name: 'Larger' }).waitFor();
    expect(await axeFindings(page)).toEqual([]);
  });

  it('on channels', async () => {
    const { room, token } = await spokenRoom();
    const page = await embed(
      `<booth-channels room="${room}" token="${token}" language="es" delay="0"></booth-channels>`,
      scheme,
    );
    await page.getByText('Waiting for the interpreter').waitFor();
    expect(await axeFindings(page)).toEqual([]);
  });

  it('on the page for a phone in the hall, everything open', async () => {
    const { room, token } = await spokenRoom();
    const page = await open(`${server.url}/listen/${room}?language=es#${token}`, scheme);
    await readsSpanish(page);
    await page.getByRole('button', { name: 'Listen' }).click();
    await page.getByText('Waiting for the interpreter').waitFor();
    await page.getByRole('button', { name: 'QR code' }).click();
    await page.getByRole('img', { name: 'This page as a QR code' }).waitFor();
    expect(await axeFindings(page)).toEqual([]);
  });

  it('on the overlay', async () => {
    const { room, token } = await spokenRoom();
    const page = await open(`${server.url}/overlay/${room}?language=es#${token}`, scheme);
    await readsSpanish(page);
    expect(await axeFindings(page)).toEqual([]);
  });
});
