/**
 * The image as `compose.yaml` runs it (with its variables and ports, and Caddy and coturn with the files that it mounts), and people in
 * another network: Ana in Chromium, Luis in Debian's Firefox. They come by an invite link over HTTPS, speak, hear each other, and read
 * Spanish, whatever their network lets through of media.
 */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InviteResponse, JoinResponse } from '@mediasoup-booth/protocol';
import type { Page as ChromiumPage } from 'playwright-core';
import type { Page as FirefoxPage } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { repository } from '../../scripts/places.mjs';
import { BoothContainer, boothImage, hasBoothImage } from '../support/booth-image.ts';
import { temporaryFolder } from '../support/booth-process.ts';
import { browserTrusts } from '../support/certificates.ts';
import { launchChromium } from '../support/chromium.ts';
import { exampleEnvironment, readCompose } from '../support/compose.ts';
import { debianPrograms } from '../support/debian-programs.ts';
import { launchFirefox } from '../support/firefox.ts';
import { freePort } from '../support/free-port.ts';
import { canMakeNetworks, TestNetwork } from '../support/network-namespace.ts';
import { AUDIBLE } from '../support/page.ts';
import { mediaPaths, observeConnections, receivedLoudness } from '../support/peer-connections.ts';
import { microphoneOf } from '../support/recorded-microphone.ts';
import { credentialFor } from '../support/signed-in.ts';
import { StartedProgram } from '../support/started-program.ts';
import { until } from '../support/until.ts';

const PATIENCE = { timeout: 180_000, interval: 300 };
const DOMAIN = 'meet.booth.test';
const TURN_SECRET = 'shared by Booth and coturn';
const ROOM = 'hall';
const SIGN_IN_CODE = /#code=(\S+)\s/;
const SENTENCES = ['conf-waitforleader', 'conf-now-recording', 'conf-leaderhasleft', 'conf-onlyone'];

const why = hasBoothImage()
  ? canMakeNetworks()
    ? undefined
    : 'this computer lets the test make no networks'
  : `buildah has no image ${boothImage} here`;

