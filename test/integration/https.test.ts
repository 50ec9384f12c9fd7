/** A server over HTTPS: who is served, how its certificate is replaced while people are in a room, and what it says of wrong files. */
import { chmod, readFile, rename, writeFile } from 'node:fs/promises';
import { connect as connectTcp, type Socket } from 'node:net';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { pino } from 'pino';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { watchCertificateFiles } from '../../cli/tls/certificate-files.ts';
import { listenOnLan } from '../../cli/tls/lan-listeners.ts';
import type { TlsIdentity } from '../../server/listeners.ts';
import type { ServerOptions } from '../../server/server.ts';
import { systemClock } from '../../time/clock.ts';
import { runBooth, startBooth, temporaryFolder } from '../support/booth-process.ts';
import { certificateFor, trust } from '../support/certificates.ts';
import { call, join as enter, person, startTestServer, tokenOf } from '../support/server.ts';
import { until } from '../support/until.ts';

/** The certificate that is shown at an address. */
async function shownAt(port: number, host = '127.0.0.1'): Promise<string> {
  const socket = connectTls({ port, host, rejectUnauthorized: false });
  await new Promise((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject));
  const { fingerprint256 } = socket.getPeerCertificate();
  socket.destroy();
  return fingerprint256;
}

async function secureServer(identity: TlsIdentity, options: Partial<ServerOptions> = {}) {
  trust(identity.cert);
  const server = await startTestServer({ tls: { ...identity, name: 'localhost' }, ...options });
  onTestFinished(() => server.close());
  return server;
}

/** A certificate and its key in files, and what replaces them. */
async function certificateFiles(identity: TlsIdentity) {
  const folder = temporaryFolder();
  const files = { certificate: join(folder, 'meet.crt'), key: join(folder, 'meet.key') };
  const write = async ({ cert, key }: Partial<TlsIdentity>) => {
    for (const [path, text] of [
      [files.certificate, cert],
      [files.key, key],
    ] as const) {
      if (text === undefined) continue;
      await writeFile(`${path}.new`, text, { mode: 0o600 });
      await rename(`${path}.new`, path);
    }
  };
  await write(identity);
  return { files, write };
}

describe('over HTTPS', () => {
  it('REST, links and signalling are served, and interpreters are sent in over the loopback', async () => {
    const server = await secureServer(await certificateFor(['localhost']));
    expect(server.url).toBe(`https://localhost:${server.port}`);
    const token = tokenOf({ identity: 'host', grants: ['host'] });
    const { status, body, headers } = await call(server, 'POST', '/v1/rooms/demo/invites', { token });
    expect(status).toBe(201);
    expect(body).toMatchObject({ link: expect.stringContaining(`${server.url}/room/demo#invite=`) });
    expect(headers.get('Content-Security-Policy')).toContain(`wss://localhost:${server.port}`);
    const ana = await enter(server, person('ana'), { speaks: 'en', hears: 'es', reads: [] });
    await until(() => server.launches.length === 1);
    expect(server.launches[0]?.assignment.url).toBe(server.localUrl);
    expect(server.localUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    ana.leave();
  });

  it('links that are asked for on this computer name the certificate', async () => {
    const server = await secureServer(await certificateFor(['localhost']));
    const token = tokenOf({ identity: 'admin', grants: ['admin'] });
    const here = { ...server, url: server.localUrl };
    const { body } = await call(here, 'POST', '/v1/sign-in-codes', { token, body: { room: 'hall' } });
    expect(body).toMatchObject({ link: expect.stringContaining(`${server.url}/room/hall#code=`) });
  });

  it('who connects and never finishes the handshake keeps nobody out, and WebSockets go on', async () => {
    const server = await secureServer(await certificateFor(['localhost']));
    const ana = await enter(server, person('ana'));
    const silent: Socket[] = [];
    onTestFinished(() => silent.forEach((socket) => void socket.destroy()));
    let ended = 0;
    for (let n = 0; n < 300; n++) {
      const socket = connectTcp(server.port, '127.0.0.1').on('error', () => undefined);
      socket.on('close', () => ended++);
      silent.push(socket);
    }
    // 256 of one address may be idle.
    await until(() => ended >= 44);
    expect((await call(server, 'GET', '/healthz')).status).toBe(200);
    await ana.settled();
    ana.leave();
  });
});

describe('a certificate that is replaced', () => {
  const lines: string[] = [];
  const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(line) });
  beforeEach(() => {
    lines.length = 0;
  });
  const logged = (message: string) => lines.filter((line) => line.includes(message)).length;

  async function watched() {
    const first = await certificateFor(['localhost']);
    const { files, write } = await certificateFiles(first);
    const server = await secureServer(first);
    const use = (renewed: TlsIdentity) => server.setTlsIdentity(renewed);
    onTestFinished(watchCertificateFiles(files, { clock: systemClock, wallNow: Date.now, log, use }));
    await new Promise((resolve) => setTimeout(resolve, 2500));
    return { server, files, write, shown: () => shownAt(server.port) };
  }

  it('is shown to who connects, while a WebSocket that is open goes on', async () => {
    const { server, write, shown } = await watched();
    const ana = await enter(server, person('ana'));
    const before = await shown();
    const second = await certificateFor(['localhost']);
    trust(second.cert);
    // As certificates are renewed: one file after the other.
    await write({ cert: second.cert });
    await write({ key: second.key });
    await expect.poll(shown).not.toBe(before);
    expect(logged('certificate replaced')).toBe(1);
    const luis = await enter(server, person('luis'));
    await ana.hears('participant.joined', ({ participant }) => participant.id === luis.reply.you.id);
    await ana.settled();
    expect(ana.socket.readyState).toBe(ana.socket.OPEN);
    ana.leave();
    luis.leave();
  });

  it('by one that cannot be used stays, which is said once, until there is a good one', async () => {
    const { files, write, shown } = await watched();
    const before = await shown();
    await write({ cert: 'broken' });
    await until(() => logged('certificate cannot be replaced, the earlier one stays') === 1);
    expect(lines.at(-1)).toContain(`${files.certificate} holds no certificate in PEM`);
    expect(await shown()).toBe(before);
    await new Promise((resolve) => setTimeout(resolve, 5000));
    expect(logged('certificate cannot be replaced')).toBe(1);
    await write(await certificateFor(['localhost']));
    await expect.poll(shown).not.toBe(before);
  });
});

