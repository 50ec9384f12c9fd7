/** How the entries (`booth.mjs`, `setup.mjs`, `test.mjs`) set up: stoppable by Ctrl-C, failures as words. */
import { SetupError } from './error.mjs';
import { prepare } from './setup.mjs';

const STOPPED = 130;

/**
 * Ends the process where set-up fails or is stopped: there is nothing that could go on.
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
    process.stderr.write(`booth: ${inWords(error)}\n`);
    process.exit(1);
  } finally {
    for (const signal of signals) process.off(signal, onSignal);
  }
}

/** What the system refused (no space, no permission) explains itself; where an unforeseen error came from helps whoever mends it. */
function inWords(/** @type {unknown} */ error) {
  if (!(error instanceof Error)) return String(error);
  return error instanceof SetupError || 'syscall' in error ? error.message : (error.stack ?? error.message);
}
