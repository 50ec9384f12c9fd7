/**
 * The trial of an engine for all rooms that are interpreted with it in this process. The first room that needs it begins it; it ends when the
 * engine has answered, or with the last interpreter.
 */
import type { Clock } from '../../time/clock.ts';
import type { RoomConnectionLimiter } from '../in-process/thread-account.ts';
import { type EngineTrial, tryEngine } from '../session/try-engine.ts';

export interface SharedEngineTrialOptions {
  attempt: EngineTrial['attempt'];
  /** Opens the trial's own part of the account. */
  limiter(): Pick<RoomConnectionLimiter, 'reserve' | 'close'>;
  clock: Clock;
}

export class SharedEngineTrial {
  readonly #options: SharedEngineTrialOptions;
  readonly #listeners = new Set<() => void>();
  #interpreters = 0;
  #problem: string | undefined;
  #isUsable = false;
  #running: AbortController | undefined;

  constructor(options: SharedEngineTrialOptions) {
    this.#options = options;
  }

  /** Why the engine cannot be used, as far as it was tried. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** An interpreter uses the engine, until the returned function is called once. */
  enter(): () => void {
    this.#interpreters++;
    return () => {
      this.#interpreters--;
      if (this.#interpreters > 0) return;
      this.#running?.abort();
      this.#running = undefined;
    };
  }

  /** Tries the engine, unless it is being tried or has answered, or nobody uses it any more. */
  begin(): void {
    if (this.#running || this.#isUsable || this.#interpreters === 0) return;
    const { attempt, clock } = this.#options;
    const running = new AbortController();
    const limiter = this.#options.limiter();
    this.#running = running;
    void tryEngine({
      attempt,
      limiter,
      clock,
      signal: running.signal,
      tell: (error) => {
        this.#isUsable = error === undefined;
        this.#problem = error?.message;
        for (const listener of this.#listeners) listener();
      },
    }).finally(() => {
      limiter.close();
      if (this.#running === running) this.#running = undefined;
    });
  }

  /** Calls `listener` after each attempt; the returned function ends that. */
  onTried(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
