/**
 * Sets up the offline engine in a process of its own, so that its parent's event loop never waits: fetches the parts that are missing into
 * the cache folder, and tells where all are. The process ends at SIGTERM, and when its parent is gone; what is half done then is removed.
 */
import { endWithParent } from '../../process/parent-watchdog.mjs';
import { engineSteps } from '../setup/engine.mjs';
import { SetupError } from '../setup/error.mjs';
import { engineParts } from '../setup/places.mjs';
import { completeSteps, type SetupStep } from '../setup/steps.mjs';
import type { EngineFailure, SetupAssignment, SetupMessage } from './engine-ipc.ts';

const PROGRESS_EVERY_MS = 5000;

endWithParent();
const stopping = new AbortController();
const stop = () => stopping.abort();
process.once('disconnect', stop);
process.once('SIGTERM', stop);
process.once('message', (assignment: SetupAssignment) => void run(assignment));

async function run({ cacheDir, fetches }: SetupAssignment): Promise<void> {
  const environment = { ...process.env, BOOTH_CACHE_DIR: cacheDir };
  const outcome = await setUp().catch(failure);
  // The channel would keep the process running.
  if (process.connected) process.send?.(outcome, () => process.disconnect());

  async function setUp(): Promise<SetupMessage> {
    if (fetches) {
      const setup = { environment, signal: stopping.signal };
      await completeSteps(setup, engineSteps(setup), { onWait: () => send({ type: 'waiting' }), runStep });
    }
    return { type: 'complete', components: engineParts(environment) };
  }
}

async function runStep({ title, usually, run: runTo }: SetupStep): Promise<void> {
  const startedMs = performance.now();
  let progress = '';
  send({ type: 'step', step: title, usually });
  const sending = setInterval(() => {
    const seconds = Math.round((performance.now() - startedMs) / 1000);
    send({ type: 'progress', step: title, progress, seconds });
  }, PROGRESS_EVERY_MS);
  try {
    await runTo((how) => {
      progress = how;
    });
  } finally {
    clearInterval(sending);
  }
}

function failure(error: unknown): EngineFailure {
  const reason = error instanceof Error ? error.message : String(error);
  if (!(error instanceof SetupError)) return { type: 'failed', code: 'setupFailed', reason };
  switch (error.code) {
    case 'notSupported':
      return {
        type: 'failed',
        code: 'notSupported',
        reason: `${error.what} Use liveTranslate() with a key of the cloud service instead, or run this on Debian 12.`,
      };
    case 'cacheNotWritable':
      return {
        type: 'failed',
        code: 'setupFailed',
        reason: `${error.what} Name a folder that can be written: offline({ cacheDir: '/path/to/folder' }).`,
      };
    case 'networkUnreachable':
      return { type: 'failed', code: 'networkUnreachable', reason };
    default:
      return { type: 'failed', code: 'setupFailed', reason };
  }
}

function send(message: SetupMessage): void {
  if (process.connected) process.send?.(message);
}
