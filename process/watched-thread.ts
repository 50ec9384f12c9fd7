/**
 * A worker thread that is watched from its start to its end: it ends with a reason where it crashed, ran out of memory, or its event loop
 * has not turned for a while. It is not started again here: who started it decides that. The thread that watches never waits for it.
 */
import { type EventLoopUtilization, performance } from 'node:perf_hooks';
import { Worker } from 'node:worker_threads';
import { type Clock, every } from '../time/clock.ts';
import { minimalEnvironment } from './minimal-environment.ts';

/** The share that the latest tick has in `utilization`. */
const SMOOTHING = 0.2;

export interface WatchedThreadOptions {
  /** What the thread runs. Its first message tells that it has started. */
  file: URL;
  /** Stands in traces and inspectors. */
  name: string;
  workerData?: unknown;
  /** Megabytes of JavaScript objects that it may hold. */
  maxHeapMb: number;
  /** Milliseconds between two looks at it. */
  tickMs: number;
  /** So many ticks without a message end it. They are counted, not timed: while this thread is blocked, none passes. */
  maxSilentTicks: number;
  /** The same before its first message: a busy computer takes a while to load code. */
  maxStartingTicks: number;
  clock: Clock;
  /** Every message is a sign of life. */
  onMessage(message: unknown): void;
  /** The thread has ended, or hangs and is being ended; called once, and not after `terminate`. `reason` is a clause: `it …`, or an error's text. */
  onEnded(reason: string, error?: unknown): void;
}

/**
 * @example
 * const thread = new WatchedThread({ file: new URL('./thread.ts', import.meta.url), name: 'booth', clock, …, onMessage, onEnded });
 * thread.post({ type: 'open', room: 1 });
 * await thread.terminate();
 */
export class WatchedThread {
  readonly #options: WatchedThreadOptions;
  readonly #worker: Worker;
  readonly #cancelTicks: () => void;
  #silentTicks = 0;
  #started = false;
  #ended = false;
  #utilization = 0;
  #atLastTick: EventLoopUtilization | undefined;

  /** Starts the thread. It does not keep this process alive. */
  constructor(options: WatchedThreadOptions) {
    const { file, name, workerData, maxHeapMb, tickMs, clock, onMessage } = options;
    this.#options = options;
    this.#worker = new Worker(file, {
      name,
      workerData,
      env: environmentOfThread(),
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: maxHeapMb },
    });
    this.#worker.unref();
    this.#worker.on('message', (message: unknown) => {
      this.#silentTicks = 0;
      this.#started = true;
      if (!this.#ended) onMessage(message);
    });
    this.#worker.once('error', (error) => this.#end(reasonOf(error), error));
    this.#worker.once('exit', (code) => this.#end(`it ended with exit code ${code}`));
    this.#cancelTicks = every(clock, tickMs, () => this.#tick());
  }

  /** The share of the last seconds in which its event loop was busy, from 0 to 1. */
  get utilization(): number {
    return this.#utilization;
  }

  post(message: unknown): void {
    this.#worker.postMessage(message);
  }

  /** Ends the thread at once. Resolves when it is gone, which one that hangs in native code never is. */
  async terminate(): Promise<void> {
    this.#close();
    // The process must not end before the promise has resolved.
    this.#worker.ref();
    await this.#worker.terminate();
  }

  #tick(): void {
    this.#measure();
    const { maxSilentTicks, maxStartingTicks, tickMs } = this.#options;
    if (++this.#silentTicks < (this.#started ? maxSilentTicks : maxStartingTicks)) return;
    const seconds = (this.#silentTicks * tickMs) / 1000;
    // Nobody waits for a thread that hangs.
    this.#worker.terminate().catch(() => {});
    this.#end(`it gave no sign of life for ${seconds} s: this computer may be too busy`);
  }

  #measure(): void {
    // Loading its code keeps a thread busy, and says nothing of what it will do.
    if (!this.#started) return;
    const now = this.#worker.performance.eventLoopUtilization();
    if (this.#atLastTick) {
      const { utilization } = performance.eventLoopUtilization(now, this.#atLastTick);
      this.#utilization += SMOOTHING * (utilization - this.#utilization);
    }
    this.#atLastTick = now;
  }

  #end(reason: string, error?: unknown): void {
    if (this.#ended) return;
    this.#close();
    this.#options.onEnded(reason, error);
  }

  #close(): void {
    this.#ended = true;
    this.#cancelTicks();
  }
}

/**
 * What this process has set for itself, secrets and BOOTH_… of its own included, is none of the thread's business; and no thread starts with
 * options of Node.js that are for a process.
 */
function environmentOfThread(): Record<string, string> {
  const { NODE_OPTIONS: _, ...environment } = minimalEnvironment(process.env);
  return environment;
}

/** A thread may throw anything. */
const reasonOf = (error: unknown): string => {
  const { code, message = String(error) } = (error ?? {}) as { code?: unknown; message?: string };
  return code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'it ran out of memory' : message;
};
