/** The page of whoever runs the server: what it shows, what it can do, and what it says to who may not see it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join as path } from 'node:path';
import { Writable } from 'node:stream';
import { pino } from 'pino';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { pageDir } from '../../scripts/places.mjs';
import { RecentProblems } from '../../server/recent-problems.ts';
import { findings } from '../support/axe-page.ts';
import { complaintsOf } from '../support/page.ts';
import { PATIENCE, servePages } from '../support/served-pages.ts';
import { inTheCloud, join, person, startTestServer, tokenOf } from '../support/server.ts';
import { WebhookReceiver, webhookSecret } from '../support/webhook-receiver.ts';

const problems = new RecentProblems();
const nowhere = new Writable({ write: (_piece, _encoding, done) => done() });
const log = pino({ hooks: problems.hooks }, nowhere);
const folder = mkdtempSync(path(tmpdir(), 'booth-admin-'));
const webhooks = { endpoints: [{ url: 'http://127.0.0.1:9/booth', secret: webhookSecret }] };

const here = servePages({
  server: {
    ...inTheCloud,
    log,
    problems,
    budget: { dailyMoney: 5, dailyTokens: 0, onExceeded: 'stop' },
    webhooks: { ...webhooks, allowPrivateAddresses: true, folder },
  },
  context: { storageState: { cookies: [], origins: [] } },
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const admin = () => tokenOf(person('root', { grants: ['admin'] }));

async function opens(token: string | undefined, options: BrowserContextOptions = {}): Promise<Page> {
  const page = await (await here.somebody(options)).newPage();
  await page.goto(`${here.server.url}/admin${token === undefined ? '' : `#token=${token}`}`);
  return page;
}

const room = (page: Page, name: string) => page.getByRole('listitem').filter({ hasText: name });

describe('the operator’s page', () => {
  it('shows rooms, people, interpreters, costs, webhooks and problems, and follows what changes', async () => {
    const page = await opens(admin());
    const complaints = complaintsOf(page);
    await page.getByText('No room is open.').waitFor();
    expect(page.url()).toBe(`${here.server.url}/admin`);
    await page.getByText('$5.00').waitFor();
    const ana = await join(here.server, person('ana', { room: 'atrium' }));
    await join(here.server, person('ben', { room: 'atrium' }));
    await ana.request('participant.update', { hears: 'es', reads: ['es'] });
    const atrium = room(page, 'atrium');
    await atrium.getByText('Coming in').waitFor();
    await expect.poll(() => atrium.locator('dd').first().textContent(), PATIENCE).toBe('2');
    here.server.launches.at(-1)?.assignment.onState('failed', 'The model’s key was refused.');
    await atrium.getByText('Failed').waitFor();
    await atrium.getByText('The model’s key was refused.').waitFor();
    await room(page, '127.0.0.1:9/booth').getByText('Failing, tried again').waitFor();
    await page.getByText('webhook delivery failed, it is tried again').waitFor();
    ana.leave();
    await expect.poll(() => atrium.locator('dd').first().textContent(), PATIENCE).toBe('1');
    await page.reload();
    await atrium.waitFor();
    expect(complaints).toEqual([]);
  });

  it('ends a meeting for everybody when its button is pressed twice, and not when it is left after the first time', async () => {
    const page = await opens(admin());
    const ana = await join(here.server, person('ana', { room: 'cellar' }));
    const closed = new Promise((resolve) => ana.socket.once('close', resolve));
    await page.getByRole('button', { name: 'End the meeting in cellar' }).click();
    await page.getByRole('button', { name: 'Really end the meeting in cellar for everybody?' }).waitFor();
    await page.keyboard.press('Tab');
    await page.getByRole('button', { name: 'End the meeting in cellar' }).click();
    await page.getByRole('button', { name: 'Really end the meeting in cellar for everybody?' }).click();
    await closed;
    await room(page, 'cellar').waitFor({ state: 'detached' });
  });

  it('restarts the interpreter of a room when its button is pressed twice, and the meeting goes on', async () => {
    const page = await opens(admin());
    const ana = await join(here.server, person('ana', { room: 'balcony' }));
    await ana.request('participant.update', { hears: 'es', reads: ['es'] });
    await room(page, 'balcony').getByText('Coming in').waitFor();
    const before = here.server.launches.length - 1;
    const launches = () => here.server.launches.slice(before);
    await page.getByRole('button', { name: 'Restart the interpreter in balcony' }).click();
    expect(launches()).toHaveLength(1);
    await page.getByRole('button', { name: 'Really restart the interpreter in balcony?' }).click();
    await expect.poll(() => launches().length, PATIENCE).toBe(2);
    expect(launches().map(({ stopped }) => stopped)).toEqual([true, false]);
    expect(ana.socket.readyState).toBe(ana.socket.OPEN);
  });

  it('goes on by itself when the server cannot be reached for a while', async () => {
    const page = await opens(admin());
    await page.getByRole('heading', { name: 'Rooms' }).waitFor();
    await page.route('**/v1/overview', (route) => route.abort());
    await page.getByRole('alert').getByText('The server cannot be reached.').waitFor();
    await page.getByRole('heading', { name: 'Rooms' }).waitFor();
    await page.unroute('**/v1/overview');
    await page.getByRole('alert').waitFor({ state: 'detached' });
  });

  it.each<[string, () => string | undefined, RegExp]>([
    ['without a token', () => undefined, /run “npx booth link --admin” on the server and open what it prints/],
    ['with one that has expired', () => tokenOf(person('root', { grants: ['admin'], ttl: -60 })), /has expired/],
    ['with a host’s', () => tokenOf(person('host', { grants: ['host', 'subscribe'] })), /is not an admin’s/],
    ['with one that is not whole', () => admin().slice(0, -20), /is not (whole|of this server)/],
  ])('says what to do %s, and asks no more', async (_, token, words) => {
    const page = await opens(token());
    await page.getByRole('alert').getByText(words).waitFor();
    let asked = 0;
    page.on('request', (request) => request.url().endsWith('/v1/overview') && asked++);
    await page.waitForTimeout(2500);
    expect(asked).toBe(0);
    expect(await page.evaluate(() => sessionStorage.length)).toBe(0);
  });

  it.each(['en-US', 'es', 'ar'])('is for everybody, in %s: axe finds nothing, wide and narrow', async (locale) => {
    const page = await opens(admin(), { locale });
    await join(here.server, person('ana', { room: 'garden' }));
    await room(page, 'garden').waitFor();
    await page.getByText('webhook delivery failed, it is tried again').waitFor();
    expect(await findings(page)).toEqual([]);
    await page.setViewportSize({ width: 360, height: 640 });
    expect(await findings(page)).toEqual([]);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(overflow).toBeLessThanOrEqual(0);
  });

  it('changes its language at once, and keeps it', async () => {
    const page = await opens(admin());
    await page.getByLabel('Language of this page').selectOption('es');
    await page.getByRole('heading', { name: 'Salas' }).waitFor();
    await page.reload();
    await page.getByRole('heading', { name: 'Salas' }).waitFor();
    expect(await page.evaluate(() => document.documentElement.lang)).toBe('es');
  });
});

describe('a webhook endpoint that has answered 410', () => {
  it('is sent messages again when its button is pressed', async () => {
    const receiver = await WebhookReceiver.start();
    receiver.answer = (response) => void response.writeHead(410).end();
    const own = mkdtempSync(path(tmpdir(), 'booth-admin-'));
    const endpoints = [{ url: receiver.url, secret: webhookSecret }];
    const server = await startTestServer({
      pages: pageDir,
      webhooks: { endpoints, allowPrivateAddresses: true, folder: own },
    });
    onTestFinished(async () => {
      await server.close();
      rmSync(own, { recursive: true, force: true });
    });
    await join(server, person('ana', { room: 'attic' }));
    const page = await (await here.somebody()).newPage();
    await page.goto(`${server.url}/admin#token=${admin()}`);
    await page.getByText('Disabled: it answered 410').waitFor();
    receiver.answer = (response) => void response.writeHead(204).end();
    await page.getByRole('button', { name: 'Send again' }).click();
    await room(page, receiver.url.slice('http://'.length)).getByText('Delivering').waitFor();
    await join(server, person('ben', { room: 'attic' }));
    await receiver.receives('participant.joined', ({ data }) => 'participant' in data && data.participant.id === 'ben');
  });
});
