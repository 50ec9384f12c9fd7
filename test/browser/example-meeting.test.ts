/** The example application: old and new mediasoup-client, without an interpreter and with one. */
import type { Browser, Page } from 'playwright-core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { launchChromium } from '../support/chromium.ts';
import { type ExampleServer, installExample, startExample } from '../support/example-meeting.ts';
import { microphoneOf } from '../support/recorded-microphone.ts';

const clients = ['mediasoup-client-3.7', 'mediasoup-client'] as const;

async function browser(microphone?: string): Promise<Browser> {
  const launched = await launchChromium(microphone === undefined ? {} : { microphone });
  onTestFinished(() => launched.close());
  return launched;
}

async function join({ url }: ExampleServer, from: Browser, name: string): Promise<Page> {
  const page = await (await from.newContext()).newPage();
  await page.goto(url);
  await page.getByLabel('Your name').fill(name);
  await page.getByRole('button', { name: 'Join' }).click();
  await page.getByRole('button', { name: 'Leave' }).waitFor();
  return page;
}

/** Seconds that each audio element of the page has played. */
const played = (page: Page): Promise<number[]> =>
  page.locator('#people audio').evaluateAll((all) => all.map((one) => (one as HTMLAudioElement).currentTime));

describe.each(clients)('the plain application with %s', (client) => {
  it('lets two people hear each other', async () => {
    const server = await startExample(installExample({}), { variant: 'plain', client });
    onTestFinished(() => server.stop());
    const shared = await browser(microphoneOf('demo-nogo'));
    const [ana, ben] = [await join(server, shared, 'Ana'), await join(server, shared, 'Ben')];
    for (const page of [ana, ben]) {
      await expect.poll(() => played(page)).toEqual([expect.any(Number)]);
      await expect.poll(async () => (await played(page))[0]).toBeGreaterThan(1);
    }
    await ana.getByRole('button', { name: 'Leave' }).click();
    await expect.poll(() => ben.locator('#people li').count()).toBe(0);
  });
});
