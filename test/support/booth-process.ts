/** The `booth` command as a process of its own, in an environment in which nothing is set but what a test sets, and a data folder of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { endsWithThisProcess } from '../../process/parent-watchdog.mjs';
import { cacheDir } from '../../scripts/places.mjs';

const booth = fileURLToPath(new URL('../../cli/booth.ts', import.meta.url));

export interface Ended {
  exitCode: number | null;
  stdout: string;
  stderr: string;
}

export interface BoothOptions {
  environment?: Record<string, string>;
  /** What comes on stdin; nothing: it is closed. */
  input?: Uint8Array;
  /** The program to start in place of Node, which starts Node. */
  startedBy?(node: string): string;
}

export interface Running {
  process: ChildProcess;
  /** What it has printed so far. */
  output: Readonly<Pick<Ended, 'stdout' | 'stderr'>>;
  ended: Promise<Ended>;
  /** Ctrl-C, which reaches it and its children as from a terminal. */
  interrupt(): void;
}

/** A folder that is gone after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'booth-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function startBooth(
  args: readonly string[],
  { environment = {}, input, startedBy = (node) => node }: BoothOptions = {},
): Running {
  const inherited = {
    PATH: process.env.PATH ?? '',
    BOOTH_CACHE_DIR: cacheDir(process.env),
    BOOTH_DATA_DIR: temporaryFolder(),
  };
  const child = spawn(startedBy(process.execPath), [booth, ...args], {
    env: { HOME: '/nonexistent', ...inherited, ...endsWithThisProcess(), ...environment },
    // A process group of its own, as a shell gives to what is typed.
    detached: true,
    stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  });
  // Who does not read its stdin to the end breaks the pipe.
  child.stdin?.on('error', () => {});
  child.stdin?.end(input);
  const ended: Ended = { exitCode: null, stdout: '', stderr: '' };
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    ended.stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    ended.stderr += text;
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  return {
    process: child,
    interrupt: () => void (child.pid && process.kill(-child.pid, 'SIGINT')),
    output: ended,
    ended: new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (exitCode) => resolve({ ...ended, exitCode }));
    }),
  };
}

export const runBooth = (args: readonly string[], options?: BoothOptions): Promise<Ended> =>
  startBooth(args, options).ended;
