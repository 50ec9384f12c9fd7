/**
 * A fresh Debian in a folder, as `debootstrap` makes it, on Linux as root: its files are its own, network and kernel are this computer's. What runs in
 * it has a process tree of its own, which ends with it.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isMade, make } from '../../engine/setup/cache.mjs';
import { withLock } from '../../engine/setup/lock.mjs';
import { run } from '../../engine/setup/run.mjs';
import { cacheDir, repository } from '../../scripts/places.mjs';
import { debianPrograms } from './debian-programs.ts';

const MIRROR = 'http://deb.debian.org/debian';
/** A media worker in the cache folder that is whole: its name says what it was built of, and for which C library. */
const MEDIA_WORKER = /^mediasoup-worker-\d+(\.\d+)*-[\w.-]+(?<!\.(part|build))$/;
const OWN_TREE = ['--mount', '--pid', '--fork', '--kill-child'];

/** Whether this computer lets the test make such a root. */
export function canMakeRoots(): boolean {
  try {
    execFileSync('unshare', [...OWN_TREE, 'true'], { stdio: 'pipe' });
    return process.getuid?.() === 0;
  } catch {
    return false;
  }
}

export interface RunningInRoot {
  /** What it has printed so far, on stdout and stderr. */
  printed(): string;
}

export class DebianRoot {
  readonly #folder: string;
  readonly #running = new Set<ChildProcess>();

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** @param suite Debian's name of the version: `trixie` */
  static async make(suite: string): Promise<DebianRoot> {
    const { path, env } = await debianPrograms(['debootstrap']);
    const folder = await mkdtemp(join(tmpdir(), `booth-${suite}-`));
    const PATH = `${env.PATH}:/usr/sbin:/usr/bin:/sbin:/bin`;
    await run('sh', [path('usr/sbin/debootstrap'), '--variant=minbase', suite, folder, MIRROR], {
      env: { ...env, PATH, DEBOOTSTRAP_DIR: path('usr/share/debootstrap') },
      onLine: () => {},
    });
    for (const name of ['resolv.conf', 'hosts']) await cp(join('/etc', name), join(folder, 'etc', name));
    await writeFile(join(folder, 'etc/apt/sources.list'), sourcesOf(suite));
    return new DebianRoot(folder);
  }

  /** Lays a clone of the repository, as it is now, into /booth. Media workers that were built for the same system are not built again. */
  async addClone(): Promise<void> {
    await mkdir(join(this.#folder, 'booth'));
    const files = 'git ls-files -z --cached --others --exclude-standard | tar --null --files-from=- -c';
    await run('sh', ['-c', `${files} | tar -x -C "$0"`, join(this.#folder, 'booth')], { cwd: repository });
    await mkdir(this.#cache, { recursive: true });
    for (const name of await mediaWorkersIn(cacheDir(process.env)))
      await cp(join(cacheDir(process.env), name), join(this.#cache, name), { recursive: true });
  }

  /** Keeps the media workers that were built in it, so that the next root of this Debian need not wait for the compiler. */
  async keepMediaWorkers(): Promise<void> {
    const kept = cacheDir(process.env);
    const signal = AbortSignal.timeout(60_000);
    await withLock(join(kept, 'lock'), { signal, onWait: () => {} }, async () => {
      for (const name of await mediaWorkersIn(this.#cache))
        if (!isMade(join(kept, name)))
          await make(join(kept, name), (part) => cp(join(this.#cache, name), part, { recursive: true }));
    });
  }

  /** Trusts who this computer trusts: a network may have an authority of its own. */
  async addCertificates(): Promise<void> {
    const bundle = 'etc/ssl/certs/ca-certificates.crt';
    await cp(`/${bundle}`, join(this.#folder, bundle), { force: true });
  }

  /** Runs a command line to its end. @throws {RunError} where it fails, with its last lines */
  run(command: string): Promise<string> {
    return run('unshare', this.#inside(command), { env: this.#environment({}) });
  }

  /** Starts a command line, which is killed when the root is removed. */
  start(command: string, environment: Readonly<Record<string, string>> = {}): RunningInRoot {
    const stdio = ['ignore', 'pipe', 'pipe'] as ['ignore', 'pipe', 'pipe'];
    const child = spawn('unshare', this.#inside(command), { env: this.#environment(environment), stdio });
    this.#running.add(child);
    let text = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (data: string) => {
        text += data;
      });
    return { printed: () => text };
  }

  async remove(): Promise<void> {
    for (const child of this.#running) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    }
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 500 });
  }

  get #cache(): string {
    return join(this.#folder, 'root/.cache/booth');
  }

  #inside(command: string): string[] {
    const root = this.#folder;
    return [...OWN_TREE, `--mount-proc=${join(root, 'proc')}`, 'chroot', root, '/bin/sh', '-c', command];
  }

  #environment(more: Readonly<Record<string, string>>): Record<string, string> {
    const authorities = process.env.NODE_EXTRA_CA_CERTS;
    return {
      HOME: '/root',
      PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      DEBIAN_FRONTEND: 'noninteractive',
      ...(authorities && { NODE_EXTRA_CA_CERTS: authorities }),
      ...more,
    };
  }
}

const mediaWorkersIn = async (cache: string): Promise<string[]> =>
  (await readdir(cache)).filter((name) => MEDIA_WORKER.test(name));

/** As Debian's installer writes them: with updates, security's among them. */
const sourcesOf = (suite: string): string =>
  [`${MIRROR} ${suite}`, `${MIRROR} ${suite}-updates`, `${MIRROR}-security ${suite}-security`]
    .map((source) => `deb ${source} main\n`)
    .join('');
