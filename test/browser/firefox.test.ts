/** Debian's Firefox on the computer that Booth runs on: it sends no media to a loopback address. */
import { networkInterfaces } from 'node:os';
import type { Browser, Page } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { routableAddress } from '../../cli/local-booth.ts';
import type { ListenAddress } from '../../config/rtc-addresses.ts';
import { pageDir } from '../../scripts/places.mjs';
import { TestBooth } from '../support/booth.ts';
import { launchFirefox } from '../support/firefox.ts';
import { Guest } from '../support/meeting.ts';
import { AUDIBLE } from '../support/page.ts';
import { observeConnections, receivedLoudness } from '../support/peer-connections.ts';
import { PATIENCE } from '../support/served-pages.ts';
import { person, startTestServer, type TestServer } from '../support/server.ts';

const routable = routableAddress(Object.values(networkInterfaces()).flatMap((some) => some ?? []));

let browser: Browser;
beforeAll(async () => {
  browser = await launchFirefox();
});
afterAll(() => browser.close());

async function served(listen: readonly ListenAddress[]): Promise<TestServer> {
  const server = await startTestServer({ pages: pageDir, rtc: { port: 0, workers: 1, listen } });
  onTestFinished(() => server.close());
  return server;
}

/** Jane, who has joined a room with her microphone, and hears and reads Spanish. */
async function joins(server: TestServer, room: string): Promise<Page> {
  const page = await browser.newPage();
  await page.evaluateOnNewDocument(observeConnections);
  onTestFinished(() => page.close());
  const invite = server.invite(room, ['publish', 'subscribe'], 600);
  await page.goto(`${server.url}/room/${room}#invite=${invite}&hear=es&read=es`);
  await page.locator('>>> form input').fill('Jane');
  await page.locator('>>> form .primary').click();
  await page.locator('>>> booth-meeting').wait();
  return page;
}

/** Luis, and an interpreter that captions and sounds in Spanish. */
async function company(server: TestServer, room: string) {
  const luis = await Guest.enter(server, person('luis', { room, name: 'Luis' }));
  const booth = await TestBooth.enter(server, room);
  onTestFinished(() => {
    booth.leave();
    luis.room.close();
  });
  await booth.writes('es');
  await booth.sounds('es');
  const says = (stable: string) =>
    booth.caption({
      ...{ speaker: 'Luis', language: 'es', utterance: 'a', kind: 'translation' },
      final: true,
      start: 0,
      stable,
    });
  return { luis, says };
}

const textsOf = (page: Page, selector: string): Promise<string[]> =>
  page.$$eval(`>>> ${selector}`, (elements) => elements.map(({ textContent }) => textContent ?? ''));
const captionsOn = (page: Page) => textsOf(page, 'booth-caption-list >>> .line');
const noticesOn = async (page: Page) => (await textsOf(page, 'booth-meeting-notices >>> p')).join(' ');

describe('Firefox at 127.0.0.1', () => {
  it.skipIf(routable === undefined)('speaks, hears and reads by another address of the computer', async () => {
    const server = await served([{ ip: '127.0.0.1' }, { ip: routable ?? '' }]);
    const { luis, says } = await company(server, 'both');
    const page = await joins(server, 'both');

    const isJane = ({ name }: { name: string }) => name === 'Jane';
    await expect.poll(() => [...luis.room.participants.values()].some(isJane), PATIENCE).toBe(true);
    const jane = [...luis.room.participants.values()].find(isJane)?.id ?? '';
    let bytes = 0;
    await luis.room.receiveAudio(await luis.microphoneOf(jane), ({ payload }) => {
      bytes += payload.length;
    });
    // Silence would take some 3 bytes in a packet.
    await expect.poll(() => bytes, PATIENCE).toBeGreaterThan(5_000);

    await expect.poll(() => page.evaluate(receivedLoudness), PATIENCE).toBeGreaterThan(AUDIBLE);
    says('Primero.');
    await expect.poll(() => captionsOn(page), PATIENCE).toContain('Primero.');
    expect(await noticesOn(page)).not.toContain('Firefox');
  });

  it('is told where the computer has no other address, and reads on', async () => {
    const server = await served([{ ip: '127.0.0.1' }]);
    const { says } = await company(server, 'alone');
    const page = await joins(server, 'alone');
    await expect.poll(() => noticesOn(page), PATIENCE).toContain('Firefox lets no sound and no pictures through');
    says('Primero.');
    await expect.poll(() => captionsOn(page), PATIENCE).toContain('Primero.');
    expect(await noticesOn(page)).not.toMatch(/connection to the room was lost/);
  });

  it('is told within 10 s where nothing gets through', async () => {
    // An address of a network that is there for documentation alone.
    const server = await served([{ ip: '127.0.0.1', announcedAddress: '198.51.100.1' }]);
    const page = await joins(server, 'blackhole');
    const sinceMs = performance.now();
    await expect.poll(() => noticesOn(page), PATIENCE).toContain('a firewall or this network seems to block them');
    expect(performance.now() - sinceMs).toBeLessThan(15_000);
    expect(await noticesOn(page)).not.toMatch(/connection to the room was lost/);
  });
});
