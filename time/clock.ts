/** The time source that is passed to whatever needs time, so that tests can pass a `FakeClock` instead. */
export interface Clock {
  /** Monotonic milliseconds since an arbitrary moment. */
  now(): number;
  /** Calls `run` once after `ms` milliseconds; the returned function cancels the call. */
  after(ms: number, run: () => void): () => void;
}

/** Calls `run` every `ms`, until the returned function is called. */
export function every(clock: Clock, ms: number, run: () => void): () => void {
  let cancel = clock.after(ms, again);
  return () => cancel();

  function again(): void {
    cancel = clock.after(ms, again);
    run();
  }
}

/** Resolves after `ms`, or when `signal` is aborted. */
export function sleep(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const cancel = clock.after(ms, done);
    signal?.addEventListener('abort', done);

    function done(): void {
      cancel();
      signal?.removeEventListener('abort', done);
      resolve();
    }
  });
}

/** Resolves when `end` has, but after `ms` at the latest. @throws what `end` throws within that time */
export async function within(clock: Clock, ms: number, end: Promise<unknown>): Promise<void> {
  let cancel = (): void => {};
  const timeout = new Promise<void>((resolve) => {
    cancel = clock.after(ms, resolve);
  });
  await Promise.race([end, timeout]).finally(cancel);
}

/** The clock of this process. Its timers keep the process alive. */
export const systemClock: Clock = {
  now: () => performance.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

/** A delay that can end early. */
export interface SkippableDelay {
  /** Resolves after the delay, or when it is skipped. */
  readonly over: Promise<void>;
  /** Ends the delay at once; safe at any time. */
  skip(): void;
}

/**
 * Waits for `ms`, unless that is skipped.
 *
 * @example
 * const delay = skippableDelay(clock, 10_000);
 * signal.addEventListener('abort', delay.skip);
 * await delay.over;
 */
export function skippableDelay(clock: Clock, ms: number): SkippableDelay {
  const { promise: over, resolve } = Promise.withResolvers<void>();
  const cancel = clock.after(ms, resolve);
  return {
    over,
    skip() {
      cancel();
      resolve();
    },
  };
}
