/**
 * What this person said while nothing of it got through, so that they can be told to say it again. Counts only what was said into a
 * microphone that is not muted. No timers: the time is passed in.
 */
import type { ConnectionState } from '../media/room-state.ts';
import { Store } from '../state/store.ts';

/** A microphone level above this counts as sound. */
const AUDIBLE_LEVEL = 0.1;
/** A lost path is noticed about this long after the last packet. */
const NOTICED_AFTER_MS = 3_500;

export class UnheardSpeech {
  /** The seconds for which nothing got through, after an interruption in which this person spoke; undefined: there is nothing to tell. */
  readonly seconds = new Store<number | undefined>(undefined);
  #wasHeard = false;
  #cutOffMs: number | undefined;
  #lastSoundMs = Number.NEGATIVE_INFINITY;

  /** @param level of the microphone; 0 while it is muted */
  pushLevel(level: number, nowMs: number): void {
    if (level > AUDIBLE_LEVEL) this.#lastSoundMs = nowMs;
  }

  pushConnection(connection: ConnectionState, nowMs: number): void {
    const isHeard = connection.is === 'joined' && !connection.mediaLost;
    if (this.#wasHeard && !isHeard) {
      // A socket that closes takes sound along at once; a path that is lost has been lost for a while.
      this.#cutOffMs ??= connection.is === 'joined' ? nowMs - NOTICED_AFTER_MS : nowMs;
    }
    if (isHeard && this.#cutOffMs !== undefined) {
      if (this.#lastSoundMs >= this.#cutOffMs) this.seconds.set(Math.ceil((nowMs - this.#cutOffMs) / 1_000));
      this.#cutOffMs = undefined;
    }
    this.#wasHeard = isHeard;
  }

  dismiss(): void {
    this.seconds.set(undefined);
  }
}
