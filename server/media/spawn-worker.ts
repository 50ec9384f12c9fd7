/**
 * Starts a media worker whose environment holds no secret. The worker is a C++ program that parses what strangers send, and mediasoup
 * gives it the whole environment of this process.
 */
import { createWorker } from 'mediasoup';
import type { Worker, WorkerSettings } from 'mediasoup/types';

/** What the worker needs to find its libraries, and what mediasoup itself reads. */
const passed = /^(PATH|LD_LIBRARY_PATH|TZ|MEDIASOUP_\w+)$/;

/**
 * As `createWorker` of mediasoup, but that the worker outlives SIGTERM, at which mediasoup closes it at once: rooms that move to another server
 * go on until they have moved, and `MediaWorkers` closes it after them.
 *
 * mediasoup starts the process before it returns its promise: this process has the small environment for
 * no longer than that, and nothing else runs meanwhile.
 *
 * @example
 * const worker = await spawnWorker({ logLevel: 'error' });
 */
export function spawnWorker(settings: WorkerSettings): Promise<Worker> {
  const whole = process.env;
  const listeners = process.listeners('SIGTERM');
  process.env = Object.fromEntries(Object.entries(whole).filter(([name]) => passed.test(name)));
  try {
    return createWorker(settings);
  } finally {
    process.env = whole;
    for (const added of process.listeners('SIGTERM').filter((listener) => !listeners.includes(listener)))
      process.removeListener('SIGTERM', added);
  }
}
