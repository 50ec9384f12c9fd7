/**
 * Handles the requests of all connections in turns, one of each connection at a time, so that whoever sends many delays others by one
 * request and not by all of theirs. After 5 ms it lets everything else of this process have its turn, such as captions and REST.
 */
import { AsyncResource } from 'node:async_hooks';

const TURN_MS = 5;

export interface RequestSource {
  /** Begins to handle one request. @returns whether another one can be begun now */
  handleNext(): boolean;
}

export class RequestScheduler {
  readonly #nowMs: () => number;
  /** The connections with requests to handle, in the order of their turns. */
  readonly #waiting = new Set<RequestSource>();
  #isScheduled = false;

  /** @param nowMs monotonic milliseconds */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** A connection has a request that can be begun now. */
  add(source: RequestSource): void {
    this.#waiting.add(source);
    this.#schedule();
  }

  remove(source: RequestSource): void {
    this.#waiting.delete(source);
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(this.#takeTurn);
  }

  /** Runs in no room's context, whichever room's request has scheduled it. */
  readonly #takeTurn = AsyncResource.bind((): void => {
    this.#isScheduled = false;
    const endMs = this.#nowMs() + TURN_MS;
    // A connection that is added again comes last, and is visited by the same loop.
    for (const source of this.#waiting) {
      this.#waiting.delete(source);
      if (source.handleNext()) this.#waiting.add(source);
      if (this.#nowMs() >= endMs) break;
    }
    if (this.#waiting.size > 0) this.#schedule();
  });
}
