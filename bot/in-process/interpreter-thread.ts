/**
 * Supervises the interpreter's thread. It is started with the first room; started again when it crashed, ran out of memory, or its event
 * loop has not turned for 10 s, after a delay that doubles from 0.5 s to 30 s, for as long as there are rooms. The host's thread never waits
 * for it.
 */
import { RestartCounter } from '../../process/restart-counter.ts';
import { WatchedThread } from '../../process/watched-thread.ts';
import type { Clock } from '../../time/clock.ts';
import type { EarlierUse, HostMessage, InterpreterThreadMessage, ThreadSetup } from './thread-messages.ts';
import { ThreadPort } from './thread-port.ts';

const threadFile = new URL('./thread.ts', import.meta.url);

const RESTART = { firstDelayMs: 500, maxDelayMs: 30_000, stableAfterMs: 30_000 };
const WATCHDOG = { tickMs: 1000, maxSilentTicks: 10, maxStartingTicks: 60 };
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
  watched: WatchedThread;
  port: ThreadPort<InterpreterThreadMessage, HostMessage>;
  isRunning: boolean;
}

export class InterpreterThread {
  readonly #options: InterpreterThreadOptions;
  readonly #restarts = new RestartCounter(RESTART);
  #earlier: EarlierUse = { usage: [], connections: [] };
  #thread: RunningThread | undefined;
  #starts = 0;
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
    if (!this.#closed && this.#starts === 0) this.#startThread();
  }

  /** Without effect while no thread runs: whoever is told by `onRunning` tells it all. */
  send(message: HostMessage): void {
    if (this.#thread?.isRunning) this.#thread.port.send(message);
  }

  /** Ends the thread at once. Resolves when it is gone. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelRestart?.();
    const thread = this.#thread;
    if (!thread) return;
    this.#thread = undefined;
    thread.port.close();
    await thread.watched.terminate();
  }

  #startThread(): void {
    const { setup, clock, file = threadFile, maxHeapMb = MAX_HEAP_MB } = this.#options;
    this.#starts++;
    this.#restarts.started(clock.now());
    const workerData: ThreadSetup = { ...setup, earlier: this.#earlier };
    const watched = new WatchedThread({
      file,
      name: 'booth',
      workerData,
      maxHeapMb,
      ...WATCHDOG,
      clock,
      onMessage: (envelope) => port.receive(envelope),
      onEnded: (reason) => this.#lost(thread, reason),
    });
    const port = new ThreadPort<InterpreterThreadMessage, HostMessage>({
      post: (messages) => watched.post(messages),
      onMessage: (message) => this.#receive(thread, message),
    });
    const thread: RunningThread = { watched, port, isRunning: false };
    this.#thread = thread;
  }

  #receive(thread: RunningThread, message: InterpreterThreadMessage): void {
    if (thread !== this.#thread) return;
    if (message.type === 'running') {
      thread.isRunning = true;
      this.#options.onRunning();
    } else if (message.type === 'used') this.#earlier = { ...this.#earlier, ...message.earlier };
    else if (message.type !== 'alive') this.#options.onMessage(message);
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
