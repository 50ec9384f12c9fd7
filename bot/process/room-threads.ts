/**
 * The threads of the process that interprets a server's rooms. A thread that crashes, runs out of memory, or whose event loop does not turn
 * for 5 s is ended; its rooms are told, and go on in others as `RoomPlacement` says. One thread more than rooms need is always ready, so that
 * they are back without waiting for code to be loaded.
 */
import type { Logger } from '../../logging/logger.ts';
import { RestartCounter } from '../../process/restart-counter.ts';
import { WatchedThread } from '../../process/watched-thread.ts';
import { type Clock, within } from '../../time/clock.ts';
import type { InterpreterAssignment } from './interpreter-ipc.ts';
import { RoomPlacement } from './room-placement.ts';
import type { RoomsThreadMessage, ThreadsMessage } from './threads-ipc.ts';

const threadFile = new URL('./rooms-thread.ts', import.meta.url);

const WATCHDOG = { tickMs: 500, maxSilentTicks: 10, maxStartingTicks: 120 };
const MAX_HEAP_MB = 1024;
/** A spare thread that ends is started again, for as long as it takes. */
const SPARE_RESTART = { firstDelayMs: 500, maxDelayMs: 30_000, stableAfterMs: 30_000 };
/** Time for the rooms to be left, before the parent kills the process. */
const LEAVE_WITHIN_MS = 2000;
/** Time for the sockets of rooms that were left to be closed, before their thread ends. */
const END_AFTER_MS = 1000;

export interface RoomThreadsOptions {
  /** How many threads rooms share. Each room in quarantine has a further one, and one is ready. */
  threads: number;
  clock: Clock;
  log: Logger;
  send(message: ThreadsMessage): void;
  /** One line of a room's log, as JSON. */
  writeLog(line: string): void;
  /** What a thread runs. Default: the interpreters. */
  file?: URL;
  /** Megabytes of JavaScript objects that one may hold. Default: 1024. */
  maxHeapMb?: number;
}

interface OpenRoom {
  assignment: InterpreterAssignment;
  /** Whether it is to be left. */
  closing?: boolean;
  /** Undefined while it waits to be started again. */
  thread?: number;
  cancelRestart?: () => void;
}

export class RoomThreads {
  readonly #options: RoomThreadsOptions;
  readonly #placement: RoomPlacement;
  readonly #rooms = new Map<number, OpenRoom>();
  readonly #threads = new Map<number, WatchedThread>();
  readonly #spareRestarts = new RestartCounter(SPARE_RESTART);
  #spare: WatchedThread | undefined;
  #cancelSpare: (() => void) | undefined;
  #onEmpty: (() => void) | undefined;

  constructor(options: RoomThreadsOptions) {
    this.#options = options;
    this.#placement = new RoomPlacement(options.threads);
  }

  open(room: number, assignment: InterpreterAssignment): void {
    if (this.#onEmpty) return;
    this.#rooms.set(room, { assignment });
    this.#place(room);
  }

  /** Has a thread ready for the first room. */
  prepare(): void {
    this.#ensureSpare();
  }

  /** The interpreter leaves; `closed` is sent when it has. */
  close(room: number): void {
    const open = this.#rooms.get(room);
    if (open) open.closing = true;
    if (open?.thread !== undefined) this.#threads.get(open.thread)?.post({ type: 'close', room });
    else this.#remove(room, { type: 'closed', room });
  }

  /** All leave. Resolves when they have, or after 2 s. */
  async stop(): Promise<void> {
    const { promise: left, resolve } = Promise.withResolvers<void>();
    this.#onEmpty = resolve;
    this.#cancelSpare?.();
    for (const room of this.#rooms.keys()) this.close(room);
    if (this.#rooms.size > 0) await within(this.#options.clock, LEAVE_WITHIN_MS, left);
  }

  #place(room: number): void {
    const { clock } = this.#options;
    this.#start(
      room,
      this.#placement.place(room, clock.now(), (thread) => this.#threads.get(thread)?.utilization ?? 0),
    );
  }

  #start(room: number, thread: number): void {
    const open = this.#rooms.get(room);
    if (!open) return;
    open.thread = thread;
    this.#threadOf(thread).post({ type: 'open', room, assignment: open.assignment });
  }

