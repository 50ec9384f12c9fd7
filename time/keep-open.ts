/**
 * Keeps one thing open: opens it, and again after a pause when that failed or when it was lost, until it is closed. The pause doubles with
 * each failure; what has stayed open for longer than the longest pause starts again with the shortest.
 *
 * Hard requirement: never more than one is open or being opened, and what is opened too late, after `close`, is closed at once.
 */
import { Backoff, type BackoffOptions } from './backoff.ts';
import type { Clock } from './clock.ts';

/** From one second to half a minute, for what a server refuses or a network prevents. */
const DEFAULT_BACKOFF: BackoffOptions = { firstMs: 1000, maxMs: 30_000, jitter: 0.2 };

export interface KeepOpenOptions<T> {
  /** Opens it. `onLost` is to be called when it has closed by itself; calls after the first, and after `close`, have no effect. */
  open(onLost: () => void): Promise<T>;
  /** Closes what was opened too late. */
  discard(opened: T): void;
  onOpened(opened: T): void;
  /** An attempt failed; the next follows in `retryInMs`. */
  onFailed(error: unknown, retryInMs: number): void;
  clock: Clock;
  /** Default: from 1 s to 30 s, a fifth of it by chance. */
  backoff?: BackoffOptions | undefined;
}

/**
 * Returns a function that ends it: nothing is opened any more. What is open then belongs to the caller, who closes it.
 *
 * @example
 * const stop = keepOpen({ open: () => connect(), discard: (it) => it.close(), onOpened: (it) => use(it), onFailed: log, clock });
 */
export function keepOpen<T>({ open, discard, onOpened, onFailed, clock, backoff }: KeepOpenOptions<T>): () => void {
  const { maxMs } = backoff ?? DEFAULT_BACKOFF;
  const pauses = new Backoff(backoff ?? DEFAULT_BACKOFF);
  let cancelRetry = (): void => {};
  let isStopped = false;

  void attempt();
  return () => {
    isStopped = true;
    cancelRetry();
  };

  async function attempt(): Promise<void> {
    let openedAtMs: number | undefined;
    let isLost = false;
    const lost = (): void => {
      if (isLost || isStopped) return;
      isLost = true;
      // What is lost while it is being opened is opened again when that has ended.
      if (openedAtMs !== undefined) reopen(openedAtMs);
    };
    try {
      const opened = await open(lost);
      if (isStopped) {
        discard(opened);
        return;
      }
      openedAtMs = clock.now();
      if (isLost) reopen(openedAtMs);
      else onOpened(opened);
    } catch (error) {
      if (isStopped) return;
      const retryInMs = pauses.next();
      cancelRetry = clock.after(retryInMs, () => void attempt());
      onFailed(error, retryInMs);
    }
  }

  function reopen(openedAtMs: number): void {
    if (clock.now() - openedAtMs > maxMs) pauses.reset();
    cancelRetry = clock.after(pauses.next(), () => void attempt());
  }
}
