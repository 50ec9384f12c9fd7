/** A server behind nginx and behind haproxy, where TLS ends: with and without what they tell of a request, at a host and under a path. */
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import type { Browser, Page } from 'playwright-core';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { pageDir } from '../../scripts/places.mjs';
import type { TlsIdentity } from '../../server/listeners.ts';
import type { ServerOptions } from '../../server/server.ts';
import { runBooth } from '../support/booth-process.ts';
import { certificateFor, chromiumTrusting, trust } from '../support/certificates.ts';
import { launchChromium } from '../support/chromium.ts';
import { NONCE, startForeignPage } from '../support/foreign-page.ts';
import { freePort } from '../support/free-port.ts';
import { complaintsOf } from '../support/page.ts';
import { type RunningProxy, startHaproxy, startNginx } from '../support/proxies.ts';
import { call, join as enter, person, startTestServer, tokenOf } from '../support/server.ts';

let identity: TlsIdentity;
let browser: Browser;
let folder: string;
let certificateFile: string;
beforeAll(async () => {
  identity = await certificateFor(['localhost']);
  trust(identity.cert);
  browser = await launchChromium({ args: [chromiumTrusting(identity.cert)] });
  folder = await mkdtemp(join(tmpdir(), 'booth-proxied-'));
  certificateFile = join(folder, 'certificate.pem');
  await writeFile(certificateFile, identity.cert);
  return async () => {
    await browser.close();
    await rm(folder, { recursive: true });
  };
});

const UPGRADE = `
      proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_upgrade;`;
const FORWARDED = `
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_set_header X-Forwarded-Proto $scheme;`;

interface Deployment {
  /** The path under which people see it. */
  path: '' | '/booth';
  server(publicUrl: string): Partial<ServerOptions>;
  proxy(port: number, target: number): Promise<RunningProxy>;
}

/** A `location` of nginx, beside what every server of it has. */
const nginx = (location: string, target: (port: number) => string, more: string) => (port: number, to: number) =>
  startNginx(
    port,
    identity,
    `map $http_upgrade $connection_upgrade { default upgrade; '' close; }
server {
  listen 127.0.0.1:${port} ssl http2;
  ssl_certificate cert.pem;
  ssl_certificate_key key.pem;
  location ${location} {
    proxy_pass ${target(to)};${more}
  }
}`,
  );
/** A frontend of haproxy with these rules. */
const haproxy = (rules: string) => (port: number, to: number) =>
  startHaproxy(
    port,
    identity,
    `frontend meetings
  bind 127.0.0.1:${port} ssl crt both.pem alpn h2,http/1.1
${rules}
  default_backend booth
backend booth
  server booth 127.0.0.1:${to}`,
  );

/** The configuration of a proxy in the documentation, with other ports and files. */
function documented(language: 'nginx' | 'haproxy', port: number, target: number): string {
  const text = readFileSync(new URL('../../docs/https.md', import.meta.url), 'utf8');
  const [, block = ''] = new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'ms').exec(text) ?? [];
  return block
    .replace('listen 443', `listen 127.0.0.1:${port}`)
    .replace('bind :443', `bind 127.0.0.1:${port}`)
    .replace('127.0.0.1:3000', `127.0.0.1:${target}`)
    .replace(/\S+\/fullchain\.pem/, 'cert.pem')
    .replace(/\S+\/privkey\.pem/, 'key.pem')
    .replace(/crt \S+/, 'crt both.pem');
}

const trusting = () => ({ trustedProxies: 'loopback' });
const published = (publicUrl: string) => ({ publicUrl });
const both = (publicUrl: string) => ({ publicUrl, trustedProxies: 'loopback' });

