/** Nobody is kept out: axe finds nothing on what attendees see. */
import type { Page } from 'playwright-core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { findings } from '../support/axe-page.ts';
import { TestBooth } from '../support/booth.ts';
import { startForeignPage } from '../support/foreign-page.ts';
import { servePages } from '../support/served-pages.ts';
import { join, person, tokenOf } from '../support/server.ts';

const here = servePages();

/** A room in which something was said in Spanish. */
async function spokenRoom(): Promise<{ room: string; token: string }> {
  const { server, room } = here;
  await join(server, person('jane', { room, name: 'Jane' }));
  const booth = await TestBooth.enter(server, room);
  onTestFinished(() => booth.leave());
  await booth.writes('es');
  const said = { speaker: 'Jane', utterance: 'a', language: 'es', kind: 'translation', start: 0 } as const;
  booth.caption({ ...said, stable: 'Tenemos que', tentative: ' irnos', final: false });
  return { room, token: tokenOf({ identity: 'reader', room, grants: ['subscribe'], hidden: true }) };
}

async function open(url: string, colorScheme: 'dark' | 'light'): Promise<Page> {
  const page = await (await here.somebody({ colorScheme, viewport: { width: 390, height: 844 } })).newPage();
  await page.goto(url);
  return page;
}

async function embed(tag: string, colorScheme: 'dark' | 'light'): Promise<Page> {
  const html = `<main><h1>A page</h1>${tag}</main>`;
  return open(await startForeignPage({ booth: here.server.url, html }), colorScheme);
}

const readsSpanish = (page: Page) => page.locator('booth-captions .line').first().waitFor();

describe.each(['dark', 'light'] as const)('in the %s scheme, axe finds nothing', (scheme) => {
  it('on captions, their choices open', async () => {
    const { room, token } = await spokenRoom();
    const tag = `<booth-captions room="${room}" token="${token}" language="es" controls="open" show-speaker></booth-captions>`;
    const page = await embed(tag, scheme);
    await readsSpanish(page);
    await page.getByRole('button', { name: 'Larger' }).waitFor();
    expect(await findings(page)).toEqual([]);
  });

  it('on channels', async () => {
    const { room, token } = await spokenRoom();
    const page = await embed(
      `<booth-channels room="${room}" token="${token}" language="es" delay="0"></booth-channels>`,
      scheme,
    );
    await page.getByText('Waiting for the interpreter').waitFor();
    expect(await findings(page)).toEqual([]);
  });

  it('on the page for a phone in the hall, everything open', async () => {
    const { room, token } = await spokenRoom();
    const page = await open(`${here.server.url}/listen/${room}?language=es#${token}`, scheme);
    await readsSpanish(page);
    await page.getByRole('button', { name: 'Listen' }).click();
    await page.getByText('Waiting for the interpreter').waitFor();
    await page.getByRole('button', { name: 'QR code' }).click();
    await page.getByRole('img', { name: 'This page as a QR code' }).waitFor();
    expect(await findings(page)).toEqual([]);
  });

  it('on the overlay', async () => {
    const { room, token } = await spokenRoom();
    const page = await open(`${here.server.url}/overlay/${room}?language=es#${token}`, scheme);
    await readsSpanish(page);
    expect(await findings(page)).toEqual([]);
  });
});
