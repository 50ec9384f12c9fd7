/**
 * Supervises an engine in a process of its own. The process is started again when it ends, and when its event loop has not turned for
 * 20 s, on the port that it had, any number of times. What ends it before it could ever be used is a failure to start.
 */
import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createInterface } from 'node:readline';
import type { Logger } from '../../logging/logger.ts';
import { forwardLogLine } from '../../process/child-log.ts';
import { ChildSupervisor } from '../../process/child-supervisor.ts';
import { minimalEnvironment } from '../../process/minimal-environment.ts';
import type { Clock } from '../../time/clock.ts';
import { EngineError } from '../engine-error.ts';
import type { EngineComponents } from '../offline/engine.ts';
import type { EngineAssignment, EngineFailure, EngineMessage } from './engine-ipc.ts';
import type { OfflineEngine } from './engine-process.ts';

const FIRST_START_WITHIN_MS = 60_000;
const KEY_BYTES = 32;
/** Recognition runs in the threads of libuv's pool, where files are read, too. */
const SPARE_THREADS = 3;
const RESTART = { firstDelayMs: 500, maxDelayMs: 10_000, stableAfterMs: 30_000 };
/** Recognition runs in threads, so that only a hung process is silent for so long. */
const WATCHDOG = { firstMessageMs: FIRST_START_WITHIN_MS, messageEveryMs: 20_000 };

/**
 * Each thread that allocates has a heap of its own, and a recogniser moves between threads, so that it leaves holes in all of them: no more
 * heaps than threads that recognise.
 */
const memoryAndThreads = (threads: number): Record<string, string> => ({
  MALLOC_ARENA_MAX: String(Math.max(2, threads)),
  UV_THREADPOOL_SIZE: String(threads + SPARE_THREADS),
});

export interface SupervisedEngineOptions {
  port: number;
  components: EngineComponents;
  threads: number;
  maxSessions: number;
  model: string;
  logLevel: string;
  log: Logger;
  clock: Clock;
}

export class SupervisedEngine implements OfflineEngine {
  /**
   * Resolves when the engine can be used. Rejects with an `EngineError` when it ends before that, or does not get there in a minute: then
   * it has to be closed.
   */
  readonly started: Promise<void>;
  readonly model: string;
  readonly key = randomBytes(KEY_BYTES).toString('base64url');
  readonly #options: SupervisedEngineOptions;
  readonly #firstStart = Promise.withResolvers<void>();
  readonly #cancelStartTimeout: () => void;
  readonly #supervisor: ChildSupervisor<EngineMessage>;
  #url: string | undefined;
  #port: number;

  constructor(options: SupervisedEngineOptions) {
    const { port, threads, model, log, clock } = options;
    this.#options = options;
    this.#port = port;
    this.model = model;
    this.started = this.#firstStart.promise;
    this.#cancelStartTimeout = clock.after(FIRST_START_WITHIN_MS, () => this.#failToStart('it took over a minute'));
    this.#supervisor = new ChildSupervisor<EngineMessage>({
      program: {
        module: new URL('./main.ts', import.meta.url),
        environment: { ...minimalEnvironment(process.env), ...memoryAndThreads(threads) },
        stdio: ['ignore', 'ignore', 'pipe'],
        // Ctrl-C would reach the processes that the engine itself started, and the end of the last sentence would be lost.
        detached: true,
      },
      restart: RESTART,
      watchdog: WATCHDOG,
      clock,
      onStart: (child) => this.#assign(child),
      onMessage: (message) => this.#onMessage(message),
      onRestartScheduled: (reason, delayMs) => {
        if (this.#url === undefined) this.#failToStart(`its process ended: ${reason}`);
        else log.warn({ reason, delayMs }, 'offline engine ended, restarting');
      },
    });
  }

  get url(): string {
    return this.#url ?? '';
  }

  get pid(): number | undefined {
    return this.#supervisor.pid;
  }

  async close(): Promise<void> {
    this.#cancelStartTimeout();
    await this.#supervisor.stop();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Makes `started` reject with `reason`. Has no effect once the engine can be used. */
  abandon(reason: unknown): void {
    this.#firstStart.reject(reason);
  }

  #assign(child: ChildProcess): void {
    const { components, threads, maxSessions, logLevel, log } = this.#options;
    if (child.stderr) createInterface(child.stderr).on('line', (line) => forwardLogLine(log, line));
    const assignment: EngineAssignment = {
      port: this.#port,
      key: this.key,
      components,
      threads,
      maxSessions,
      logLevel,
    };
    child.send(assignment, () => {});
  }

  #onMessage(message: EngineMessage): void {
    if (message.type === 'running') this.#onRunning(message.url);
    if (message.type === 'failed') this.#onFailed(message);
  }

  #onRunning(url: string): void {
    if (this.#url === undefined) {
      this.#cancelStartTimeout();
      this.#url = url;
      this.#port = Number(URL.parse(url)?.port);
      this.#firstStart.resolve();
    }
    this.#options.log.info({ url, enginePid: this.pid }, 'offline engine running');
  }

  /** The process ends after this. One that could be used before is started again. */
  #onFailed({ code, reason }: EngineFailure): void {
    if (this.#url === undefined) this.abandon(new EngineError(code, reason));
    else this.#options.log.warn({ code, reason }, 'offline engine not restarted');
  }

  #failToStart(reason: string): void {
    this.abandon(new EngineError('startFailed', `The offline engine does not start (${reason}).`));
  }
}
