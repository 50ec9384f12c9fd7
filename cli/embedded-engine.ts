/**
 * The offline engine as a supervised child process. When it ends it is started again on the same port, so that its clients find it
 * under the same URL.
 */
import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createInterface } from 'node:readline';
import type { Logger } from 'pino';
import { ChildSupervisor } from '../process/child-supervisor.ts';
import { minimalEnvironment } from '../process/minimal-environment.ts';
import type { Clock } from '../time/clock.ts';
import { CommandError } from './errors.ts';
import type { Environment } from './settings.ts';

const FIRST_START_WITHIN_MS = 60_000;
const KEY_BYTES = 32;
/** The settings that the engine's process reads from its environment. */
const settingsOfEngine = ['BOOTH_CACHE_DIR', 'BOOTH_ENGINE_VOSK_MODEL', 'BOOTH_LOG_LEVEL'];
const RESTART = { firstDelayMs: 500, maxDelayMs: 10_000, stableAfterMs: 30_000 };

export interface EmbeddedEngineOptions {
  /** 0 stands for any free port; it stays the same after every restart. */
  port: number;
  environment: Environment;
  clock: Clock;
  log: Pick<Logger, 'info' | 'warn'>;
}

export interface EmbeddedEngine {
  /** Base URL of its LiveTranslate endpoint. */
  readonly url: string;
  /** Its clients have to show it: only this process, and whom it tells, can use the engine. Stays the same after every restart. */
  readonly key: string;
  /** Undefined while no process runs. */
  readonly pid: number | undefined;
  /** Resolves when the process is gone, after at most 3 s. */
  stop(): Promise<void>;
}

/**
 * Resolves when the engine can be used.
 *
 * @throws {CommandError} when it ends before that, or does not get there within a minute
 *
 * @example
 * const engine = await startEmbeddedEngine({ port: 0, environment: process.env, clock: systemClock, log });
 * const openSession = openLiveTranslate({ url: engine.url, key: engine.key, model: offline.id, clock: systemClock, log });
 */
export async function startEmbeddedEngine(options: EmbeddedEngineOptions): Promise<EmbeddedEngine> {
  const engine = new SupervisedEngine(options);
  await engine.started;
  return engine;
}

class SupervisedEngine implements EmbeddedEngine {
  readonly started: Promise<void>;
  readonly key = randomBytes(KEY_BYTES).toString('base64url');
  readonly #log: EmbeddedEngineOptions['log'];
  readonly #firstStart = Promise.withResolvers<void>();
  readonly #cancelStartTimeout: () => void;
  readonly #supervisor: ChildSupervisor;
  #url: string | undefined;
  #port: number;

  constructor({ port, environment, clock, log }: EmbeddedEngineOptions) {
    this.#log = log;
    this.#port = port;
    this.started = this.#firstStart.promise;
    this.#cancelStartTimeout = clock.after(FIRST_START_WITHIN_MS, () => this.#failToStart('it took over a minute'));
    this.#supervisor = new ChildSupervisor({
      program: {
        module: new URL('./booth.ts', import.meta.url),
        args: () => ['engine', '--port', String(this.#port)],
        environment: { ...minimalEnvironment(environment, settingsOfEngine), BOOTH_ENGINE_KEY: this.key },
        stdio: ['ignore', 'pipe', 'inherit'],
        // Ctrl-C would reach the processes that the engine itself started, and the end of the last sentence would be lost.
        detached: true,
      },
      restart: RESTART,
      clock,
      onStart: (child) => this.#readUrl(child),
      onRestartScheduled: (reason, delayMs) => {
        if (this.#url === undefined) this.#failToStart(reason);
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

  async stop(): Promise<void> {
    this.#cancelStartTimeout();
    await this.#supervisor.stop();
  }

  /** The engine prints its URL when it can be used, and nothing else. */
  #readUrl(child: ChildProcess): void {
    if (child.stdout) createInterface(child.stdout).once('line', (url) => this.#onRunning(child, url));
  }

  #onRunning({ pid }: ChildProcess, url: string): void {
    if (this.#url === undefined) {
      this.#cancelStartTimeout();
      this.#url = url;
      this.#port = Number(URL.parse(url)?.port);
      this.#firstStart.resolve();
    }
    this.#log.info({ url, enginePid: pid }, 'offline engine running');
  }

  #failToStart(reason: string): void {
    this.#firstStart.reject(
      new CommandError(`the offline engine does not start (${reason}). "booth doctor" tells what it lacks.`),
    );
    void this.stop();
  }
}
