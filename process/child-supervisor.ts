/**
 * Keeps one child process running, and leaves none behind: a process that ends is started again after a delay that doubles, one that
 * shows no sign of life is killed and started again, and one that was started too often within a time has failed.
 *
 * The child gets an IPC channel and has to end at its `disconnect`, and has to call `endWithParent`: so it ends when its parent is gone,
 * however that ended and whatever the child does.
 */
import { type ChildProcess, fork } from 'node:child_process';
import type { Clock } from '../time/clock.ts';
import { endsWithThisProcess } from './parent-watchdog.mjs';
import { RestartCounter, type RestartPolicy } from './restart-counter.ts';

/** A process that does not end at SIGTERM is killed after this long. */
const STOP_WITHIN_MS = 3000;

/** The program to run. */
export interface ChildProgram {
  module: URL;
  /** Asked at each start. Default: none. */
  args?: () => readonly string[];
  /** All that the process gets: see `minimalEnvironment`. */
  environment: Readonly<Record<string, string>>;
  /** stdin, stdout and stderr; the IPC channel is added to them. */
  stdio: [stdin: 'ignore', stdout: 'ignore' | 'pipe', stderr: 'pipe' | 'inherit'];
  /**
   * Whether it has a process group of its own, which a terminal's Ctrl-C does not reach; what is left of the group is killed when the
   * process has ended. Default: false.
   */
  detached?: boolean;
}

export interface Watchdog {
  /** Milliseconds from a start to the first message. */
  firstMessageMs: number;
  /** Milliseconds from one message to the next. */
  messageEveryMs: number;
}

export interface ChildSupervisorOptions<Message> {
  program: ChildProgram;
  restart: RestartPolicy;
  /** Absent: the process may be silent for as long as it likes. */
  watchdog?: Watchdog;
  clock: Clock;
  /** A process was started: the first, or another after one ended. */
  onStart(child: ChildProcess, isRestart: boolean): void;
  onMessage?(message: Message): void;
  /** The process ended, and another will be started after `delayMs`. `reason` is a signal, an exit code or what was wrong. */
  onRestartScheduled(reason: string, delayMs: number): void;
  /** The limit of starts was reached: `starts` is how many there were, `reason` why the last one ended. */
  onFailed?(reason: string, starts: number): void;
}

/**
 * `Message` is what the child sends over IPC; nothing checks it, as both ends are of one program.
 *
 * @example
 * const supervisor = new ChildSupervisor<InterpreterMessage>({ program, restart: { firstDelayMs: 500, maxDelayMs: 10_000 }, … });
 * await supervisor.stop();
 */
export class ChildSupervisor<Message = unknown> {
  readonly #options: ChildSupervisorOptions<Message>;
  readonly #restarts: RestartCounter;
  #child: ChildProcess | undefined;
  #cancelWatchdog: (() => void) | undefined;
  #cancelRestart: (() => void) | undefined;
  /** Why the process that runs was killed, by the watchdog or at a request. */
  #killReason: string | undefined;
  #stopped = false;

  /** Starts the process. */
  constructor(options: ChildSupervisorOptions<Message>) {
    this.#options = options;
    this.#restarts = new RestartCounter(options.restart);
    this.#start(false);
  }

  /** The process id; undefined while none runs. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Kills the process that runs, and starts another as when one has crashed. `reason` is a clause: `it …`. */
  restart(reason: string): void {
    if (!this.#child || this.#stopped) return;
    this.#killReason = reason;
    this.#child.kill('SIGKILL');
  }

  /** No other process is started; the one that runs ends by itself. */
  stopRestarting(): void {
    this.#stopped = true;
    this.#cancelRestart?.();
    this.#cancelWatchdog?.();
  }

  /** Sends SIGTERM, and SIGKILL 3 s later. Resolves when the process is gone. */
  async stop(): Promise<void> {
    this.stopRestarting();
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exited = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    const cancelKill = this.#options.clock.after(STOP_WITHIN_MS, () => child.kill('SIGKILL'));
    await exited;
    cancelKill();
  }

  #start(isRestart: boolean): void {
    const { program, watchdog, clock, onStart, onMessage } = this.#options;
    this.#restarts.started(clock.now());
    this.#killReason = undefined;
    const child = forkProgram(program);
    this.#child = child;
    child.on('message', (message) => {
      if (child !== this.#child || this.#stopped) return;
      if (watchdog) this.#watch(child, watchdog.messageEveryMs);
      onMessage?.(message as Message);
    });
    child.once('error', (error) => this.#onEnd(child, error.message));
    child.once('exit', (code, signal) => this.#onEnd(child, signal ?? `exit code ${code}`));
    if (watchdog) this.#watch(child, watchdog.firstMessageMs);
    onStart(child, isRestart);
  }

  #watch(child: ChildProcess, withinMs: number): void {
    this.#cancelWatchdog?.();
    this.#cancelWatchdog = this.#options.clock.after(withinMs, () => {
      this.#killReason = `no sign of life for ${withinMs / 1000} s: this computer may be too busy`;
      child.kill('SIGKILL');
    });
  }

  #onEnd(child: ChildProcess, ending: string): void {
    if (child !== this.#child) return;
    this.#child = undefined;
    this.#cancelWatchdog?.();
    if (this.#options.program.detached) killGroup(child);
    if (this.#stopped) return;
    const { clock, onRestartScheduled, onFailed } = this.#options;
    const reason = this.#killReason ?? ending;
    const { starts, delayMs } = this.#restarts.ended(clock.now());
    if (delayMs === undefined) {
      this.stopRestarting();
      onFailed?.(reason, starts);
      return;
    }
    this.#cancelRestart = clock.after(delayMs, () => this.#start(true));
    onRestartScheduled(reason, delayMs);
  }
}

function forkProgram({ module, args, environment, stdio, detached = false }: ChildProgram) {
  return fork(module, args?.() ?? [], {
    env: { ...environment, ...endsWithThisProcess() },
    execArgv: [],
    detached,
    stdio: [...stdio, 'ipc'],
  });
}

/** A process that was killed could not end those that it had started. */
function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Nothing is left of the group.
  }
}
