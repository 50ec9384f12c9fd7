/**
 * What `compose.yaml` puts beside Booth, from Debian's packages and with the very files that it mounts: Caddy before a real server, coturn
 * before a real peer, Prometheus that reads a real server's metrics. What only this test needs (free ports) is added to them.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { request } from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join as path } from 'node:path';
import { text as readText } from 'node:stream/consumers';
import { signalSubprotocols } from '@mediasoup-booth/protocol';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { run } from '../../engine/setup/run.mjs';
import { repository } from '../../scripts/places.mjs';
import { TestCluster } from '../support/cluster.ts';
import { type DebianPrograms, debianPrograms } from '../support/debian-programs.ts';
import { freePort } from '../support/free-port.ts';
import { call, person, startTestServer, TestClient, type TestServer, tokenOf } from '../support/server.ts';
import { until } from '../support/until.ts';

const FETCHED_WITHIN_MS = 900_000;
const deploy = path(repository, 'deploy');

let folder = '';
const children: ChildProcess[] = [];
beforeAll(() => {
  folder = mkdtempSync(path(tmpdir(), 'booth-deploy-'));
});
afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Starts a program that runs until the test ends. `printed` is what it has said so far. */
function start(command: string, args: readonly string[], env: Record<string, string>): { printed(): string } {
  const child = spawn(command, args, { env: { HOME: folder, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  children.push(child);
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (data) => {
      text += data;
    });
  return { printed: () => text };
}

async function isOpen(host: string, port: number): Promise<boolean> {
  const socket = connect(port, host);
  const opened = await once(socket, 'connect').then(
    () => true,
    () => false,
  );
  socket.destroy();
  return opened;
}

describe('Caddy', () => {
  let caddy: DebianPrograms;
  let server: TestServer;
  beforeAll(async () => {
    caddy = await debianPrograms(['caddy']);
  }, FETCHED_WITHIN_MS);
  afterEach(() => server.close());

  /** Caddy makes the certificate of `localhost` by itself, under an authority of its own. */
  async function startCaddy() {
    const [https, http] = [await freePort(), await freePort()];
    server = await startTestServer({ publicUrl: `https://localhost:${https}`, trustedProxies: 'loopback' });
    const ports = `{\n\tadmin off\n\tskip_install_trust\n\thttps_port ${https}\n\thttp_port ${http}\n}\n`;
    const file = path(folder, 'Caddyfile');
    writeFileSync(file, `${ports}import ${path(deploy, 'caddy/Caddyfile')}\n`);
    const env = { ...caddy.env, XDG_DATA_HOME: folder, DOMAIN: 'localhost', BOOTH: `127.0.0.1:${server.port}` };
    const program = start(caddy.path('usr/bin/caddy'), ['run', '--config', file, '--adapter', 'caddyfile'], env);
    const authority = path(folder, 'caddy/pki/authorities/local/root.crt');
    await until(() => program.printed().includes('serving initial configuration') && existsSync(authority), 60_000);
    const ca = readFileSync(authority);
    const get = (at: string) =>
      new Promise<{ status: number | undefined; headers: Record<string, unknown>; text: string }>((resolve, reject) => {
        request(
          { host: 'localhost', port: https, path: at, ca, headers: { 'Accept-Encoding': 'gzip' } },
          async (response) => {
            let text = '';
            for await (const part of response) text += part;
            resolve({ status: response.statusCode, headers: response.headers, text });
          },
        )
          .on('error', reject)
          .end();
      });
    return { https, http, ca, get };
  }

  it('serves Booth over HTTPS by a name alone: REST, WebSocket, and links with its address', async () => {
    const { https, http, ca, get } = await startCaddy();
    expect(await get('/healthz')).toMatchObject({ status: 200, text: '{"status":"ok"}' });
    expect((await get('/healthz')).headers['strict-transport-security']).toMatch(/^max-age=\d+/);
    const redirected = await fetch(`http://localhost:${http}/room/lobby`, { redirect: 'manual' });
    expect(redirected.status).toBe(308);
    expect(redirected.headers.get('location')).toMatch(/^https:\/\/localhost\b.*\/room\/lobby$/);

    const socket = new WebSocket(`wss://localhost:${https}/v1/signal`, signalSubprotocols(tokenOf(person('ana'))), {
      ca,
    });
    await once(socket, 'open');
    const ana = new TestClient(socket);
    const reply = await ana.request('join', {});
    expect(reply).toMatchObject({ you: { id: 'ana' } });
    socket.terminate();

    const host = tokenOf({ identity: 'host', grants: ['host'] });
    const invite = await call(server, 'POST', '/v1/rooms/demo/invites', { token: host, body: {} });
    expect(invite.body).toMatchObject({ link: expect.stringMatching(`^https://localhost:${https}/room/demo#invite=`) });
  });

  it('keeps the server’s counts to itself', async () => {
    const { get } = await startCaddy();
    for (const at of ['/metrics', '/readyz']) expect(await get(at)).toMatchObject({ status: 404, text: '' });
    expect((await fetch(new URL('/metrics', server.url))).status).toBe(200);
  });
});

describe('Caddy before a cluster', () => {
  let caddy: DebianPrograms;
  beforeAll(async () => {
    caddy = await debianPrograms(['caddy']);
  }, FETCHED_WITHIN_MS);

  /** @param nodes where they answer, as `127.0.0.1:40123` */
  async function startCaddy([one = '', two = '']: readonly string[]) {
    const [https, http, metrics] = [await freePort(), await freePort(), await freePort()];
    const text = readFileSync(path(deploy, 'caddy/cluster.Caddyfile'), 'utf8')
      .replace(/^\{$/m, `{\n\tadmin off\n\tskip_install_trust\n\thttps_port ${https}\n\thttp_port ${http}`)
      .replace(':9180', `:${metrics}`);
    const file = path(folder, 'cluster.Caddyfile');
    writeFileSync(file, text);
    const env = { ...caddy.env, XDG_DATA_HOME: folder, DOMAIN: 'localhost', NODE_1: one, NODE_2: two };
    const program = start(caddy.path('usr/bin/caddy'), ['run', '--config', file, '--adapter', 'caddyfile'], env);
    const authority = path(folder, 'caddy/pki/authorities/local/root.crt');
    await until(() => program.printed().includes('serving initial configuration') && existsSync(authority), 60_000);
    const ca = readFileSync(authority);
    const to = (host: string) => ({ host: '127.0.0.1', servername: host, port: https, ca });
    const get = (host: string, at: string, headers: Record<string, string> = {}) =>
      new Promise<string>((resolve, reject) => {
        request({ ...to(host), path: at, headers: { ...headers, Host: host } }, (response) =>
          readText(response).then((body) => resolve(`${response.statusCode} ${body}`), reject),
        )
          .on('error', reject)
          .end();
      });
    // The certificates of three names take a moment to be made.
    for (const host of ['localhost', 'node-1.localhost', 'node-2.localhost'])
      await expect.poll(() => get(host, '/healthz').catch(() => ''), { timeout: 30_000 }).toMatch(/^200 /);
    return { metrics, get, to };
  }

  it('asks any node that is ready by the common name, and each by its own', async () => {
    // Each says who it is, and whether it is ready.
    const ready = [true, true];
    const nodes = ready.map((_, i) =>
      createServer((request, response) =>
        response.writeHead(request.url === '/readyz' && !ready[i] ? 503 : 200).end(`node-${i + 1} ${request.url}`),
      ),
    );
    for (const node of nodes) await once(node.listen(0, '127.0.0.1'), 'listening');
    onTestFinished(() => {
      for (const node of nodes) node.close();
    });
    const { get, metrics } = await startCaddy(nodes.map((node) => `127.0.0.1:${(node.address() as AddressInfo).port}`));
    expect(await get('node-1.localhost', '/v1/a')).toBe('200 node-1 /v1/a');
    expect(await get('node-2.localhost', '/v1/b')).toBe('200 node-2 /v1/b');
    expect(await get('node-2.localhost', '/metrics')).toBe('404 ');

    const asked = async () =>
      new Set(
        await Promise.all(Array.from({ length: 20 }, async () => (await get('localhost', '/v1/c')).split(' ')[1])),
      );
    await expect.poll(asked, { timeout: 30_000 }).toEqual(new Set(['node-1', 'node-2']));
    ready[0] = false;
    await expect.poll(asked, { timeout: 30_000 }).toEqual(new Set(['node-2']));
    expect(await (await fetch(`http://127.0.0.1:${metrics}/metrics`)).text()).toContain('caddy_http_requests_total');
  }, 180_000);

  it('lets any node answer for a room that one of them has', async () => {
    const cluster = await TestCluster.start(2, { BOOTH_TRUSTED_PROXIES: 'loopback' });
    const { get, to } = await startCaddy(cluster.nodes.map(({ url }) => new URL(url).host));
    const enter = async (host: string, identity: string): Promise<TestClient> => {
      const { port, ...options } = to(host);
      const protocols = signalSubprotocols(tokenOf(person(identity)));
      const socket = new WebSocket(`wss://127.0.0.1:${port}/v1/signal`, protocols, {
        ...options,
        headers: { Host: host },
      });
      onTestFinished(() => socket.terminate());
      await once(socket, 'open');
      return new TestClient(socket);
    };
    const ana = await enter('node-1.localhost', 'ana');
    expect(await ana.request('join', {})).toMatchObject({ you: { id: 'ana' } });

    const headers = { Authorization: `Bearer ${tokenOf({ identity: 'operator', grants: ['admin'] })}` };
    const answers = await Promise.all(Array.from({ length: 12 }, () => get('localhost', '/v1/rooms/demo', headers)));
    for (const answer of answers) expect(answer).toMatch(/^200 .*"name":"demo","participants":1/);

    const bob = await enter('node-2.localhost', 'bob');
    await expect(bob.request('join', {})).rejects.toMatchObject({ code: 'elsewhere', server: cluster.node(0).url });
  }, 180_000);
});

describe('coturn', () => {
  const SECRET = 'a secret that Booth and coturn share';
  let coturn: DebianPrograms;
  beforeAll(async () => {
    coturn = await debianPrograms(['coturn']);
  }, FETCHED_WITHIN_MS);

  const ownAddress = () =>
    Object.values(networkInterfaces())
      .flatMap((some) => some ?? [])
      .find(({ family, internal }) => family === 'IPv4' && !internal)?.address;

  async function startCoturn(address: string) {
    const port = await freePort();
    const env = {
      ...coturn.env,
      PATH: `${coturn.path('usr/bin')}:/usr/bin:/bin`,
      TMPDIR: folder,
      TURN_SECRET: SECRET,
      TURN_REALM: 'meet.example.org',
      PUBLIC_ADDRESS: address,
    };
    start('sh', [path(deploy, 'coturn/start.sh'), `--listening-port=${port}`], env);
    await expect.poll(() => isOpen(address, port)).toBe(true);
    return port;
  }

  /** Sends datagrams to a peer through the relay. @returns what the client printed */
  const relay = async (relayPort: number, address: string, peer: string, peerPort: number, login: string[]) => {
    const args = ['-p', relayPort, '-e', peer, '-r', peerPort, '-n', 3, '-m', 1, '-c', '-X', ...login, address];
    const env = { ...coturn.env, HOME: folder };
    return run(coturn.path('usr/bin/turnutils_uclient'), args.map(String), { env, timeoutMs: 60_000 }).catch(String);
  };

  it('relays to Booth’s address with a password of the shared secret, which expires, and to nobody else', async () => {
    const address = ownAddress();
    if (!address) throw new Error('this test needs a network: an address besides the loopback');
    const peer = createSocket('udp4').bind(0, address);
    await once(peer, 'listening');
    let received = 0;
    peer.on('message', (message, { port, address: from }) => {
      received++;
      peer.send(message, port, from);
    });
    const port = await startCoturn(address);
    const peerPort = peer.address().port;
    const login = (secondsFromNow: number) => {
      const username = `${Math.floor(Date.now() / 1000) + secondsFromNow}:ana`;
      return ['-u', username, '-w', createHmac('sha1', SECRET).update(username).digest('base64')];
    };
    try {
      expect(await relay(port, address, address, peerPort, login(3600))).toMatch(/tot_recv_msgs=3\b/);
      expect(received).toBeGreaterThanOrEqual(3);
      const before = received;
      for (const refused of [
        await relay(port, address, address, peerPort, login(-3600)),
        await relay(port, address, address, peerPort, ['-u', 'ana', '-w', 'a guess']),
        await relay(port, address, '127.0.0.1', peerPort, login(3600)),
        await relay(port, address, '10.1.2.3', peerPort, login(3600)),
      ])
        expect(refused).not.toMatch(/tot_recv_msgs=[1-9]/);
      expect(received).toBe(before);
    } finally {
      peer.close();
    }
  });

  it('starts with nothing missing, or says what is', async () => {
    const started = run('sh', [path(deploy, 'coturn/start.sh')], {
      env: { PATH: '/usr/bin:/bin', TURN_SECRET: SECRET },
    });
    await expect(started).rejects.toThrow(/TURN_REALM: is the name of this server/);
  });
});

describe('Prometheus', () => {
  let prometheus: DebianPrograms;
  let server: TestServer;
  beforeAll(async () => {
    prometheus = await debianPrograms(['prometheus']);
    server = await startTestServer();
  }, FETCHED_WITHIN_MS);
  afterAll(() => server.close());

  it.each(['single', 'cluster'])('takes the configuration of the profile %s and its alerts', async (profile) => {
    const promtool = prometheus.path('usr/bin/promtool');
    const said = await run(promtool, ['check', 'config', path(deploy, `prometheus/${profile}.yml`)], {
      env: prometheus.env,
    });
    expect(said).toContain(`${profile}.yml is valid`);
    expect(said).toMatch(/SUCCESS: \d+ rules found/);
  });

  it('reads a server’s metrics, and every expression of the dashboard and the alerts can be asked', async () => {
    // The folder that Compose mounts, but for the server's address.
    const copy = path(folder, 'prometheus');
    cpSync(path(deploy, 'prometheus'), copy, { recursive: true });
    const file = path(copy, 'single.yml');
    const text = readFileSync(file, 'utf8');
    writeFileSync(
      file,
      text.replace('booth:3000', `127.0.0.1:${server.port}`).replace('scrape_interval: 15s', 'scrape_interval: 1s'),
    );
    const port = await freePort();
    const args = [`--config.file=${file}`, `--storage.tsdb.path=${path(folder, 'tsdb')}`];
    start(prometheus.path('usr/bin/prometheus'), [...args, `--web.listen-address=127.0.0.1:${port}`], prometheus.env);
    const ask = async (expression: string) => {
      const url = `http://127.0.0.1:${port}/api/v1/query?query=${encodeURIComponent(expression)}`;
      const response = await fetch(url).catch(() => undefined);
      return (await response?.json()) as
        | { status?: string; data?: { result: { value: [number, string] }[] } }
        | undefined;
    };
    await expect.poll(async () => (await ask('up{job="booth"}'))?.data?.result[0]?.value[1]).toBe('1');
    await expect.poll(async () => (await ask('booth_media_workers'))?.data?.result.length).toBe(2);

    const dashboard = JSON.parse(readFileSync(path(deploy, 'grafana/dashboards/booth.json'), 'utf8')) as {
      panels: { targets: { expr: string }[] }[];
    };
    for (const { expr } of dashboard.panels.flatMap(({ targets }) => targets))
      expect(await ask(expr), expr).toMatchObject({ status: 'success' });
    const rules = await (await fetch(`http://127.0.0.1:${port}/api/v1/rules`)).json();
    expect(JSON.stringify(rules)).toContain('BoothDown');
    expect(JSON.stringify(rules)).not.toContain('"health":"err"');
  });
});
