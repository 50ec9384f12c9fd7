/**
 * Delays the encoded frames of one track: each leaves in order, later by the requested delay. Holds at most 1000 frames and 8 s; beyond
 * that the oldest leave early. No timers: the time is passed in.
 */
export const MAX_DELAY_MS = 8_000;
const MOST_FRAMES = 1_000;

export interface EncodedFrame {
  /** `key` for a video frame that needs no other frame; undefined for audio. */
  readonly type?: string;
}

export class FrameDelayBuffer<F extends EncodedFrame> {
  readonly #frames: { frame: F; cameMs: number }[] = [];
  #delayMs = 0;

  push(frame: F, nowMs: number): void {
    this.#frames.push({ frame, cameMs: nowMs });
  }

  setDelay(ms: number, nowMs: number): void {
    const delayMs = Math.min(Math.max(ms, 0), MAX_DELAY_MS);
    const isSooner = delayMs < this.#delayMs;
    this.#delayMs = delayMs;
    if (isSooner) this.#dropOverdue(nowMs);
  }

  /** Removes and returns the frames that are due, in order. */
  due(nowMs: number): F[] {
    const early = Math.max(0, this.#frames.length - MOST_FRAMES);
    return this.#frames.splice(0, Math.max(this.#dueAt(nowMs), early)).map(({ frame }) => frame);
  }

  /** When the next frame is due; undefined: none is held. */
  get nextAtMs(): number | undefined {
    const [first] = this.#frames;
    return first && first.cameMs + this.#delayMs;
  }

  /** Drops the frames that a shorter delay makes overdue, except those that later frames depend on. */
  #dropOverdue(nowMs: number): void {
    const due = this.#frames.slice(0, this.#dueAt(nowMs));
    const kept = due.findLastIndex(({ frame }) => frame.type === undefined || frame.type === 'key');
    this.#frames.splice(0, Math.max(0, kept));
  }

  #dueAt(nowMs: number): number {
    const first = this.#frames.findIndex(({ cameMs }) => cameMs + this.#delayMs > nowMs);
    return first < 0 ? this.#frames.length : first;
  }
}
