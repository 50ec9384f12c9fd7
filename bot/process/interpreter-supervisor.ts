/**
 * The parent's side of an interpreter's process. It is started again when it crashes, or when its event loop has not turned
 * for 10 s, or not begun to within a minute; after five starts within five minutes, or where it says that starting again is of no use, it has failed.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Clock } from '../../time/clock.ts';
import type { FromInterpreter, FromParent, InterpreterAssignment } from './assignment.ts';

const HUNG_AFTER_MS = 10_000;
/** Reading its code takes a busy computer a while. */
const ALIVE_WITHIN_MS = 60_000;
const STARTS = 5;
const STARTS_WITHIN_MS = 300_000;
const FIRST_PAUSE_MS = 500;
const STOP_WITHIN_MS = 3000;

export type ProcessState = 'starting' | 'running' | 'restarting' | 'failed';

export interface SupervisorOptions {
  assignment: InterpreterAssignment;
  clock: Clock;
  /** `message`: for people. */
  onState(state: ProcessState, message?: string): void;
  /** A line of its log, JSON. */
  onLog(line: string): void;
}

export interface InterpreterProcess {
  /** Undefined between two processes. */
  readonly pid: number | undefined;
  /** Settles when the process is gone, after at most 3 s. */
  stop(): Promise<void>;
}

export function superviseInterpreter(options: SupervisorOptions): InterpreterProcess {
  return new Supervised(options);
}

class Supervised implements InterpreterProcess {
  readonly #options: SupervisorOptions;
  readonly #startedAt: number[] = [];
  #child: ChildProcess | undefined;
  #cancelWatchdog: (() => void) | undefined;
  #cancelRestart: (() => void) | undefined;
  /** Why it was killed from here. */
  #hung: string | undefined;
  #over = false;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#start();
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  async stop(): Promise<void> {
    this.#over = true;
    this.#cancelRestart?.();
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    const cancel = this.#options.clock.after(STOP_WITHIN_MS, () => child.kill('SIGKILL'));
    await gone;
    cancel();
  }

  #start(): void {
    const { assignment, clock, onState, onLog } = this.#options;
    this.#startedAt.push(clock.now());
    onState(this.#startedAt.length === 1 ? 'starting' : 'restarting');
    const child = fork(new URL('./main.ts', import.meta.url), {
      env: withoutSecrets(process.env),
      execArgv: [],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#child = child;
    if (child.stderr) createInterface(child.stderr).on('line', onLog);
    child.on('message', (message: FromInterpreter) => this.#heard(child, message));
    child.once('error', (error) => this.#ended(child, error.message));
    child.once('exit', (code, signal) => this.#ended(child, signal ?? `exit code ${code}`));
    child.send({ type: 'begin', assignment } satisfies FromParent, () => {});
    this.#hung = undefined;
    this.#watch(child, ALIVE_WITHIN_MS);
  }

  #heard(child: ChildProcess, message: FromInterpreter): void {
    if (child !== this.#child || this.#over) return;
    this.#watch(child, HUNG_AFTER_MS);
    if (message.type === 'running') this.#options.onState('running');
    if (message.type === 'lost') this.#options.onState('restarting', message.reason);
    if (message.type === 'failed') this.#fail(message.reason);
  }

  #watch(child: ChildProcess, withinMs: number): void {
    this.#cancelWatchdog?.();
    this.#cancelWatchdog = this.#options.clock.after(withinMs, () => {
      this.#hung = `no sign of life for ${withinMs / 1000} s: this computer may be too busy`;
      child.kill('SIGKILL');
    });
  }

  #ended(child: ChildProcess, ending: string): void {
    if (child !== this.#child) return;
    this.#child = undefined;
    this.#cancelWatchdog?.();
    if (this.#over) return;
    const { clock, onState } = this.#options;
    const why = this.#hung ?? ending;
    const recent = this.#startedAt.filter((at) => clock.now() - at < STARTS_WITHIN_MS).length;
    if (recent >= STARTS) {
      this.#fail(`The interpreter ended ${recent} times within five minutes (${why}).`);
      return;
    }
    onState('restarting', `The interpreter ended (${why}).`);
    this.#cancelRestart = clock.after(FIRST_PAUSE_MS * 2 ** (recent - 1), () => this.#start());
  }

  #fail(reason: string): void {
    this.#over = true;
    this.#cancelWatchdog?.();
    this.#options.onState('failed', reason);
  }
}

/** What it needs of our settings stands in the assignment. */
const withoutSecrets = (environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(environment).filter(([name]) => !/^(BOOTH|DASHSCOPE)_/.test(name)));
