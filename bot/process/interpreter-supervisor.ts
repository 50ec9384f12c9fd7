/**
 * Supervises an interpreter in a process of its own. The process is started again when it ends, when its event loop has not turned for
 * 10 s, when it takes more memory than it may, and when it has not reported within a minute of its start. After five starts within five minutes, none of which lasted half a
 * minute, or where the process reports that starting again is of no use, the interpreter has failed.
 */
import { createInterface } from 'node:readline';
import { ChildSupervisor } from '../../process/child-supervisor.ts';
import { minimalEnvironment } from '../../process/minimal-environment.ts';
import type { Clock } from '../../time/clock.ts';
import type { InterpreterAssignment, InterpreterMessage, ParentMessage } from './interpreter-ipc.ts';

/** A busy computer takes a while to load the code. */
export const WATCHDOG = { firstMessageMs: 60_000, messageEveryMs: 10_000 };
/** A process that worked for half a minute has not failed to start: what ended it is no reason to give up. */
export const RESTART = {
  firstDelayMs: 500,
  maxDelayMs: 10_000,
  stableAfterMs: 30_000,
  limit: { starts: 5, withinMs: 300_000 },
};

/** What an interpreter may take of the computer's memory, where nobody says otherwise: some eight times of what a busy one needs. */
export const MAX_MEMORY_MB = 1024;

export type ProcessState = 'starting' | 'running' | 'restarting' | 'failed';

export interface InterpreterSupervisorOptions {
  assignment: InterpreterAssignment;
  /** Megabytes of the computer's memory that the process may take. Default: 1024. */
  maxMemoryMb?: number;
  clock: Clock;
  /** `message` is a sentence for people. */
  onState(state: ProcessState, message?: string): void;
  /** One line of the process's log, as JSON. */
  onLog(line: string): void;
}

export interface InterpreterProcess {
  /** Undefined while no process runs. */
  readonly pid: number | undefined;
  /** Resolves when the process is gone, after at most 3 s. */
  stop(): Promise<void>;
}

/**
 * Starts an interpreter's process.
 *
 * @example
 * const interpreter = superviseInterpreter({ assignment, clock: systemClock, onState: console.log, onLog: console.error });
 * await interpreter.stop();
 */
export function superviseInterpreter(options: InterpreterSupervisorOptions): InterpreterProcess {
  const { assignment, maxMemoryMb = MAX_MEMORY_MB, clock, onState, onLog } = options;
  const supervisor = new ChildSupervisor<InterpreterMessage>({
    program: {
      module: new URL('./main.ts', import.meta.url),
      // The assignment holds what the interpreter needs of our settings, keys included.
      environment: minimalEnvironment(process.env),
      stdio: ['ignore', 'ignore', 'pipe'],
    },
    restart: RESTART,
    watchdog: WATCHDOG,
    clock,
    onStart(child, isRestart) {
      onState(isRestart ? 'restarting' : 'starting');
      if (child.stderr) createInterface(child.stderr).on('line', onLog);
      child.send({ type: 'start', assignment } satisfies ParentMessage, () => {});
    },
    onMessage(message) {
      if (message.type === 'alive' && message.memoryMb > maxMemoryMb)
        supervisor.restart(
          `it took ${Math.round(message.memoryMb)} MB of memory, more than the ${maxMemoryMb} MB that it may take`,
        );
      if (message.type === 'running') onState('running');
      if (message.type === 'lost') onState('restarting', message.reason);
      if (message.type === 'failed') {
        supervisor.stopRestarting();
        onState('failed', message.reason);
      }
    },
    onRestartScheduled: (reason) => onState('restarting', `The interpreter ended (${reason}).`),
    onFailed: (reason, starts) =>
      onState('failed', `The interpreter ended ${starts} times within five minutes (${reason}).`),
  });
  return supervisor;
}
