/** A network that changes or shuts in the middle of a meeting: real browsers in networks of their own, behind a router that loses packets. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { VOICE_SAMPLE_RATE } from '../../audio/sample-rates.ts';
import { pageDir } from '../../scripts/places.mjs';
import { launchChromium } from '../support/chromium.ts';
import { Guest, say } from '../support/meeting.ts';
import { canMakeNetworks, TestNetwork } from '../support/network-namespace.ts';
import { longestGap, observedBy, observeNetwork } from '../support/page-network.ts';
import { PATIENCE } from '../support/served-pages.ts';
import { person, startTestServer, type TestServer } from '../support/server.ts';
import { tone } from '../support/sound.ts';

/** Without a restart of ICE it was 16 to 18 s, whatever the machine. */
const LONGEST_SILENCE_MS = 12_000;
/** A word to the person comes no later. */
const TOLD_AFTER_DISCONNECTED_MS = 3_000;

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
      await outside.room
        .receiveAudio(id, () => spoken.push(performance.now()))
        .catch(() => {
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

  /** Cuts the page off, waits until it tells, and until it hears again; returns what was measured from the cut on, in milliseconds. */
  const cutOff = async (
    { page, heardNow }: { page: Page; heardNow(): Promise<number> },
    cut: () => () => void,
    word: RegExp,
  ) => {
    // A busy browser may have come by TCP first.
    await expect.poll(async () => new Set((await observedBy(page)).protocols), PATIENCE).toEqual(new Set(['udp']));
    const before = await observedBy(page);
    const cutAt = performance.now();
    onTestFinished(cut());
    await page.getByText(word).first().waitFor();
    const toldMs = performance.now() - cutAt;
    await expect
      .poll(async () => longestGap((await observedBy(page)).sounded, before.nowMs - 1_000), PATIENCE)
      .toBeGreaterThan(2_000);
    await expect.poll(heardNow, PATIENCE).toBeLessThan(500);
    const after = await observedBy(page);
    const disconnected = after.states.find(({ atMs, state }) => atMs > before.nowMs && state === 'disconnected');
    const disconnectedMs = disconnected ? disconnected.atMs - before.nowMs : Number.POSITIVE_INFINITY;
    return { cutAt, toldMs, disconnectedMs, hearsNothingMs: longestGap(after.sounded, before.nowMs - 1_000) };
  };

  it.each(cuts)(
    '%s: who speaks and hears is told, speaks and hears again, and knows what was not heard',
    async (what, cut) => {
      const jane = await meetJane();
      const { page, spoken, speaksNow } = jane;
      const { cutAt, ...measured } = await cutOff(
        jane,
        cut,
        /nobody hears you|no longer get through|connection to the room was lost/i,
      );
      await expect.poll(() => longestGap(spoken, cutAt - 1_000), PATIENCE).toBeGreaterThan(2_000);
      await expect.poll(speaksNow, PATIENCE).toBeLessThan(200);
      const unheardMs = longestGap(spoken, cutAt - 1_000);
      console.info(what, { ...measured, unheardMs });
      await page.getByText(/interrupted for about \d+ seconds?\. What you said then was not heard/).waitFor();
      expect(measured.toldMs).toBeLessThan(measured.disconnectedMs + TOLD_AFTER_DISCONNECTED_MS);
      expect(measured.hearsNothingMs).toBeLessThan(LONGEST_SILENCE_MS);
      expect(unheardMs).toBeLessThan(LONGEST_SILENCE_MS);
    },
  );

  it.each(cuts)('%s: who listens on a phone is told, and hears again', async (what, cut) => {
    const listener = await meet(async (page, room) => {
      await page.goto(
        `${server.url}/listen/${room}?language=original#invite=${server.invite(room, ['subscribe'], 600)}`,
      );
      await page.getByRole('button', { name: 'Listen' }).click();
    });
    const { page } = listener;
    const { cutAt: _, ...measured } = await cutOff(listener, cut, /Connection lost\. Coming back by itself/);
    console.info(what, measured);
    await page.locator('booth-channels').getByText('Connection lost').waitFor({ state: 'hidden' });
    expect(measured.toldMs).toBeLessThan(measured.disconnectedMs + TOLD_AFTER_DISCONNECTED_MS);
    expect(measured.hearsNothingMs).toBeLessThan(LONGEST_SILENCE_MS);
  });
});
