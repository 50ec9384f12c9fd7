/** Who is behind a firewall: media by TCP, or through a TURN server; and where nothing gets through, they read why, and read on. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { VOICE_SAMPLE_RATE } from '../../audio/sample-rates.ts';
import { pageDir } from '../../scripts/places.mjs';
import type { TlsIdentity } from '../../server/listeners.ts';
import type { ServerOptions } from '../../server/server.ts';
import { TestBooth } from '../support/booth.ts';
import { certificateFor, chromiumTrusting } from '../support/certificates.ts';
import { launchChromium } from '../support/chromium.ts';
import { Coturn } from '../support/coturn.ts';
import { Guest, say } from '../support/meeting.ts';
import { canMakeNetworks, TestNetwork } from '../support/network-namespace.ts';
import { captions } from '../support/page.ts';
import { observedBy, observeNetwork } from '../support/page-network.ts';
import { PATIENCE } from '../support/served-pages.ts';
import { person, startTestServer, type TestServer } from '../support/server.ts';
import { tone } from '../support/sound.ts';

/** Within 7 s, says the page; the rest is for a busy machine. */
const TOLD_WITHIN_MS = 15_000;
const TURN_NAME = 'turn.booth.test';
const PASSWORDS_LAST_MS = 4 * 3_600_000;