describe.skipIf(why !== undefined)(`a meeting of the image${why === undefined ? '' : ` (not tried: ${why})`}`, () => {
  let network: TestNetwork;
  let container: BoothContainer;
  let booth: StartedProgram;
  const beside: StartedProgram[] = [];
  let folder: string;
  let authority: string;
  beforeAll(async () => {
    network = new TestNetwork(6);
    const address = network.hostAddress;
    network.knowHosts({ [DOMAIN]: address });
    folder = mkdtempSync(join(tmpdir(), 'booth-image-'));
    const compose = readCompose({
      ...exampleEnvironment(),
      ...{ DOMAIN, PUBLIC_ADDRESS: address, TURN_SECRET, GRAFANA_PASSWORD: 'not started' },
    });
    await startCaddy(address, compose.services.caddy?.environment ?? {});
    await startCoturn(address, compose.services.coturn?.environment ?? {});
    container = new BoothContainer({ [DOMAIN]: address });
    // What it listens on is inside the container's network in Compose.
    booth = container.start({ ...compose.services.booth?.environment, BOOTH_HOST: address });
    await booth.prints(SIGN_IN_CODE);
    await until(() => existsSync(authority));
  }, 900_000);
  afterAll(async () => {
    for (const program of beside) await program.kill();
    await container?.remove();
    network?.close();
    rmSync(folder, { recursive: true });
  });

  /** Debian's Caddy is its own authority here, as no public one knows the name. */
  async function startCaddy(address: string, environment: Readonly<Record<string, string>>): Promise<void> {
    const { path, env } = await debianPrograms(['caddy']);
    const file = join(folder, 'Caddyfile');
    const options = `{\n\tadmin off\n\tskip_install_trust\n\tlocal_certs\n\tdefault_bind ${address}\n}\n`;
    writeFileSync(file, `${options}import ${join(repository, 'deploy/caddy/Caddyfile')}\n`);
    authority = join(folder, 'caddy/pki/authorities/local/root.crt');
    const variables = { ...env, HOME: folder, XDG_DATA_HOME: folder, ...environment, BOOTH: `${address}:3000` };
    const args = ['run', '--config', file, '--adapter', 'caddyfile'];
    const caddy = new StartedProgram(path('usr/bin/caddy'), args, variables);
    beside.push(caddy);
    await caddy.prints(/serving initial configuration/);
  }

  async function startCoturn(address: string, environment: Readonly<Record<string, string>>): Promise<void> {
    const { path, env } = await debianPrograms(['coturn']);
    const args = [join(repository, 'deploy/coturn/start.sh'), `--listening-ip=${address}`, `--relay-ip=${address}`];
    const variables = { ...env, PATH: `${path('usr/bin')}:/usr/bin:/bin`, HOME: folder, TMPDIR: folder };
    beside.push(new StartedProgram('sh', args, { ...variables, ...environment }));
  }

  /** As the operator makes one, whose browser has opened the link that the container has printed. */
  async function inviteLink(): Promise<string> {
    const inside = `http://${network.hostAddress}:3000`;
    operator ??= await credentialFor(inside, (await booth.prints(SIGN_IN_CODE))[1] ?? '');
    const post = async (path: string, body: object, token?: string): Promise<unknown> => {
      const headers = { 'Content-Type': 'application/json', ...(token && { Authorization: `Bearer ${token}` }) };
      const response = await fetch(new URL(path, inside), { method: 'POST', headers, body: JSON.stringify(body) });
      return response.json();
    };
    const { token } = JoinResponse.parse(
      await post('/v1/join', { room: ROOM, credential: operator, name: 'Operator' }),
    );
    const { link } = InviteResponse.parse(await post(`/v1/rooms/${ROOM}/invites`, {}, token));
    return link;
  }
  let operator: string | undefined;

  /** Ana has a recording for a microphone: four sentences of English. */
  async function anaJoins(link: string): Promise<ChromiumPage> {
    const home = temporaryFolder();
    await browserTrusts(join(home, '.pki/nssdb'), authority);
    const browser = await launchChromium({
      home,
      startedBy: (executable) => network.inside(executable),
      microphone: microphoneOf(...SENTENCES),
    });
    onTestFinished(() => browser.close());
    const page = await (await browser.newContext({ locale: 'en-US' })).newPage();
    await page.addInitScript(observeConnections);
    await page.goto(`${link}&speak=en&read=original,es`);
    await page.getByLabel('Name').fill('Ana');
    await page.getByRole('meter').waitFor();
    await page.getByRole('button', { name: 'Join' }).click();
    await page.locator('booth-meeting').waitFor();
    return page;
  }

  /** Luis has Firefox's fake microphone, which sounds without a pause, and says nothing that could be interpreted. */
  async function luisJoins(link: string): Promise<FirefoxPage> {
    const profile = temporaryFolder();
    await browserTrusts(profile, authority);
    const debuggingPort = await freePort();
    onTestFinished(await network.driveThrough(debuggingPort));
    const browser = await launchFirefox({
      ...{ profile, debuggingPort },
      startedBy: (executable) => network.inside(executable),
    });
    onTestFinished(() => browser.close());
    const page = await browser.newPage();
    await page.evaluateOnNewDocument(observeConnections);
    await page.goto(`${link}&speak=es&read=es`);
    await page.locator('>>> form input').fill('Luis');
    await page.locator('>>> form .primary').click();
    await page.locator('>>> booth-meeting').wait();
    return page;
  }

  const textOf = async (texts: Promise<(string | null)[]>): Promise<string> => (await texts).join('\n');
  const readBy = {
    ana: (page: ChromiumPage) => textOf(page.locator('booth-caption-list .line').allTextContents()),
    luis: (page: FirefoxPage) =>
      textOf(page.$$eval('>>> booth-caption-list >>> .line', (lines) => lines.map(({ textContent }) => textContent))),
  };

  it.each([
    { lets: 'everything through', open: undefined, by: 'udp' },
    { lets: 'no UDP through, and TCP to the media port', open: { tcp: [80, 443, 44_400] }, by: 'tcp' },
    { lets: 'no media through but to the TURN server by UDP', open: { udp: [3478], tcp: [443] }, by: 'relay' },
    { lets: 'no UDP through, and TCP to the TURN server', open: { tcp: [443, 3478] }, by: 'relay' },
  ])('in a network that lets $lets', async ({ open, by }) => {
    if (open) onTestFinished(network.letThroughOnly(open));
    const luis = await luisJoins(await inviteLink());
    const ana = await anaJoins(await inviteLink());
    expect(await ana.evaluate(() => isSecureContext)).toBe(true);

    // They hear each other.
    await expect.poll(() => ana.evaluate(receivedLoudness), PATIENCE).toBeGreaterThan(AUDIBLE);
    await expect.poll(() => luis.evaluate(receivedLoudness), PATIENCE).toBeGreaterThan(AUDIBLE);
    // Ana’s English is read in Spanish.
    await expect.poll(() => readBy.ana(ana), PATIENCE).toMatch(/leader/i);
    await expect.poll(() => readBy.ana(ana), PATIENCE).toMatch(/conferencia/i);
    await expect.poll(() => readBy.luis(luis), PATIENCE).toMatch(/conferencia/i);

    const ways = { ana: await ana.evaluate(mediaPaths), luis: await luis.evaluate(mediaPaths) };
    expect({ ana: new Set(ways.ana), luis: new Set(ways.luis) }).toEqual({ ana: new Set([by]), luis: new Set([by]) });
  });
});
