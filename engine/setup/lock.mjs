/**
 * Lets one set-up at a time use a cache folder. A child process holds the lock (flock) while this process keeps a pipe to it open, so
 * the lock is released however this process ends.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { SetupError } from './error.mjs';

const LONGEST_WAIT_S = 40 * 60;
const NOTIFY_AFTER_MS = 1000;

/** Prints that it has the lock, and runs until its input ends. It ignores Ctrl-C, as this process has to clean up under the lock. */
const HOLD = 'trap "" INT TERM HUP; echo locked; exec cat';

/**
 * @template T
 * @param {string} file
 * @param {{ signal: AbortSignal, onWait: () => void }} options
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock(file, { signal, onWait }, work) {
  const holder = spawn('flock', ['--timeout', String(LONGEST_WAIT_S), file, 'sh', '-c', HOLD], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const stop = () => holder.kill();
  signal.addEventListener('abort', stop);
  const slow = setTimeout(onWait, NOTIFY_AFTER_MS);
  try {
    const locked = await Promise.race([
      once(holder.stdout, 'data').then(() => true),
      once(holder, 'exit').then(() => false),
    ]).catch(() => true); // Where there is no flock (macOS) there is no lock.
    clearTimeout(slow);
    signal.removeEventListener('abort', stop);
    signal.throwIfAborted();
    if (!locked) {
      throw new SetupError(
        `Another set-up has been at work for more than ${LONGEST_WAIT_S / 60} minutes (it holds ${file}).`,
        'Stop it, then try again.',
      );
    }
    return await work();
  } finally {
    clearTimeout(slow);
    signal.removeEventListener('abort', stop);
    holder.stdin.end();
  }
}
