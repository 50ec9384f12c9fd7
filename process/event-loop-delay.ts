/**
 * How late the event loop of this thread is, measured once for all interpreters that run on it. Speech is late and packets are lost where
 * the loop is: a socket's buffer holds a few hundred packets, and nothing takes them out meanwhile.
 */
import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';

/** A timer of this period measures how much later than asked it fires. */
const RESOLUTION_MS = 20;
/** Several interpreters read it at different times, and all of them are told of at least so much time. */
const WINDOW_MS = 4000;
const NANOSECONDS = 1e6;

export class EventLoopDelay {
  readonly #histogram: IntervalHistogram;
  #windowStartMs: number;
  #previousMs = 0;

  /** Begins to measure. It keeps no process running. */
  constructor(nowMs: number) {
    this.#histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
    this.#histogram.enable();
    this.#windowStartMs = nowMs;
  }

  /** Milliseconds by which 99 of 100 turns of the last 4 to 8 s were late at most. */
  p99Ms(nowMs: number): number {
    const currentMs = Math.max(0, this.#histogram.percentile(99) / NANOSECONDS - RESOLUTION_MS);
    const worstMs = Math.max(currentMs, this.#previousMs);
    if (nowMs - this.#windowStartMs >= WINDOW_MS) {
      this.#histogram.reset();
      this.#windowStartMs = nowMs;
      this.#previousMs = currentMs;
    }
    return worstMs;
  }
}

let ofThisThread: EventLoopDelay | undefined;

/** Begins to measure the thread that calls it. @returns a function that returns `p99Ms` of now */
export function measureEventLoopDelay(): () => number {
  ofThisThread ??= new EventLoopDelay(performance.now());
  const delay = ofThisThread;
  return () => delay.p99Ms(performance.now());
}
