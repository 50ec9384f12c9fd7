/**
 * Decides when a kind of session (sessions with the same options) may be tried again after it failed. A failure that another attempt
 * cannot repair denies the kind permanently; any other makes it wait, from half a second up to 8 s, until a session of that kind opens.
 */
import { Backoff } from '../../time/backoff.ts';
import type { Clock } from '../../time/clock.ts';
import type { TranslationError } from './translation-session.ts';

const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 8000;
/** Spreads retries, as interpreters that lost their sessions at the same time must not retry at the same time. */
const RETRY_JITTER = 0.5;

export interface CircuitBreakerOptions {
  clock: Clock;
  /** Returns a number from 0 (inclusive) to 1 (exclusive). */
  random: () => number;
  /** Called when a kind that had to wait may be tried again. */
  onRetry(): void;
}

interface Circuit {
  backoff: Backoff;
  isOpen: boolean;
  cancel(): void;
}

export class CircuitBreaker {
  readonly #options: CircuitBreakerOptions;
  /** The open and half-open circuits by the key of their kind; a pool has few kinds, one for each pair of languages and voice. */
  readonly #circuits = new Map<string, Circuit>();
  readonly #denied = new Map<string, TranslationError>();
  #accountDenied: TranslationError | undefined;

  constructor(options: CircuitBreakerOptions) {
    this.#options = options;
  }

  /** Why the service will never open a session of this kind; undefined: it may. */
  denial(key: string): TranslationError | undefined {
    return this.#accountDenied ?? this.#denied.get(key);
  }

  /** Whether the kind must not be tried now. */
  isOpen(key: string): boolean {
    return this.#circuits.get(key)?.isOpen ?? false;
  }

  /** Denies this kind permanently or, for an error of class `account`, every kind. */
  deny(key: string, error: TranslationError): void {
    if (error.class === 'account') this.#accountDenied = error;
    else this.#denied.set(key, error);
  }

  /** @returns milliseconds until the kind may be tried again */
  recordFailure(key: string): number {
    const { clock, random, onRetry } = this.#options;
    const before = this.#circuits.get(key);
    before?.cancel();
    const backoff = before?.backoff ?? newBackoff(random);
    const delayMs = backoff.next();
    const cancel = clock.after(delayMs, () => {
      circuit.isOpen = false;
      onRetry();
    });
    const circuit: Circuit = { backoff, isOpen: true, cancel };
    this.#circuits.set(key, circuit);
    return delayMs;
  }

  /** A session of this kind opened: its next failure waits for the shortest time again. */
  recordSuccess(key: string): void {
    this.#circuits.get(key)?.cancel();
    this.#circuits.delete(key);
  }

  close(): void {
    for (const { cancel } of this.#circuits.values()) cancel();
  }
}

const newBackoff = (random: () => number): Backoff =>
  new Backoff({ firstMs: FIRST_RETRY_MS, maxMs: LONGEST_RETRY_MS, jitter: RETRY_JITTER, random });
