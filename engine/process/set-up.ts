/** Has the engine set up by a process of its own, and learns where its parts are. */
import { type ChildProcess, fork } from 'node:child_process';
import type { Logger } from '../../logging/logger.ts';
import { minimalEnvironment } from '../../process/minimal-environment.ts';
import { endsWithThisProcess } from '../../process/parent-watchdog.mjs';
import { EngineError } from '../engine-error.ts';
import type { EngineComponents } from '../offline/engine.ts';
import type { SetupAssignment, SetupMessage } from './engine-ipc.ts';

/** How npm and apt are told of registries and proxies. */
const forDownloads = /^(npm_config_.*|(https?|ftp|all|no)_proxy|APT_CONFIG)$/i;

/** @throws {EngineError} where a part is missing and cannot be fetched; what `signal` was aborted with */
export async function setUpEngine(
  assignment: SetupAssignment,
  { log, signal }: { log: Logger; signal: AbortSignal | undefined },
): Promise<EngineComponents> {
  const child = fork(new URL('./set-up-main.ts', import.meta.url), [], {
    env: {
      ...minimalEnvironment(
        process.env,
        Object.keys(process.env).filter((name) => forDownloads.test(name)),
      ),
      ...endsWithThisProcess(),
    },
    execArgv: [],
    // Ctrl-C would reach the programs that fetch, and hinder them from tidying up.
    detached: true,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const stop = () => child.kill('SIGTERM');
  signal?.addEventListener('abort', stop);
  child.send(assignment, () => {});
  try {
    const outcome = await outcomeOf(child, log);
    signal?.throwIfAborted();
    if (outcome.type === 'failed') throw new EngineError(outcome.code, outcome.reason);
    return outcome.components;
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

type Outcome = Extract<SetupMessage, { type: 'complete' | 'failed' }>;

/** Resolves when the process has ended. */
async function outcomeOf(child: ChildProcess, log: Logger): Promise<Outcome> {
  const ended = Promise.withResolvers<string>();
  let outcome: Outcome | undefined;
  child.once('error', (error) => ended.resolve(error.message));
  child.once('exit', (code, killedBy) => ended.resolve(killedBy ?? `exit code ${code}`));
  child.on('message', (message: SetupMessage) => {
    if (message.type === 'complete' || message.type === 'failed') outcome = message;
    else logProgress(message, log);
  });
  const reason = await ended.promise;
  return outcome ?? { type: 'failed', code: 'setupFailed', reason: `Set-up of the offline engine ended (${reason}).` };
}

function logProgress(message: Exclude<SetupMessage, Outcome>, log: Logger): void {
  const { type, ...fields } = message;
  if (type === 'step') log.info(fields, 'setting up the offline engine');
  if (type === 'progress') log.info(fields, 'still setting up the offline engine');
  if (type === 'waiting') log.info({}, 'waiting for another set-up of the offline engine');
}