  #threadOf(id: number): WatchedThread {
    const thread = this.#threads.get(id) ?? this.#takeSpare() ?? this.#startThread();
    this.#threads.set(id, thread);
    return thread;
  }

  #takeSpare(): WatchedThread | undefined {
    const spare = this.#spare;
    this.#spare = undefined;
    return spare;
  }

  #startThread(): WatchedThread {
    const { clock, file = threadFile, maxHeapMb = MAX_HEAP_MB } = this.#options;
    const thread: WatchedThread = new WatchedThread({
      file,
      name: 'interpreters',
      maxHeapMb,
      ...WATCHDOG,
      clock,
      onMessage: (message) => this.#receive(message as RoomsThreadMessage),
      onEnded: (reason, error) => this.#lost(thread, reason, error),
    });
    return thread;
  }

  #receive(message: RoomsThreadMessage): void {
    switch (message.type) {
      case 'started':
      case 'alive':
        break;
      case 'log':
        this.#options.writeLog(message.line);
        break;
      case 'running':
        this.#sendState(message.room, 'running');
        this.#ensureSpare();
        break;
      case 'lost':
        this.#sendState(message.room, 'restarting', message.reason);
        break;
      case 'failed':
        this.#remove(message.room, { type: 'state', room: message.room, state: 'failed', message: message.reason });
        break;
      case 'closed':
        this.#remove(message.room, message);
        break;
      default:
        message satisfies never;
    }
  }

  #lost(thread: WatchedThread, reason: string, error: unknown): void {
    const [id] = [...this.#threads].find(([, one]) => one === thread) ?? [];
    if (thread === this.#spare) this.#spareLost(reason, error);
    else if (id !== undefined) this.#roomsLost(id, reason, error);
  }

  #roomsLost(id: number, reason: string, error: unknown): void {
    this.#threads.delete(id);
    const { clock, log } = this.#options;
    const { moved, delayed, failed } = this.#placement.threadEnded(id, clock.now());
    const rooms = (moved?.rooms.length ?? 0) + delayed.length + failed.length;
    log.error({ err: error, reason, rooms }, 'interpreter thread ended');
    for (const { room, starts } of failed) {
      const message = `The interpreter ended ${starts} times within five minutes (${reason}).`;
      this.#remove(room, { type: 'state', room, state: 'failed', message });
    }
    for (const room of moved?.rooms ?? []) this.#restart(room, reason, () => this.#start(room, moved?.thread ?? 0));
    for (const { room, delayMs } of delayed) this.#restart(room, reason, () => this.#place(room), delayMs);
  }

  #restart(room: number, reason: string, start: () => void, delayMs?: number): void {
    const open = this.#rooms.get(room);
    if (!open) return;
    delete open.thread;
    // Who was to leave has left.
    if (open.closing) {
      this.#remove(room, { type: 'closed', room });
      return;
    }
    this.#sendState(room, 'restarting', `The interpreter ended (${reason}).`);
    if (delayMs === undefined) start();
    else open.cancelRestart = this.#options.clock.after(delayMs, start);
  }

  #remove(room: number, last: ThreadsMessage): void {
    const open = this.#rooms.get(room);
    open?.cancelRestart?.();
    this.#rooms.delete(room);
    const empty = this.#placement.remove(room);
    if (empty !== undefined) this.#release(empty);
    this.#options.send(last);
    if (this.#rooms.size === 0) this.#onEmpty?.();
  }

  /** A thread that no room needs any more is the spare one, or ends. */
  #release(id: number): void {
    const thread = this.#threads.get(id);
    this.#threads.delete(id);
    if (!thread) return;
    if (this.#spare) this.#options.clock.after(END_AFTER_MS, () => thread.terminate().catch(() => {}));
    else this.#spare = thread;
  }

  #ensureSpare(): void {
    if (this.#spare || this.#cancelSpare || this.#onEmpty) return;
    this.#spareRestarts.started(this.#options.clock.now());
    this.#spare = this.#startThread();
  }

  #spareLost(reason: string, error: unknown): void {
    const { clock, log } = this.#options;
    log.error({ err: error, reason, rooms: 0 }, 'interpreter thread ended');
    this.#spare = undefined;
    const { delayMs = SPARE_RESTART.maxDelayMs } = this.#spareRestarts.ended(clock.now());
    this.#cancelSpare = clock.after(delayMs, () => {
      this.#cancelSpare = undefined;
      this.#ensureSpare();
    });
  }

  #sendState(room: number, state: 'running' | 'restarting', message?: string): void {
    if (this.#rooms.has(room))
      this.#options.send({ type: 'state', room, state, ...(message !== undefined && { message }) });
  }
}
