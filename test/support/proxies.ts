/** Debian's nginx and haproxy in front of a server, as whoever runs one would configure them: TLS ends at them. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { endsWithThisProcess } from '../../process/parent-watchdog.mjs';
import { proxyRoot } from '../../scripts/places.mjs';
import type { TlsIdentity } from '../../server/listeners.ts';

const POLL_EVERY_MS = 50;
const STARTS_WITHIN_MS = 60_000;

const root = proxyRoot(process.env);
const env = { ...process.env, ...endsWithThisProcess(), LD_LIBRARY_PATH: join(root, 'libraries') };

export interface RunningProxy {
  close(): Promise<void>;
}

/**
 * @param port where nginx listens, on the loopback
 * @param servers the content of its `http`; `cert.pem` and `key.pem` are files
 */
export const startNginx = (port: number, { cert, key }: TlsIdentity, servers: string): Promise<RunningProxy> =>
  start('nginx', port, { 'cert.pem': cert, 'key.pem': key }, (folder) => [
    ['-p', folder, '-e', 'stderr', '-c', join(folder, 'proxy.conf')],
    `daemon off;
master_process off;
pid ${folder}/nginx.pid;
events {}
http {
  access_log off;
  ${TEMPORARY.map((name) => `${name}_temp_path ${folder}/${name};`).join('\n  ')}
${servers}
}
`,
  ]);

const TEMPORARY = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];

/**
 * @param port where haproxy listens, on the loopback
 * @param sections frontends and backends; `both.pem` is a file with the certificate and its key
 */
export const startHaproxy = (port: number, { cert, key }: TlsIdentity, sections: string): Promise<RunningProxy> =>
  start('haproxy', port, { 'both.pem': `${cert}\n${key}\n` }, (folder) => [
    ['-db', '-f', join(folder, 'proxy.conf')],
    `defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
${sections}
`,
  ]);

async function start(
  program: 'nginx' | 'haproxy',
  port: number,
  files: Readonly<Record<string, string>>,
  configure: (folder: string) => [args: string[], configuration: string],
): Promise<RunningProxy> {
  const executable = join(root, 'usr/sbin', program);
  if (!existsSync(executable)) throw new Error(`no ${program}: "npm test" fetches it`);
  const folder = await mkdtemp(join(tmpdir(), `booth-${program}-`));
  const [args, configuration] = configure(folder);
  for (const [name, text] of Object.entries({ ...files, 'proxy.conf': configuration }))
    await writeFile(join(folder, name), text, { mode: 0o600 });
  let output = '';
  const child = spawn(executable, args, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (text) => {
      output += text;
    });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  try {
    for (let waited = 0; !(await isOpen(port)); waited += POLL_EVERY_MS) {
      if (child.exitCode !== null || waited > STARTS_WITHIN_MS) throw new Error(`${program} does not serve: ${output}`);
      await sleep(POLL_EVERY_MS);
    }
  } catch (error) {
    await stop(child, ended, folder);
    throw error;
  }
  return { close: () => stop(child, ended, folder) };
}

async function stop(child: ChildProcess, ended: Promise<void>, folder: string): Promise<void> {
  child.kill('SIGKILL');
  await ended;
  await rm(folder, { recursive: true, force: true });
}

const isOpen = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
