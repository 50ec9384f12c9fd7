/**
 * One set-up at a time for a cache folder. The kernel holds the lock (flock) for as long as our end of a pipe is open, so
 * it is free again however we end.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { SetupError } from './error.mjs';

const LONGEST_WAIT_S = 40 * 60;
const WORTH_A_WORD_MS = 1000;

/** Says that it has the lock, then lives until its input ends; a Ctrl-C is not for it, as we have to tidy up first. */
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
  const slow = setTimeout(onWait, WORTH_A_WORD_MS);
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
