/**
 * Supervises the interpreter's thread. It is started with the first room; started again when it crashed, ran out of memory, or its event
 * loop has not turned for 10 s, after a delay that doubles from 0.5 s to 30 s, for as long as there are rooms. The host's thread never waits
 * for it.
 */
import { Worker } from 'node:worker_threads';
import { minimalEnvironment } from '../../process/minimal-environment.ts';
import { RestartCounter } from '../../process/restart-counter.ts';
import { type Clock, every } from '../../time/clock.ts';
import type { EarlierUse, HostMessage, InterpreterThreadMessage, ThreadSetup } from './thread-messages.ts';
import { ThreadPort } from './thread-port.ts';

const threadFile = new URL('./thread.ts', import.meta.url);

const RESTART = { firstDelayMs: 500, maxDelayMs: 30_000, stableAfterMs: 30_000 };
const TICK_MS = 1000;
/** Ticks of the host's event loop without a message. They are counted, not timed: while the host's is blocked, none passes. */
const MAX_SILENT_TICKS = 10;
/** A busy computer takes a while to load the code. */
const MAX_STARTING_TICKS = 60;
const MAX_HEAP_MB = 1024;

export interface InterpreterThreadOptions {
  setup: Omit<ThreadSetup, 'earlier'>;
  /** A clock whose timers do not keep the process alive. */
  clock: Clock;
  /** The thread works, and knows no room. */
  onRunning(): void;
  /** The thread has ended, and is started again. `reason` is a sentence. */
  onLost(reason: string, retryInMs: number): void;
  onMessage(message: InterpreterThreadMessage): void;
  /** What the thread runs. Default: the interpreter. */
  file?: URL;
  /** Megabytes of JavaScript objects that it may hold. Default: 1024. */
  maxHeapMb?: number;
}

/** A thread, and the port to it. */
interface RunningThread {
  worker: Worker;
  port: ThreadPort<InterpreterThreadMessage, HostMessage>;
  isRunning: boolean;
  silentTicks: number;
}

export class InterpreterThread {
  readonly #options: InterpreterThreadOptions;
  readonly #restarts = new RestartCounter(RESTART);
  #earlier: EarlierUse = { usage: [], connections: [] };
  #thread: RunningThread | undefined;
  #starts = 0;
  #cancelTicks: (() => void) | undefined;
  #cancelRestart: (() => void) | undefined;
  #closed = false;

  constructor(options: InterpreterThreadOptions) {
    this.#options = options;
  }

  /** Whether the thread takes messages. */
  get isRunning(): boolean {
    return this.#thread?.isRunning ?? false;
  }

  /** How often a thread was started. */
  get starts(): number {
    return this.#starts;
  }

  /** Starts the thread, unless it was started before. */
  start(): void {
    if (this.#closed || this.#cancelTicks) return;
    this.#cancelTicks = every(this.#options.clock, TICK_MS, () => this.#tick());
    this.#startThread();
  }

  /** Without effect while no thread runs: whoever is told by `onRunning` tells it all. */
  send(message: HostMessage): void {
    if (this.#thread?.isRunning) this.#thread.port.send(message);
  }

  /** Ends the thread at once. Resolves when it is gone. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelTicks?.();
    this.#cancelRestart?.();
    const thread = this.#thread;
    if (!thread) return;
    this.#thread = undefined;
    thread.port.close();
    // The process must not end before the promise has resolved.
    thread.worker.ref();
    await thread.worker.terminate();
  }

  #startThread(): void {
    const { setup, clock, file = threadFile, maxHeapMb = MAX_HEAP_MB } = this.#options;
    this.#starts++;
    this.#restarts.started(clock.now());
    const workerData: ThreadSetup = { ...setup, earlier: this.#earlier };
    const worker = new Worker(file, {
      name: 'booth',
      workerData,
      env: environmentOfThread(),
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: maxHeapMb },
    });
    worker.unref();
    const port = new ThreadPort<InterpreterThreadMessage, HostMessage>({
      post: (messages) => worker.postMessage(messages),
      onMessage: (message) => this.#receive(thread, message),
    });
    const thread: RunningThread = { worker, port, isRunning: false, silentTicks: 0 };
    this.#thread = thread;
    worker.on('message', (messages: unknown) => {
      thread.silentTicks = 0;
      if (thread === this.#thread) port.receive(messages);
    });
    worker.once('error', (error) => this.#lost(thread, reasonOf(error)));
    worker.once('exit', (code) => this.#lost(thread, `it ended with exit code ${code}`));
  }

  #receive(thread: RunningThread, message: InterpreterThreadMessage): void {
    if (thread !== this.#thread) return;
    if (message.type === 'running') {
      thread.isRunning = true;
      this.#options.onRunning();
    } else if (message.type === 'used') this.#earlier = { ...this.#earlier, ...message.earlier };
    else if (message.type !== 'alive') this.#options.onMessage(message);
  }

  #tick(): void {
    const thread = this.#thread;
    if (!thread || ++thread.silentTicks < (thread.isRunning ? MAX_SILENT_TICKS : MAX_STARTING_TICKS)) return;
    this.#lost(thread, `it gave no sign of life for ${thread.silentTicks} s: this computer may be too busy`);
    // Nobody waits for a thread that hangs.
    thread.worker.terminate().catch(() => {});
  }

  #lost(thread: RunningThread, reason: string): void {
    if (thread !== this.#thread) return;
    this.#thread = undefined;
    thread.port.close();
    const { clock, onLost } = this.#options;
    const { delayMs = RESTART.maxDelayMs } = this.#restarts.ended(clock.now());
    this.#cancelRestart = clock.after(delayMs, () => this.#startThread());
    onLost(reason, delayMs);
  }
}

/**
 * What the host has set for itself, secrets and BOOTH_… of its own included, is none of the interpreter's business; and no thread starts with
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
