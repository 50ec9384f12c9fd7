/**
 * What the service has refused, by kind of session: for good, where asking again is of no use, or for a time that doubles from
 * half a second to 8 s until a session of the kind opens.
 */
import type { Clock } from '../../time/clock.ts';
import type { TranslationError } from './translation-session.ts';

const FIRST_BACKOFF_MS = 500;
const LONGEST_BACKOFF_MS = 8000;

export interface CircuitBreakerOptions {
  clock: Clock;
  /** From 0 to 1: so that interpreters that were cut off together do not come back together. */
  random: () => number;
  /** A kind may be tried again. */
  onOver(): void;
}

interface Backoff {
  longestMs: number;
  waits: boolean;
  cancel(): void;
}

export class CircuitBreaker {
  readonly #options: CircuitBreakerOptions;
  readonly #backoffs = new Map<string, Backoff>();
  readonly #denied = new Map<string, TranslationError>();
  #accountDenied: TranslationError | undefined;

  constructor(options: CircuitBreakerOptions) {
    this.#options = options;
  }

  /** Why no session of this kind will come; undefined: one may. */
  denial(key: string): TranslationError | undefined {
    return this.#accountDenied ?? this.#denied.get(key);
  }

  /** Not to be tried now. */
  waits(key: string): boolean {
    return this.#backoffs.get(key)?.waits ?? false;
  }

  deny(key: string, error: TranslationError): void {
    if (error.class === 'account') this.#accountDenied = error;
    else this.#denied.set(key, error);
  }

  /** Returns for how long. */
  backOff(key: string): number {
    const { clock, random, onOver } = this.#options;
    const before = this.#backoffs.get(key);
    before?.cancel();
    const longestMs = Math.min(LONGEST_BACKOFF_MS, Math.max(FIRST_BACKOFF_MS, (before?.longestMs ?? 0) * 2));
    const ms = longestMs * (0.5 + random() / 2);
    const cancel = clock.after(ms, () => {
      backoff.waits = false;
      onOver();
    });
    const backoff: Backoff = { longestMs, waits: true, cancel };
    this.#backoffs.set(key, backoff);
    return ms;
  }

  /** A session of this kind opened. */
  overcome(key: string): void {
    this.#backoffs.get(key)?.cancel();
    this.#backoffs.delete(key);
  }

  close(): void {
    for (const { cancel } of this.#backoffs.values()) cancel();
  }
}
