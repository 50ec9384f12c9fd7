/**
 * Decides when a kind of session (sessions with the same options) may be tried again after it failed. A failure that another attempt
 * cannot repair denies the kind, or for one of the account all kinds, for a minute at first and for ten at most; any other makes the kind
 * wait, from half a second up to 8 s. Both end when a session of that kind opens.
 *
 * Bounded: at most 256 kinds; one more removes the oldest, which may then be tried at once.
 */
import { Backoff, type BackoffOptions } from '../../time/backoff.ts';
import type { Clock } from '../../time/clock.ts';
import type { TranslationError } from './translation-session.ts';

/** Spreads retries, as interpreters that lost their sessions at the same time must not retry at the same time. */
const JITTER = 0.5;
const RETRY: BackoffOptions = { firstMs: 500, maxMs: 8000, jitter: JITTER };
/** A key, a bill or settings are mended by people, and the service may deny by mistake. */
const RETRY_DENIED: BackoffOptions = { firstMs: 60_000, maxMs: 600_000, jitter: JITTER };
const MAX_KINDS = 256;

export interface CircuitBreakerOptions {
  clock: Clock;
  /** Returns a number from 0 (inclusive) to 1 (exclusive). */
  random: () => number;
  /** Called when a kind that had to wait may be tried again. */
  onRetry(): void;
}

/** One kind that failed, or the account. */
interface Circuit {
  backoff: Backoff;
  /** It must not be tried now. */
  isOpen: boolean;
  /** Why it was denied; undefined: it failed in another way. */
  error: TranslationError | undefined;
  delayMs: number;
  cancel(): void;
}

export class CircuitBreaker {
  readonly #options: CircuitBreakerOptions;
  /** The kinds that failed since a session of them opened. */
  readonly #circuits = new Map<string, Circuit>();
  readonly #denials = new Map<string, Circuit>();
  #accountDenial: Circuit | undefined;

  constructor(options: CircuitBreakerOptions) {
    this.#options = options;
  }

  /** Why a session of this kind must not be requested now; undefined: it may. */
  denial(key: string): TranslationError | undefined {
    return [this.#accountDenial, this.#denials.get(key)].find((denial) => denial?.isOpen)?.error;
  }

  /** Why the service denied this kind, until a session of it opens: also while it is tried again. */
  lastDenial(key: string): TranslationError | undefined {
    return (this.#accountDenial ?? this.#denials.get(key))?.error;
  }

  /** The account was denied, and one session finds out whether it still is: the half-open state of a circuit breaker. */
  get isAccountHalfOpen(): boolean {
    return this.#accountDenial?.isOpen === false;
  }

  /** Whether the kind must not be tried now. */
  isOpen(key: string): boolean {
    return this.#circuits.get(key)?.isOpen ?? false;
  }

  /** Denies this kind or, for an error of class `account`, every kind, until it may be tried again. */
  deny(key: string, error: TranslationError): void {
    const isAccount = error.class === 'account';
    const before = isAccount ? this.#accountDenial : this.#denials.get(key);
    // Sessions that were opened together are denied together: that is one denial.
    if (before?.isOpen) return;
    const denial = this.#trip(before, RETRY_DENIED, error);
    if (isAccount) this.#accountDenial = denial;
    else setBounded(this.#denials, key, denial);
  }

  /** @returns milliseconds until the kind may be tried again */
  recordFailure(key: string): number {
    const circuit = this.#trip(this.#circuits.get(key), RETRY);
    setBounded(this.#circuits, key, circuit);
    return circuit.delayMs;
  }

  /**
   * A session of this kind opened: its next failure waits for the shortest time again.
   *
   * @returns whether the kind, or the account, had been denied
   */
  recordSuccess(key: string): boolean {
    const denial = this.#denials.get(key);
    const wasDenied = denial !== undefined || this.#accountDenial !== undefined;
    for (const circuit of [this.#circuits.get(key), denial, this.#accountDenial]) circuit?.cancel();
    this.#circuits.delete(key);
    this.#denials.delete(key);
    this.#accountDenial = undefined;
    return wasDenied;
  }

  close(): void {
    for (const circuit of [...this.#circuits.values(), ...this.#denials.values()]) circuit.cancel();
    this.#accountDenial?.cancel();
  }

  #trip(before: Circuit | undefined, backoffOptions: BackoffOptions, error?: TranslationError): Circuit {
    const { clock, random, onRetry } = this.#options;
    before?.cancel();
    const backoff = before?.backoff ?? new Backoff({ ...backoffOptions, random });
    const delayMs = backoff.next();
    const cancel = clock.after(delayMs, () => {
      circuit.isOpen = false;
      onRetry();
    });
    const circuit: Circuit = { backoff, isOpen: true, error, delayMs, cancel };
    return circuit;
  }
}

function setBounded(circuits: Map<string, Circuit>, key: string, circuit: Circuit): void {
  circuits.set(key, circuit);
  const [oldest] = circuits;
  if (circuits.size <= MAX_KINDS || !oldest) return;
  oldest[1].cancel();
  circuits.delete(oldest[0]);
}
