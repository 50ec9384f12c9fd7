/**
 * Which run of an interpreter may speak in its room. Of two runs, as where a computer took too long and another has taken over, only the one
 * with the higher fencing token may: the room is the one place through which both have to come. No sockets, no timers.
 *
 * Hard requirement: once a token was accepted, nothing with a lower one, or with none, is.
 */
import { ApiError } from '@mediasoup-booth/protocol';

export class InterpreterFence {
  #highest = 0;

  /** The highest token that was accepted; 0: none, as of an interpreter that runs beside the server. */
  get highest(): number {
    return this.#highest;
  }

  /** @throws {ApiError} where a higher one was accepted */
  require(fence: number | undefined): void {
    if ((fence ?? 0) < this.#highest)
      throw new ApiError('forbidden', 'another computer interprets this room now: this interpreter came too late');
  }

  /** @throws {ApiError} where a higher one was accepted */
  accept(fence: number | undefined): void {
    this.require(fence);
    this.#highest = fence ?? 0;
  }
}
