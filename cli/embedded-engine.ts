/**
 * The offline engine as a child process. When it dies it is started again, on the same port, so that who lost it finds it
 * where it was; when this process dies, it ends too.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Logger } from 'pino';
import type { Clock } from '../time/clock.ts';
import { CommandError } from './errors.ts';
import type { Environment } from './settings.ts';

const FIRST_START_WITHIN_MS = 60_000;
const STOP_WITHIN_MS = 3000;
const FIRST_BACKOFF_MS = 500;
const LONGEST_BACKOFF_MS = 10_000;
/** Who has run for this long has a backoff to spare again. */
const SETTLED_AFTER_MS = 30_000;

export interface EmbeddedEngineOptions {
  /** 0: any free one, the same after every restart. */
  port: number;
  environment: Environment;
  clock: Clock;
  log: Pick<Logger, 'info' | 'warn'>;
}

export interface EmbeddedEngine {
  /** Base URL of its LiveTranslate endpoint. */
  readonly url: string;
  /** Undefined between two lives. */
  readonly pid: number | undefined;
  /** Settles when it is gone, after at most 3 s. */
  stop(): Promise<void>;
}

/** Settles when it can be used. @throws {CommandError} when it does not start at all */
export async function startEmbeddedEngine(options: EmbeddedEngineOptions): Promise<EmbeddedEngine> {
  const engine = new Supervised(options);
  await engine.started;
  return engine;
}

class Supervised implements EmbeddedEngine {
  readonly started: Promise<void>;
  readonly #options: EmbeddedEngineOptions;
  readonly #firstStart = Promise.withResolvers<void>();
  #child: ChildProcess | undefined;
  #url: string | undefined;
  #port: number;
  #startedAtMs = 0;
  #backoffMs = FIRST_BACKOFF_MS;
  #cancelTimer: () => void;
  #stopping = false;

  constructor(options: EmbeddedEngineOptions) {
    this.#options = options;
    this.#port = options.port;
    this.started = this.#firstStart.promise;
    this.#cancelTimer = options.clock.after(FIRST_START_WITHIN_MS, () => this.#neverStarted('it took over a minute'));
    this.#start();
  }

  get url(): string {
    return this.#url ?? '';
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.#cancelTimer();
    const child = this.#child;
    if (!child) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    const cancelKill = this.#options.clock.after(STOP_WITHIN_MS, () => child.kill('SIGKILL'));
    await gone;
    cancelKill();
  }

  #start(): void {
    const { environment, clock } = this.#options;
    this.#startedAtMs = clock.now();
    const child = fork(new URL('./booth.ts', import.meta.url), ['engine', '--port', String(this.#port)], {
      env: withoutSecrets(environment),
      execArgv: [],
      // Ctrl-C is for us: it would reach its own children too, and what was said last would be lost.
      detached: true,
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    });
    this.#child = child;
    // The first line is its URL, and there are no others.
    if (child.stdout) createInterface(child.stdout).once('line', (line) => this.#up(line));
    child.once('error', (error) => this.#ended(child, error.message));
    child.once('exit', (code, signal) => this.#ended(child, signal ?? `exit code ${code}`));
  }

  #up(url: string): void {
    if (this.#url === undefined) {
      this.#cancelTimer();
      this.#url = url;
      this.#port = Number(URL.parse(url)?.port);
      this.#firstStart.resolve();
    }
    this.#options.log.info({ url, enginePid: this.pid }, 'the offline engine runs');
  }

  #ended(child: ChildProcess, why: string): void {
    if (child !== this.#child) return;
    this.#child = undefined;
    if (this.#stopping) return;
    if (this.#url === undefined) this.#neverStarted(why);
    else this.#startAgain(why);
  }

  #startAgain(why: string): void {
    const { clock, log } = this.#options;
    if (clock.now() - this.#startedAtMs >= SETTLED_AFTER_MS) this.#backoffMs = FIRST_BACKOFF_MS;
    log.warn({ why, backoffMs: this.#backoffMs }, 'the offline engine ended and is started again');
    this.#cancelTimer = clock.after(this.#backoffMs, () => this.#start());
    this.#backoffMs = Math.min(LONGEST_BACKOFF_MS, this.#backoffMs * 2);
  }

  #neverStarted(why: string): void {
    this.#firstStart.reject(
      new CommandError(`the offline engine does not start (${why}). "booth doctor" tells what it lacks.`),
    );
    void this.stop();
  }
}

/** It has no use for them. */
const withoutSecrets = ({ DASHSCOPE_API_KEY, BOOTH_SECRET, ...rest }: Environment): NodeJS.ProcessEnv => rest;
