/** The example application as people use it, each on a page of their own: what its tests share. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { beforeAll, expect, it, onTestFinished } from 'vitest';
import { launchChromium } from './chromium.ts';
import {
  type ExampleOptions,
  type ExampleServer,
  installExample,
  packedPackages,
  startExample,
} from './example-meeting.ts';
import { microphoneOf } from './recorded-microphone.ts';

export const SENTENCE = 'demo-nogo';

let packages: readonly string[];

/** Packs the packages before the tests of a file. */
export const packsPackages = (): void =>
  beforeAll(async () => {
    const folder = mkdtempSync(join(tmpdir(), 'booth-test-'));
    packages = await packedPackages(folder);
    return () => rmSync(folder, { recursive: true, force: true });
  });

/** The example's server, until the test is over. */
export async function started(options: ExampleOptions): Promise<ExampleServer> {
  const server = await startExample(installExample(packages), options);
  onTestFinished(() => server.stop());
  return server;
}

export async function browser(microphone?: string): Promise<Browser> {
  const launched = await launchChromium(microphone === undefined ? {} : { microphone });
  onTestFinished(() => launched.close());
  return launched;
}

export async function open({ url }: ExampleServer, from: Browser): Promise<Page> {
  const page = await (await from.newContext({ locale: 'en-US' })).newPage();
  await page.goto(url);
  return page;
}

export async function joins(page: Page, name: string, { room = 'lobby', camera = false } = {}): Promise<Page> {
  await page.getByLabel('Your name').fill(name);
  await page.getByLabel('Room').fill(room);
  await page.getByLabel('With camera').setChecked(camera);
  await page.getByRole('button', { name: 'Join' }).click();
  await page.getByRole('button', { name: 'Leave' }).waitFor();
  return page;
}

/** Seconds that each element of the people on the page has played. */
const played = (page: Page, kind = 'audio'): Promise<number[]> =>
  page.locator(`#people ${kind}`).evaluateAll((all) => all.map((one) => (one as HTMLMediaElement).currentTime));
export const hearsOnePerson = (page: Page) =>
  expect.poll(async () => (await played(page)).filter((seconds) => seconds > 0.5).length).toBe(1);

const hear = (page: Page, language: string) => page.getByLabel('Hear').selectOption(language);
const captions = async (page: Page): Promise<string> =>
  (await page.locator('booth-captions .line').allTextContents()).join(' ');
/** Words that the offline engine says for the recording, in Spanish. */
const readsSpanish = (page: Page) => expect.poll(() => captions(page), { timeout: 120_000 }).toMatch(/[a-záéíóúñ]{3}/i);
const voicePlays = (page: Page) =>
  expect
    .poll(() =>
      page
        .locator('booth-channels audio[data-language="es"]')
        .evaluateAll((all) => all.some((one) => (one as HTMLMediaElement).currentTime > 0.5)),
    )
    .toBe(true);

/** Ana, who talks, and Ben, who hears and reads Spanish in the same room; Cyd is alone in another. */
async function meets(client: ExampleOptions['client']): Promise<{ server: ExampleServer; ana: Page; ben: Page }> {
  const server = await started({ variant: 'interpreted', client });
  const speaking = await browser(microphoneOf(...Array.from({ length: 12 }, () => SENTENCE)));
  const silent = await browser(microphoneOf());
  const ana = await joins(await open(server, speaking), 'Ana', { camera: true });
  const ben = await joins(await open(server, silent), 'Ben');
  const cyd = await joins(await open(server, silent), 'Cyd', { room: 'other' });
  await hear(ben, 'es');
  await hear(cyd, 'es');
  await readsSpanish(ben);
  await voicePlays(ben);
  await ben.getByText('Offline engine · rough translation').waitFor();
  await expect.poll(async () => (await played(ben, 'video')).some((seconds) => seconds > 0.5)).toBe(true);
  expect(await captions(cyd)).toBe('');
  return { server, ana, ben };
}

/** What the application with an interpreter promises whoever uses it with this mediasoup-client, as a test. */
export const isInterpreted = (client: ExampleOptions['client']): void =>
  it('lets people hear and read Spanish, in two rooms at once', async () => {
    const { server } = await meets(client);
    expect(server.exitCode).toBeNull();
  });

/** The same, and that it lasts, as a test. */
export const staysInterpreted = (client: ExampleOptions['client']): void =>
  it('lets people hear and read Spanish, through mute, reload, and rejoining, in two rooms at once', async () => {
    const { server, ana, ben } = await meets(client);
    await ana.getByRole('button', { name: 'Mute' }).click();
    await ana.getByRole('button', { name: 'Mute' }).click();
    // What was chosen is remembered, and asked for as soon as Ben is back.
    await ben.reload();
    await joins(ben, 'Ben');
    expect(await ben.getByLabel('Hear').inputValue()).toBe('es');
    await readsSpanish(ben);
    await voicePlays(ben);

    await hear(ben, 'original');
    await expect.poll(() => ben.locator('booth-channels audio[data-language="es"]').count()).toBe(0);

    await ana.getByRole('button', { name: 'Leave' }).click();
    await ben.getByRole('button', { name: 'Leave' }).click();
    // The room's router has closed with the last person; the next ones have another.
    await joins(ben, 'Ben');
    await hear(ben, 'es');
    await joins(ana, 'Ana');
    await readsSpanish(ben);
    await voicePlays(ben);
    expect(server.exitCode).toBeNull();
  });
