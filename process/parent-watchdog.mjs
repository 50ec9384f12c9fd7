/**
 * Ends this process when its parent is gone, whatever the main thread does: in an endless loop, in a synchronous write that nobody
 * reads, or waiting for what never comes. A thread of its own compares the parent's process id every 500 ms. It sends SIGTERM to this
 * process first, so that it can end by itself, and SIGKILL 2 s later: the process is gone within 5 s, on a busy computer too. A parent
 * that ends before the thread has started is noticed as well, because the process then has another parent than the one that asked.
 *
 * A process does not outlive its parent where the parent has set `BOOTH_PARENT_PID` in its environment; a program that somebody starts
 * in the background of a shell may outlive the shell. This is JavaScript, because `scripts/booth.mjs` runs before a Node that strips
 * types is found.
 */
import process from 'node:process';
import { Worker } from 'node:worker_threads';

const PARENT_VARIABLE = 'BOOTH_PARENT_PID';
/** The thread holds a timer and no data. */
const THREAD_LIMITS = { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 1 };

/**
 * What a parent adds to the environment of a process that must not outlive it. That process has to be started by this one itself, and
 * not by a shell or another program in between.
 * @returns {Record<string, string>}
 */
export const endsWithThisProcess = () => ({ [PARENT_VARIABLE]: String(process.pid) });

/**
 * To be called first in a program. Has no effect where the parent did not ask for it.
 *
 * @example
 * spawn(process.execPath, ['child.ts'], { env: { ...process.env, ...endsWithThisProcess() } });
 * endWithParent(); // in child.ts
 */
export function endWithParent() {
  const parentPid = Number(process.env[PARENT_VARIABLE]);
  // It is meant for this process alone, not for those that this process starts.
  delete process.env[PARENT_VARIABLE];
  if (!Number.isInteger(parentPid) || parentPid <= 0) return;
  const thread = new Worker(new URL('./parent-watchdog-thread.mjs', import.meta.url), {
    workerData: parentPid,
    execArgv: [],
    resourceLimits: THREAD_LIMITS,
  });
  // The end of the parent is noticed by IPC or by closed pipes where this thread cannot be started.
  thread.on('error', () => {});
  thread.unref();
}