const deployments: [string, Deployment][] = [
  [
    'nginx as the documentation has it',
    { path: '', server: both, proxy: (port, to) => startNginx(port, identity, documented('nginx', port, to)) },
  ],
  [
    'haproxy as the documentation has it',
    { path: '', server: both, proxy: (port, to) => startHaproxy(port, identity, documented('haproxy', port, to)) },
  ],
  [
    'nginx that tells who asks',
    { path: '', server: trusting, proxy: nginx('/', (port) => `http://127.0.0.1:${port}`, UPGRADE + FORWARDED) },
  ],
  [
    'nginx that tells nothing and strips the path',
    { path: '/booth', server: published, proxy: nginx('/booth/', (port) => `http://127.0.0.1:${port}/`, UPGRADE) },
  ],
  [
    'nginx that tells nothing and keeps the path',
    { path: '/booth', server: published, proxy: nginx('/booth', (port) => `http://127.0.0.1:${port}`, UPGRADE) },
  ],
  [
    'nginx that strips the path and tells it',
    {
      path: '/booth',
      server: trusting,
      proxy: nginx(
        '/booth/',
        (port) => `http://127.0.0.1:${port}/`,
        `${UPGRADE}${FORWARDED}\n      proxy_set_header X-Forwarded-Prefix /booth;`,
      ),
    },
  ],
  ['haproxy that tells nothing and keeps the path', { path: '/booth', server: published, proxy: haproxy('') }],
  [
    'haproxy that strips the path',
    {
      path: '/booth',
      server: published,
      proxy: haproxy(
        '  http-request redirect location /booth/ if { path /booth }\n  http-request replace-path ^/booth/(.*) /\\1',
      ),
    },
  ],
];

/** A server behind a proxy, until the test is over. */
async function deploy({ path, server: options, proxy }: Deployment) {
  const port = await freePort();
  const url = `https://localhost:${port}${path}`;
  const lines: string[] = [];
  const log = pino({ level: 'warn' }, { write: (line: string) => void lines.push(line) });
  const server = await startTestServer({
    pages: pageDir,
    transcripts: { folder, retentionHours: 0 },
    log,
    ...options(`${url}/`),
  });
  onTestFinished(() => server.close());
  const running = await proxy(port, server.port);
  onTestFinished(() => running.close());
  return { url, lines, server: { ...server, url } };
}

async function newPage(): Promise<Page> {
  const context = await browser.newContext({ locale: 'en-US' });
  onTestFinished(() => context.close());
  return context.newPage();
}

/** What the browser objects to, without what is this machine's: networks of other programs come and go. */
const objections = (complaints: readonly string[]) =>
  complaints.filter((complaint) => !complaint.includes('ERR_NETWORK_CHANGED'));

const inviteLink = async (server: Parameters<typeof call>[0]): Promise<string> => {
  const token = tokenOf({ identity: 'host', room: 'hall', grants: ['host', 'publish', 'subscribe'] });
  const { body } = await call(server, 'POST', '/v1/rooms/hall/invites', { token });
  return (body as { link: string }).link;
};

/** The exit code of `booth listen`, and what it says of an error. */
async function listened(url: string, authorities = ''): Promise<[number | null, string]> {
  const token = tokenOf({ identity: 'terminal', room: 'hall', grants: ['subscribe'] });
  const args = ['listen', '--room', 'hall', '--language', 'es', '--seconds', '1', '--url', url];
  const environment = { BOOTH_TOKEN: token, NODE_EXTRA_CA_CERTS: authorities };
  const { exitCode, stderr } = await runBooth(args, { environment });
  return [exitCode, stderr.trim()];
}

