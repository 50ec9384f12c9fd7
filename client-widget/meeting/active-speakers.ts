/**
 * The active speakers: everybody who was audible within the last 600 ms, so that the ring around a tile does not flicker between words. No
 * timers: the time is passed in.
 */
import { Store } from '../state/store.ts';

const AUDIBLE = 0.35;
const SESSION_IDLE_TIMEOUT_MS = 600;

export class ActiveSpeakers {
  readonly ids = new Store<ReadonlySet<string>>(new Set());
  readonly #audibleMs = new Map<string, number>();

  /** @param levels by participant id, from 0 to 1 as `perceivedLevel` has them */
  update(levels: ReadonlyMap<string, number>, nowMs: number): void {
    for (const [id, level] of levels) if (level >= AUDIBLE) this.#audibleMs.set(id, nowMs);
    for (const [id, lastMs] of this.#audibleMs)
      if (nowMs - lastMs > SESSION_IDLE_TIMEOUT_MS) this.#audibleMs.delete(id);
    const { value } = this.ids;
    const same = value.size === this.#audibleMs.size && [...this.#audibleMs.keys()].every((id) => value.has(id));
    if (!same) this.ids.set(new Set(this.#audibleMs.keys()));
  }
}
