/** Runs a program in place of this one: it gets the terminal and the signals, and this process ends with its exit code. */
import { spawn } from 'node:child_process';
import { constants, setPriority } from 'node:os';

/** A terminal sends its Ctrl-C to the child as well. A SIGINT from elsewhere reaches this process alone, which stops the child after this. */
const CTRL_C_GRACE_MS = 1000;

/**
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ env?: NodeJS.ProcessEnv, cwd?: string, priority?: number }} [options] `priority`: as `nice` has it; default: this process's own
 * @returns {Promise<number>} its exit code; as in a shell, 128 and the number where a signal ended it
 */
export function runInPlace(command, args, { env = process.env, cwd, priority = 0 } = {}) {
  const child = spawn(command, args, { stdio: 'inherit', env, cwd });
  if (child.pid !== undefined && priority > 0) setPriority(child.pid, priority);
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  const onCtrlC = () => {
    timer ??= setTimeout(() => child.kill('SIGTERM'), CTRL_C_GRACE_MS);
  };
  const forward = (/** @type {NodeJS.Signals} */ signal) => child.kill(signal);
  process.on('SIGINT', onCtrlC).on('SIGTERM', forward).on('SIGHUP', forward);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      clearTimeout(timer);
      process.off('SIGINT', onCtrlC).off('SIGTERM', forward).off('SIGHUP', forward);
      resolve(code ?? 128 + (signal ? constants.signals[signal] : 0));
    });
  });
}
