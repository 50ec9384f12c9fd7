/**
 * Encoded frames of one track on their way: each leaves in its turn, by as much later as is asked. Holds what came in the last 8 s,
 * and at most 1000 frames, of which the oldest leave early. Pure.
 */
export const MAX_DELAY_MS = 8_000;
const MOST_FRAMES = 1_000;

export interface EncodedFrame {
  /** Of pictures: `key` needs no other. Sound has none. */
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

  /** Those whose time has come, in order. */
  due(nowMs: number): F[] {
    const early = Math.max(0, this.#frames.length - MOST_FRAMES);
    return this.#frames.splice(0, Math.max(this.#dueAt(nowMs), early)).map(({ frame }) => frame);
  }

  /** When the next one leaves. */
  get nextAtMs(): number | undefined {
    const [first] = this.#frames;
    return first && first.cameMs + this.#delayMs;
  }

  /** What would all come at once is left out, as far as nothing after it needs it. */
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
