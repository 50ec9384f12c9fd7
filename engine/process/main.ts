/**
 * The offline engine in a process of its own. Its assignment comes over IPC, so that its key stands in no command line and no
 * environment; logs go to stderr. The process ends at SIGTERM, and when its parent is gone, whatever it is doing.
 */
import { openParentLog } from '../../process/parent-log.ts';
import { endWithParent } from '../../process/parent-watchdog.mjs';
import { EngineError } from '../engine-error.ts';
import { startOfflineEngine } from '../offline/engine.ts';
import { ENGINE_ALIVE_EVERY_MS, type EngineAssignment, type EngineMessage } from './engine-ipc.ts';

const HOST = '127.0.0.1';
/** Time for the last message and log lines to be written before the process exits. */
const EXIT_AFTER_MS = 500;

endWithParent();
const stopped = Promise.withResolvers<void>();
process.once('disconnect', stopped.resolve);
process.once('SIGTERM', () => stopped.resolve());
process.once('message', (assignment: EngineAssignment) => void run(assignment));
setInterval(() => send({ type: 'alive' }), ENGINE_ALIVE_EVERY_MS).unref();

async function run({ port, key, components, threads, maxSessions, logLevel }: EngineAssignment): Promise<void> {
  const log = openParentLog(logLevel, 'engine');
  try {
    const engine = await startOfflineEngine({ host: HOST, port, key, components, threads, maxSessions, log });
    send({ type: 'running', url: engine.url });
    await stopped.promise;
    await engine.close();
  } catch (error) {
    // An `EngineError` says all there is to say; of another the place counts.
    if (!(error instanceof EngineError)) log.error({ err: error }, 'offline engine failed');
    const code = error instanceof EngineError ? error.code : 'startFailed';
    send({ type: 'failed', code, reason: error instanceof Error ? error.message : String(error) });
    process.exitCode = 1;
  }
  setTimeout(() => process.exit(), EXIT_AFTER_MS).unref();
  if (process.connected) process.disconnect();
}

function send(message: EngineMessage): void {
  if (process.connected) process.send?.(message);
}
