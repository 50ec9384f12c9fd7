/**
 * The example application in `examples/meeting`, as somebody else would have it: in a folder of its own outside the tree, whose
 * `node_modules` holds what it depends on, and a server in a process of its own.
 */
import { execFileSync, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { build } from 'vite';
import { endsWithThisProcess } from '../../process/parent-watchdog.mjs';
import { buildPackages } from '../../scripts/packages/build.mjs';
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

interface Manifest {
  dependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
}

/** @param out an empty folder @returns the tarballs of Booth's packages, which are built in it */
export const packedPackages = async (out: string): Promise<readonly string[]> =>
  (await buildPackages(out)).map(({ tarball }) => tarball);

/**
 * A copy of the example with what it depends on, whose folder is gone after the test. Booth's packages are unpacked into it, and find no more
 * than what the manifests of the example and of the packages name.
 */
export function installExample(tarballs: readonly string[]): string {
  const folder = join(temporaryFolder(), 'meeting');
  const modules = join(folder, 'node_modules');
  cpSync(join(repository, 'examples/meeting'), folder, { recursive: true });
  const scope = join(modules, '@mediasoup-booth');
  const manifests = [folder, ...tarballs.map((tarball) => unpack(tarball, scope))].map(manifestOf);
  const named = manifests.flatMap((one) => Object.keys({ ...one.dependencies, ...one.peerDependencies }));
  for (const name of new Set([...named, 'mediasoup-client-3.7'])) {
    const path = join(repository, 'node_modules', name);
    if (!name.startsWith('@mediasoup-booth/') && existsSync(path)) link(path, join(modules, name));
  }
  return folder;
}

/** @returns the folder of the package */
function unpack(tarball: string, scope: string): string {
  const folder = join(scope, basename(tarball).replace(/^mediasoup-booth-(.*)-\d+\.\d+\.\d+\.tgz$/, '$1'));
  mkdirSync(folder, { recursive: true });
  execFileSync('tar', ['-xzf', tarball, '--strip-components=1', '-C', folder]);
  return folder;
}

const manifestOf = (folder: string): Manifest => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));

function link(target: string, path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(target, path);
}

/** The example knows nothing of Booth's processes. */
const endWithParent = new URL('./end-with-parent.ts', import.meta.url).href;

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
  return startServer(join(folder, variant, 'server.js'), { PAGE: page, ...environment });
}

/** Starts a server of the example. @throws if it ends before it listens */
export async function startServer(file: string, environment: Record<string, string>): Promise<ExampleServer> {
  const server = spawn(process.execPath, ['--import', endWithParent, file], {
    env: {
      ...endsWithThisProcess(),
      PATH: process.env.PATH,
      PORT: '0',
      MEDIASOUP_WORKER_BIN: workerBinary,
      ...environment,
    },
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
