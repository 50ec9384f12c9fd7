/** Divides long work into slices of at most 5 ms, between which sockets and timers have their turn. */
import { setImmediate as nextTurn } from 'node:timers/promises';

const SLICE_MS = 5;

/**
 * @example
 * const slices = new WorkSlices();
 * for (const line of lines) {
 *   parse(line);
 *   if (slices.isOver) await slices.next();
 * }
 */
export class WorkSlices {
  #startedMs = performance.now();

  get isOver(): boolean {
    return performance.now() - this.#startedMs >= SLICE_MS;
  }

  /** Resolves when others have had their turn. */
  async next(): Promise<void> {
    await nextTurn();
    this.#startedMs = performance.now();
  }
}
