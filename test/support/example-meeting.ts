/**
 * The example application in `examples/meeting`, as somebody else would have it: in a folder of its own outside the tree, whose
 * `node_modules` holds what it depends on, and a server in a process of its own.
 */
import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { build } from 'vite';
import { repository, workerBinary } from '../../scripts/places.mjs';
import { temporaryFolder } from './booth-process.ts';

export interface ExampleOptions {
  variant: 'plain' | 'interpreted';
  /** The version of mediasoup-client in the page: the oldest that is tried, or the newest. */
  client: 'mediasoup-client-3.7' | 'mediasoup-client';
  environment?: Record<string, string>;
}

export interface ExampleServer {
  url: string;
  /** What it has printed so far, to both outputs. */
  readonly output: string;
  readonly exitCode: number | null;
  /** Ends it, and resolves when it is gone. */
  stop(): Promise<void>;
}

const thirdParties = [
  'express',
  'mediasoup',
  'socket.io',
  'socket.io-client',
  'mediasoup-client-3.7',
  'mediasoup-client',
];

/** A copy of the example with its dependencies, whose folder is gone after the test. @param packages folders of Booth's packages by name */
export function installExample(packages: Readonly<Record<string, string>>): string {
  const folder = join(temporaryFolder(), 'meeting');
  cpSync(join(repository, 'examples/meeting'), folder, { recursive: true });
  for (const name of thirdParties) link(join(repository, 'node_modules', name), join(folder, 'node_modules', name));
  for (const [name, path] of Object.entries(packages)) link(path, join(folder, 'node_modules', name));
  return folder;
}

function link(target: string, path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(target, path);
}

/** Builds the page and starts the server. @throws if it ends before it listens */
export async function startExample(
  folder: string,
  { variant, client, environment = {} }: ExampleOptions,
): Promise<ExampleServer> {
  const page = join(folder, `page-${variant}-${client}`);
  await build({
    configFile: false,
    logLevel: 'error',
    root: join(folder, variant),
    base: './',
    resolve: { alias: [{ find: /^mediasoup-client$/, replacement: client }] },
    build: { outDir: page, target: 'es2022' },
  });
  const server = spawn(process.execPath, [join(folder, variant, 'server.js')], {
    env: { PATH: process.env.PATH, PORT: '0', PAGE: page, MEDIASOUP_WORKER_BIN: workerBinary, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const gone = new Promise<void>((resolve) => server.once('close', () => resolve()));
  let output = '';
  for (const stream of [server.stdout, server.stderr])
    stream.setEncoding('utf8').on('data', (text) => (output += text));
  const url = await new Promise<string>((resolve, reject) => {
    createInterface(server.stdout).on('line', (line) => line.startsWith('http://') && resolve(line));
    void gone.then(() => reject(new Error(`the example's server ended: ${output}`)));
  });
  return {
    url,
    get output() {
      return output;
    },
    get exitCode() {
      return server.exitCode;
    },
    async stop() {
      server.kill();
      await gone;
    },
  };
}