describe('in a network', () => {
  it('follows the addresses of this computer, with a certificate for them, and others go on', async () => {
    const server = await startTestServer();
    onTestFinished(() => server.close());
    let addresses = ['127.0.0.2', '127.0.0.3'];
    const path = join(temporaryFolder(), 'lan-certificate.pem');
    const deps = { server, path, clock: systemClock, wallNow: Date.now, log: pino({ level: 'silent' }) };
    const lan = await listenOnLan({ ...deps, addresses: () => addresses });
    onTestFinished(() => lan.close());
    expect(lan.addresses).toEqual(addresses);
    const host = tokenOf({ identity: 'host', room: 'hall', grants: ['host'] });
    const { body } = await call(server, 'POST', '/v1/rooms/hall/invites', { token: host });
    expect(body).toMatchObject({ link: expect.stringContaining(`https://127.0.0.2:${server.port}/room/hall#`) });
    const { fingerprint } = lan.certificate;
    expect(await shownAt(server.port, '127.0.0.3')).toBe(fingerprint);
    const staying = connectTls({ port: server.port, host: '127.0.0.3', rejectUnauthorized: false });
    await new Promise((resolve) => staying.once('secureConnect', resolve));
    let hasEnded = false;
    staying.on('close', () => {
      hasEnded = true;
    });

    addresses = ['127.0.0.3', '127.0.0.4'];
    await expect.poll(() => [...lan.addresses].sort()).toEqual(addresses);
    expect(lan.certificate.fingerprint).not.toBe(fingerprint);
    for (const address of addresses) expect(await shownAt(server.port, address)).toBe(lan.certificate.fingerprint);
    await expect(shownAt(server.port, '127.0.0.2')).rejects.toThrow(/ECONNREFUSED/);
    expect(hasEnded).toBe(false);
    staying.destroy();
  });
});

describe('booth start', () => {
  const start = <E extends Record<string, string>>(environment: E) => ({
    BOOTH_PORT: '0',
    BOOTH_RTC_PORT: '0',
    ...environment,
  });

  async function refusal(tls: { certificate?: string; key?: string }): Promise<string> {
    const environment = start({
      ...(tls.certificate !== undefined && { BOOTH_TLS_CERTIFICATE: tls.certificate }),
      ...(tls.key !== undefined && { BOOTH_TLS_KEY: tls.key }),
    });
    const { exitCode, stderr } = await runBooth(['start'], { environment });
    expect(exitCode).toBe(1);
    return stderr.trim();
  }

  it('says in one line what is wrong with its files', async () => {
    const { files } = await certificateFiles(await certificateFor(['localhost']));
    const other = await certificateFiles(await certificateFor(['localhost']));
    expect(await refusal({ certificate: files.certificate })).toMatch(
      /^booth: BOOTH_TLS_CERTIFICATE is set, and BOOTH_TLS_KEY is not.*$/,
    );
    expect(await refusal({ ...files, key: '/nowhere/key.pem' })).toMatch(
      /^booth: \/nowhere\/key\.pem: there is no such file or directory\. Check BOOTH_TLS_KEY\.$/,
    );
    expect(await refusal({ ...files, key: other.files.key })).toMatch(
      /^booth: the key in .* is not that of the certificate in .*$/,
    );
  });

  it('serves over HTTPS, warns of an expired certificate and an open key, and commands here find it', async () => {
    const identity = await certificateFor(['localhost'], [-30, -1]);
    const { files } = await certificateFiles(identity);
    await chmod(files.key, 0o644);
    const environment = start({
      BOOTH_TLS_CERTIFICATE: files.certificate,
      BOOTH_TLS_KEY: files.key,
      BOOTH_DATA_DIR: temporaryFolder(),
    });
    const server = startBooth(['start'], { environment });
    await until(() => server.output.stdout.includes('\n'));
    expect(server.output.stderr).toMatch(/the certificate expired on \d{4}-\d\d-\d\d: browsers refuse it/);
    expect(server.output.stderr).toContain(`every user may read ${files.key}: chmod o-r ${files.key}`);
    const { origin, port } = new URL(server.output.stdout.trim());
    expect(origin).toBe(`https://localhost:${port}`);
    await shownAt(Number(port));
    const link = await runBooth(['link', '--room', 'hall'], { environment });
    expect(link.stdout).toMatch(new RegExp(`^${origin}/room/hall#code=`));
    const listened = await runBooth(['listen', '--room', 'hall', '--language', 'en', '--seconds', '1'], {
      environment,
    });
    expect([listened.exitCode, listened.stderr]).toEqual([0, expect.not.stringMatching(/certificate|self-signed/)]);
    const doctor = await runBooth(['doctor'], { environment });
    expect(doctor.stdout).toMatch(/OLD +certificate +the certificate expired on/);
    server.interrupt();
    expect((await server.ended).exitCode).toBe(0);
    await expect(readFile(join(environment.BOOTH_DATA_DIR, 'local-address'))).rejects.toThrow(/ENOENT/);
  });
});
