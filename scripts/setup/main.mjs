/** Set-up as the entry points (`booth.mjs`, `setup.mjs`, `test.mjs`) run it: Ctrl-C stops it, and errors are printed for people. */
import { SetupError } from '../../engine/setup/error.mjs';
import { prepare } from './setup.mjs';

const STOPPED = 130;

/**
 * Ends the process where set-up fails or is stopped.
 * @param {readonly import('./setup.mjs').Part[]} parts
 */
export async function prepareOrExit(parts) {
  const stop = new AbortController();
  const onSignal = () => stop.abort();
  const signals = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);
  for (const signal of signals) process.on(signal, onSignal);
  try {
    await prepare({ environment: process.env, signal: stop.signal }, parts);
  } catch (error) {
    if (stop.signal.aborted) {
      process.stderr.write('booth: set-up was stopped. Nothing is half done: the next run goes on from here.\n');
      process.exit(STOPPED);
    }
    process.stderr.write(`booth: ${describe(error)}\n`);
    process.exit(1);
  } finally {
    for (const signal of signals) process.off(signal, onSignal);
  }
}

/** Errors of set-up and of the system (no space, no permission) explain themselves; others need their stack. */
function describe(/** @type {unknown} */ error) {
  if (!(error instanceof Error)) return String(error);
  return error instanceof SetupError || 'syscall' in error ? error.message : (error.stack ?? error.message);
}
