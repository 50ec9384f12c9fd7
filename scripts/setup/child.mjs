/** A program in our place: it has our terminal and our signals, and we end as it did. */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';

/** A terminal gives its Ctrl-C to the child as well; from elsewhere it has come to us alone, and is passed on after this. */
const CTRL_C_GRACE_MS = 1000;

/**
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ env?: NodeJS.ProcessEnv, cwd?: string }} [options]
 * @returns {Promise<number>} its exit code; as in a shell, 128 and the number where a signal ended it
 */
export function runInPlace(command, args, { env = process.env, cwd } = {}) {
  const child = spawn(command, args, { stdio: 'inherit', env, cwd });
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  const onCtrlC = () => {
    timer ??= setTimeout(() => child.kill('SIGTERM'), CTRL_C_GRACE_MS);
  };
  const passOn = (/** @type {NodeJS.Signals} */ signal) => child.kill(signal);
  process.on('SIGINT', onCtrlC).on('SIGTERM', passOn).on('SIGHUP', passOn);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      clearTimeout(timer);
      process.off('SIGINT', onCtrlC).off('SIGTERM', passOn).off('SIGHUP', passOn);
      resolve(code ?? 128 + (signal ? constants.signals[signal] : 0));
    });
  });
}