describe.skipIf(!canMakeNetworks())('behind a firewall', () => {
  let network: TestNetwork;
  let coturn: Coturn;
  let identity: TlsIdentity;
  beforeAll(async () => {
    network = new TestNetwork(1);
    network.knowHosts({ [TURN_NAME]: network.hostAddress });
    identity = await certificateFor([TURN_NAME]);
    coturn = await Coturn.start(network.hostAddress, identity);
  });
  afterAll(() => {
    coturn.close();
    network.close();
  });

  /** A server, a firewall, a browser behind it, and Luis outside, who sounds without a pause. */
  async function meeting(open: { udp?: number[]; tcp?: number[] }, options: Partial<ServerOptions> = {}) {
    const server = await startTestServer({ host: network.hostAddress, pages: pageDir, ...options });
    const browser = await launchChromium({
      startedBy: (executable) => network.inside(executable),
      args: [`--unsafely-treat-insecure-origin-as-secure=${server.url}`, chromiumTrusting(identity.cert)],
    });
    const room = 'room';
    const luis = await Guest.enter(server, person('luis', { room, name: 'Luis' }));
    const booth = await TestBooth.enter(server, room);
    const said = await say(await luis.room.publishMicrophone(), tone(450, 1000, VOICE_SAMPLE_RATE), { loop: true });
    await booth.writes('es');
    const takeAway = network.letThroughOnly({ ...open, tcp: [server.port, ...(open.tcp ?? [])] });
    let isThere = true;
    const openFirewall = () => {
      if (isThere) takeAway();
      isThere = false;
    };
    onTestFinished(async () => {
      openFirewall();
      said.stop();
      booth.leave();
      luis.room.close();
      await browser.close();
      await server.close();
    });
    const says = (stable: string) =>
      booth.caption({
        ...{ speaker: 'Luis', language: 'es', utterance: stable, kind: 'translation' },
        ...{ final: true, start: 0, stable },
      });
    return { server, browser, luis, room, says, openFirewall };
  }

  async function joins(browser: Browser, server: TestServer, room: string): Promise<Page> {
    const context = await browser.newContext({ locale: 'en-US', viewport: { width: 1280, height: 800 } });
    const page = await context.newPage();
    await observeNetwork(page);
    const invite = server.invite(room, ['publish', 'subscribe'], 600);
    await page.goto(`${server.url}/room/${room}#invite=${invite}&read=es`);
    await page.getByLabel('Name').fill('Jane');
    await page.getByRole('meter').waitFor();
    await page.getByRole('button', { name: 'Join' }).click();
    await page.locator('booth-meeting').waitFor();
    return page;
  }

  const hears = (page: Page) =>
    expect
      .poll(async () => {
        const { sounded, nowMs } = await observedBy(page);
        return nowMs - (sounded.at(-1) ?? 0);
      }, PATIENCE)
      .toBeLessThan(500);

  async function isHeard({ room }: Guest): Promise<void> {
    const isJane = ({ name }: { name: string }) => name === 'Jane';
    const jane = () => [...room.participants.values()].find(isJane)?.producers[0]?.id;
    await expect.poll(jane, PATIENCE).toBeDefined();
    let packets = 0;
    await room.receiveAudio(jane() ?? '', () => packets++);
    await expect.poll(() => packets, PATIENCE).toBeGreaterThan(50);
  }

  it('that lets one TCP port through beside that of the pages, people speak, hear and read by it', async () => {
    const tcpPort = 20_000 + (process.pid % 10_000);
    const { browser, server, room, luis, says } = await meeting(
      { tcp: [tcpPort] },
      { rtc: { port: 0, workers: 1, tcpPort } },
    );
    const page = await joins(browser, server, room);
    await hears(page);
    await isHeard(luis);
    expect(new Set((await observedBy(page)).protocols)).toEqual(new Set(['tcp']));
    says('Primero.');
    await expect.poll(() => captions(page).allTextContents(), PATIENCE).toContain('Primero.');
  });

  it.each(['udp', 'tcp'] as const)(
    'that lets a TURN server through, people speak, hear and read by it over %s',
    async (by) => {
      const { browser, server, room, luis, says } = await meeting(
        { [by]: [coturn.port] },
        {
          iceServers: { urls: [coturn.url(by)], turn: { secret: coturn.secret, lifetimeMs: PASSWORDS_LAST_MS } },
        },
      );
      const page = await joins(browser, server, room);
      await hears(page);
      await isHeard(luis);
      says('Primero.');
      await expect.poll(() => captions(page).allTextContents(), PATIENCE).toContain('Primero.');
      // The secret lets people in under names that end, and no others.
      expect([...coturn.users].length).toBeGreaterThan(0);
      for (const user of coturn.users) expect(user).toMatch(/^\d{10}:[0-9a-f]{16}$/);
      expect(await page.content()).not.toContain(coturn.secret);
    },
  );

  it('that lets a TURN server through by TLS alone, people speak, hear and read by it', async () => {
    const { browser, server, room, luis, says } = await meeting(
      { tcp: [coturn.tlsPort ?? 0] },
      {
        iceServers: {
          urls: [coturn.tlsUrl(TURN_NAME)],
          turn: { secret: coturn.secret, lifetimeMs: PASSWORDS_LAST_MS },
        },
      },
    );
    const page = await joins(browser, server, room);
    await hears(page);
    await isHeard(luis);
    says('Primero.');
    await expect.poll(() => captions(page).allTextContents(), PATIENCE).toContain('Primero.');
  });

  it('and a TURN server whose passwords end soon, they are renewed, and sound goes on', async () => {
    const lifetimeMs = 8_000;
    const { browser, server, room } = await meeting(
      { udp: [coturn.port] },
      { iceServers: { urls: [coturn.url('udp')], turn: { secret: coturn.secret, lifetimeMs } } },
    );
    const before = new Set(coturn.users);
    const page = await joins(browser, server, room);
    const expiries = () =>
      new Set([...coturn.users].filter((user) => !before.has(user)).map((user) => user.split(':')[0]));
    await expect.poll(() => expiries().size, PATIENCE).toBeGreaterThan(2);
    await hears(page);
    expect(await page.getByText('connection to the room was lost').count()).toBe(0);
  });

  it('that lets nothing through, one reads why within 10 s, reads on, and hears as soon as it is open', async () => {
    const { browser, server, room, luis, says, openFirewall } = await meeting({});
    const page = await joins(browser, server, room);
    const sinceMs = performance.now();
    const told = page.getByText('a firewall or this network seems to block them');
    await told.waitFor();
    const tookMs = Math.round(performance.now() - sinceMs);
    console.info(`told after ${tookMs} ms`);
    expect(tookMs).toBeLessThan(TOLD_WITHIN_MS);
    for (const stable of ['Primero.', 'Segundo.']) {
      says(stable);
      await expect.poll(() => captions(page).allTextContents(), PATIENCE).toContain(stable);
    }
    expect(await page.getByText('connection to the room was lost').count()).toBe(0);
    const joinedOnce = [...luis.room.participants.values()].filter(({ name }) => name === 'Jane').map(({ id }) => id);
    openFirewall();
    await hears(page);
    await told.waitFor({ state: 'hidden' });
    await isHeard(luis);
    const still = [...luis.room.participants.values()].filter(({ name }) => name === 'Jane').map(({ id }) => id);
    expect(still).toEqual(joinedOnce);
  });

  it('that lets nothing through, who listens on a phone is told within 10 s', async () => {
    const { browser, server, room } = await meeting({});
    const page = await (await browser.newContext({ locale: 'en-US' })).newPage();
    await page.goto(`${server.url}/listen/${room}?language=original#invite=${server.invite(room, ['subscribe'], 600)}`);
    await page.getByRole('button', { name: 'Listen' }).click();
    const sinceMs = performance.now();
    await page.locator('booth-channels').getByText('A firewall blocks sound.').waitFor();
    const tookMs = Math.round(performance.now() - sinceMs);
    console.info(`told after ${tookMs} ms`);
    expect(tookMs).toBeLessThan(TOLD_WITHIN_MS);
  });
});
