/** A network that changes or shuts in the middle of a meeting: real browsers in networks of their own, behind a router that loses packets. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { VOICE_SAMPLE_RATE } from '../../audio/sample-rates.ts';
import { pageDir } from '../../scripts/places.mjs';
import { launchChromium } from '../support/chromium.ts';
import { Guest, say } from '../support/meeting.ts';
import { canMakeNetworks, TestNetwork } from '../support/network-namespace.ts';
import { joinPage } from '../support/page.ts';
import { longestGap, observedBy, observeNetwork } from '../support/page-network.ts';
import { PATIENCE } from '../support/served-pages.ts';
import { person, startTestServer, type TestServer } from '../support/server.ts';
import { tone } from '../support/sound.ts';

/** Without a restart of ICE it was 16 to 18 s, whatever the machine. */
const LONGEST_SILENCE_MS = 12_000;

describe.skipIf(!canMakeNetworks())('in a network of its own', () => {
  let network: TestNetwork;
  let server: TestServer;
  let browser: Browser;
  let rooms = 0;
  beforeAll(async () => {
    network = new TestNetwork();
    server = await startTestServer({ host: network.hostAddress, pages: pageDir });
    browser = await launchChromium({
      startedBy: (executable) => network.inside(executable),
      args: [`--unsafely-treat-insecure-origin-as-secure=${server.url}`],
    });
  });
  afterAll(async () => {
    await browser.close();
    await server.close();
    network.close();
  });

  /** A page in the network and somebody outside of it, who hear each other without a pause. */
  const meet = async (open: (page: Page, room: string) => Promise<void>) => {
    const room = `room-${++rooms}`;
    const outside = await Guest.enter(server, person('luis', { room, name: 'Luis' }));
    const said = await say(await outside.room.publishMicrophone(), tone(450, 1000, VOICE_SAMPLE_RATE), { loop: true });
    const context = await browser.newContext({ locale: 'en-US', viewport: { width: 1280, height: 800 } });
    onTestFinished(async () => {
      said.stop();
      outside.room.close();
      await context.close();
    });
    const page = await context.newPage();
    await observeNetwork(page);
    await open(page, room);
    const heardNow = async () => {
      const { sounded, nowMs } = await observedBy(page);
      return nowMs - (sounded.at(-1) ?? 0);
    };
    await expect.poll(heardNow, PATIENCE).toBeLessThan(500);
    return { room, page, outside, heardNow };
  };
  /** Jane, who speaks without a pause; `spoken` is when her packets came to Luis. */
  const meetJane = async () => {
    const spoken: number[] = [];
    const met = await meet(async (page, room) => {
      await page.goto(`${server.url}/room/${room}#invite=${server.invite(room, ['publish', 'subscribe'], 600)}`);
      await page.getByLabel('Name').fill('Jane');
      await page.getByRole('meter').waitFor();
      await page.getByRole('button', { name: 'Join' }).click();
      await page.locator('booth-meeting').waitFor();
    });
    const { outside } = met;
    let receives = '';
    const receive = async () => {
      const jane = [...outside.room.participants.values()].find(({ name }) => name === 'Jane');
      const id = jane?.producers[0]?.id;
      if (id === undefined || id === receives) return;
      receives = id;
      await outside.room.receiveAudio(id, () => spoken.push(performance.now())).catch(() => {
        receives = '';
      });
    };
    const timer = setInterval(receive, 50);
    onTestFinished(() => clearInterval(timer));
    const speaksNow = () => performance.now() - (spoken.at(-1) ?? 0);
    await expect.poll(speaksNow, PATIENCE).toBeLessThan(200);
    return { ...met, spoken, speaksNow };
  };

  const cuts: [string, () => () => void][] = [
    ['UDP is shut', () => network.dropUdp()],
    [
      'the address changes',
      () => {
        const change = network.loseAddress();
        setTimeout(change, 1_000);
        return () => undefined;
      },
    ],
  ];

  it.each(cuts)('%s: who speaks and hears is told, and does again', async (what, cut) => {
    const { page, spoken, heardNow, speaksNow } = await meetJane();
    const before = await observedBy(page);
    const cutAt = performance.now();
    const restore = cut();
    onTestFinished(restore);
    await page.getByText(/do not get through|no longer get through|connection to the room was lost/i).waitFor();
    const toldMs = performance.now() - cutAt;
    await expect.poll(speaksNow, PATIENCE).toBeLessThan(200);
    await expect.poll(heardNow, PATIENCE).toBeLessThan(500);
    const after = await observedBy(page);
    const disconnected = after.states.find(({ atMs, state }) => atMs > before.nowMs && state === 'disconnected');
    const silentMs = { to: longestGap(after.sounded, before.nowMs - 1_000), from: longestGap(spoken, cutAt - 1_000) };
    console.info(what, { toldMs, disconnectedMs: disconnected && disconnected.atMs - before.nowMs, silentMs });
    expect(silentMs.to).toBeLessThan(LONGEST_SILENCE_MS);
    expect(silentMs.from).toBeLessThan(LONGEST_SILENCE_MS);
  });
});