describe.each(deployments)('behind %s', (_what, deployment) => {
  it('an invite link leads into the room, where people see each other', async () => {
    const { url, server } = await deploy(deployment);
    const link = await inviteLink(server);
    expect(link.split('#')[0]).toBe(`${url}/room/hall`);
    const luis = await enter(server, person('luis', { room: 'hall', name: 'Luis' }));
    const page = await newPage();
    const complaints = complaintsOf(page);
    await page.goto(link);
    expect(await page.evaluate(() => isSecureContext)).toBe(true);
    await page.getByLabel('Name').fill('Jane');
    await page.getByRole('button', { name: 'Join' }).click();
    await page.locator('booth-meeting').waitFor();
    await page.getByRole('listitem').filter({ hasText: 'Luis' }).waitFor();
    await luis.hears('participant.joined', ({ participant }) => participant.name === 'Jane');
    // Her microphone: a page has one over HTTPS alone.
    await luis.hears('producer.created');
    expect(objections(complaints)).toEqual([]);
    luis.leave();
  });

  it('the home page opens a room, and captions come to a phone and to a page elsewhere', async () => {
    const { url, server } = await deploy(deployment);
    const page = await newPage();
    const complaints = complaintsOf(page);
    await page.goto(url);
    await page.getByLabel('Room').fill('hall');
    await page.keyboard.press('Enter');
    await page.waitForURL(`${url}/room/hall`);

    const invite = new URL(await inviteLink(server)).hash;
    await page.goto(`${url}/listen/hall?language=original${invite}`);
    const state = () => page.locator('booth-captions').evaluate((element) => Reflect.get(element, 'state')?.is);
    await expect.poll(state).toBe('live');

    const token = tokenOf({ identity: 'reader', room: 'hall', grants: ['subscribe'] });
    const html = `<booth-captions room="hall" token="${token}" language="original"></booth-captions>
<script type="module" nonce="${NONCE}" src="${url}/meeting.js"></script>`;
    await page.goto(await startForeignPage({ booth: new URL(url).origin, widget: url, html }));
    await expect.poll(state).toBe('live');
    expect(await page.locator('booth-captions').evaluate((element) => Reflect.get(element, 'server'))).toBe(url);
    expect(objections(complaints)).toEqual([]);
  });

  it('programs find every call below the address', async () => {
    const { server } = await deploy(deployment);
    const paths = ['/healthz', '/readyz', '/v1/languages', '/openapi.json', '/widget.js', '/meeting.js', '/icon.svg'];
    const statuses = await Promise.all(paths.map(async (path) => [path, (await call(server, 'GET', path)).status]));
    expect(statuses).toEqual(paths.map((path) => [path, 200]));
    expect(await listened(server.url, certificateFile)).toEqual([0, '']);
  });
});

describe('behind nginx that passes on no WebSockets', () => {
  const blocking: Deployment = {
    path: '',
    server: trusting,
    proxy: nginx('/', (port) => `http://127.0.0.1:${port}`, FORWARDED),
  };

  it('the page says what the proxy has to do, and so does the log, once', async () => {
    const { server, lines } = await deploy(blocking);
    const page = await newPage();
    await page.goto(await inviteLink(server));
    await page.getByLabel('Name').fill('Jane');
    await page.getByRole('button', { name: 'Join' }).click();
    await page.getByText('it has to pass on WebSockets (the headers Upgrade and Connection)').waitFor();
    await page.getByRole('button', { name: 'Join' }).click();
    await page.getByText('it has to pass on WebSockets').waitFor();
    const told = lines.filter((line) => line.includes('a proxy does not pass on WebSockets'));
    expect(told).toHaveLength(1);
  });

  it('a command says so too, and who asks without a WebSocket in mind is told what is served there', async () => {
    const { server } = await deploy(blocking);
    const [exitCode, problem] = await listened(server.url, certificateFile);
    expect([exitCode, problem]).toEqual([
      1,
      expect.stringContaining('a proxy in front of it has to pass on WebSockets'),
    ]);
    expect((await listened(server.url))[1]).toContain('NODE_EXTRA_CA_CERTS can name a file with the certificate');
    const elsewhere = await startTestServer();
    onTestFinished(() => elsewhere.close());
    const { status, body } = await call(elsewhere, 'GET', '/v1/signal');
    expect([status, body]).toEqual([426, expect.objectContaining({ code: 'upgradeNeeded' })]);
  });
});
