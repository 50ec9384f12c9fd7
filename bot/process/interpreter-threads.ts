/**
 * Interprets many rooms in one process, in threads: the side of whoever launches them. The process is started with the first room, and ends
 * when there has been none for a minute. Where a thread ends, its rooms go on in another; where the process ends, or its event loop has not
 * turned for 10 s, it is started again with all rooms. After five starts within five minutes, none of which lasted half a minute, all its rooms
 * have failed, and the next that is launched starts a process anew.
 */
import { availableParallelism } from 'node:os';
import { createInterface } from 'node:readline';
import { ChildSupervisor } from '../../process/child-supervisor.ts';
import { minimalEnvironment } from '../../process/minimal-environment.ts';
import { type Clock, within } from '../../time/clock.ts';
import {
  type InterpreterProcess,
  type InterpreterSupervisorOptions,
  MAX_MEMORY_MB,
  RESTART,
  WATCHDOG,
} from './interpreter-supervisor.ts';
import type { ProcessOrder, ThreadsMessage } from './threads-ipc.ts';

const STOP_WITHIN_MS = 3000;
const IDLE_FOR_MS = 60_000;

export interface InterpreterThreadsOptions {
  /** How many threads rooms share. Default: one for each core. */
  threads?: number;
  /** Megabytes of JavaScript objects that a thread may hold. Default: 1024. */
  maxMemoryMb?: number;
  clock: Clock;
  /** One line of the process's log, as JSON: lines of a room say which, as `room` and `interpreter`. */
  onLog(line: string): void;
  /** The level of the process's own lines; those of a room are as its assignment says. Default: `info`. */
  logLevel?: string;
  /** The process runs, with a thread that is ready, also while there is no room: for who has to take over at once. Default: false. */
  keepReady?: boolean;
  /** What a thread runs. Default: the interpreters. */
  threadFile?: URL;
}

export type RoomLaunch = Pick<InterpreterSupervisorOptions, 'assignment' | 'onState'>;

interface LaunchedRoom extends RoomLaunch {
  /** Called when the interpreter has left, or there is none any more. */
  onClosed?: () => void;
}

/**
 * @example
 * const threads = new InterpreterThreads({ clock: systemClock, onLog: console.error });
 * const interpreter = threads.launch({ assignment, onState: console.log });
 * await interpreter.stop();
 * await threads.close();
 */
export class InterpreterThreads {
  readonly #options: InterpreterThreadsOptions;
  readonly #rooms = new Map<number, LaunchedRoom>();
  readonly #ending = new Set<Promise<void>>();
  #supervisor: ChildSupervisor<ThreadsMessage> | undefined;
  #send: (order: ProcessOrder) => void = () => {};
  #cancelIdle: (() => void) | undefined;
  #lastRoom = 0;
  #closed = false;

  constructor(options: InterpreterThreadsOptions) {
    this.#options = options;
    if (options.keepReady) this.#supervisor = this.#startProcess();
  }

  /** Of the process that interprets all rooms; undefined while none runs. */
  get pid(): number | undefined {
    return this.#supervisor?.pid;
  }

  /**
   * Has a room interpreted. `stop` makes the interpreter leave, and resolves when it has, after at most 3 s; others stay.
   *
   * @throws {Error} when this was closed
   */
  launch({ assignment, onState }: RoomLaunch): InterpreterProcess {
    if (this.#closed) throw new Error('the interpreters are closed');
    const id = ++this.#lastRoom;
    this.#cancelIdle?.();
    this.#rooms.set(id, { assignment, onState });
    onState('starting');
    if (this.#supervisor) this.#send({ type: 'open', room: id, assignment });
    else this.#supervisor = this.#startProcess();
    const threads = this;
    return {
      get pid() {
        return threads.#rooms.has(id) ? threads.pid : undefined;
      },
      stop: () => this.#stop(id),
    };
  }

  /** All interpreters leave, and the process ends: within 3 s. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#endProcess();
    await Promise.all(this.#ending);
  }

  #startProcess(): ChildSupervisor<ThreadsMessage> {
    const { clock, onLog, threadFile } = this.#options;
    const { threads = availableParallelism(), maxMemoryMb = MAX_MEMORY_MB, logLevel = 'info' } = this.#options;
    return new ChildSupervisor<ThreadsMessage>({
      program: {
        module: new URL('./threads-main.ts', import.meta.url),
        args: () => [String(threads), String(maxMemoryMb), logLevel, ...(threadFile ? [threadFile.href] : [])],
        // Assignments hold what interpreters need of our settings, keys included.
        environment: minimalEnvironment(process.env),
        stdio: ['ignore', 'ignore', 'pipe'],
      },
      restart: RESTART,
      watchdog: WATCHDOG,
      clock,
      onStart: (child, isRestart) => {
        if (child.stderr) createInterface(child.stderr).on('line', onLog);
        this.#send = (order) => child.connected && child.send(order, () => {});
        if (this.#options.keepReady) this.#send({ type: 'prepare' });
        for (const [room, { assignment, onState }] of this.#rooms) {
          if (isRestart) onState('restarting');
          this.#send({ type: 'open', room, assignment });
        }
      },
      onMessage: (message) => this.#receive(message),
      onRestartScheduled: (reason) => {
        for (const room of this.#rooms.values()) room.onState('restarting', `The interpreter ended (${reason}).`);
        this.#processEnded();
      },
      onFailed: (reason, starts) => {
        const message = `The interpreter ended ${starts} times within five minutes (${reason}).`;
        this.#supervisor = undefined;
        for (const id of this.#rooms.keys()) this.#fail(id, message);
      },
    });
  }

  #receive(message: ThreadsMessage): void {
    if (message.type === 'alive') return;
    if (message.type === 'closed') this.#remove(message.room);
    else if (message.state === 'failed') this.#fail(message.room, message.message ?? '');
    else this.#rooms.get(message.room)?.onState(message.state, message.message);
  }

  #fail(id: number, message: string): void {
    const room = this.#rooms.get(id);
    this.#remove(id);
    room?.onState('failed', message);
  }

  /** Those who were to leave have left. */
  #processEnded(): void {
    for (const [id, { onClosed }] of this.#rooms) if (onClosed) this.#remove(id);
  }

  #remove(id: number): void {
    const room = this.#rooms.get(id);
    this.#rooms.delete(id);
    room?.onClosed?.();
    if (!room || this.#rooms.size > 0 || !this.#supervisor || this.#options.keepReady) return;
    this.#cancelIdle?.();
    this.#cancelIdle = this.#options.clock.after(IDLE_FOR_MS, () => this.#endProcess());
  }

  async #stop(id: number): Promise<void> {
    const room = this.#rooms.get(id);
    if (!room) return;
    const { promise: left, resolve } = Promise.withResolvers<void>();
    const others = room.onClosed;
    room.onClosed = () => {
      others?.();
      resolve();
    };
    room.onState = () => {};
    if (this.pid === undefined) this.#remove(id);
    else this.#send({ type: 'close', room: id });
    await within(this.#options.clock, STOP_WITHIN_MS, left);
    this.#remove(id);
  }

  #endProcess(): void {
    this.#cancelIdle?.();
    const supervisor = this.#supervisor;
    if (!supervisor) return;
    this.#supervisor = undefined;
    const ended = supervisor.stop().finally(() => {
      this.#ending.delete(ended);
      this.#processEnded();
    });
    this.#ending.add(ended);
  }
}
