/**
 * The sound of one utterance that waits to be played, 24 kHz mono in the pieces in which it came, and how late it is: each piece
 * knows when it would have sounded had nothing else been in its way. Pure; who adds to it sees to its bound.
 */

const SAMPLES_PER_MS = 24;

interface PcmChunk {
  samples: Int16Array;
  /** When its first sample could have sounded. */
  dueMs: number;
}

export class PcmQueue {
  #chunks: PcmChunk[] = [];
  #length = 0;
  #nextDueMs = 0;

  /** In samples. */
  get length(): number {
    return this.#length;
  }

  get durationMs(): number {
    return this.#length / SAMPLES_PER_MS;
  }

  /** When what comes next could have sounded; undefined: nothing waits. */
  get dueMs(): number | undefined {
    return this.#chunks[0]?.dueMs;
  }

  push(samples: Int16Array, nowMs: number): void {
    if (samples.length === 0) return;
    const dueMs = Math.max(nowMs, this.#nextDueMs);
    this.#chunks.push({ samples, dueMs });
    this.#length += samples.length;
    this.#nextDueMs = dueMs + samples.length / SAMPLES_PER_MS;
  }

  /** The next samples, at most so many; they stay. */
  peek(length: number): Int16Array {
    const found = new Int16Array(Math.min(length, this.#length));
    let filled = 0;
    for (const { samples } of this.#chunks) {
      if (filled === found.length) break;
      const part = samples.subarray(0, found.length - filled);
      found.set(part, filled);
      filled += part.length;
    }
    return found;
  }

  /** At most so many samples are gone. */
  drop(length: number): void {
    let left = Math.min(length, this.#length);
    this.#length -= left;
    for (let first = this.#chunks[0]; first && left > 0; first = this.#chunks[0]) {
      if (first.samples.length > left) {
        this.#chunks[0] = { samples: first.samples.subarray(left), dueMs: first.dueMs + left / SAMPLES_PER_MS };
        return;
      }
      left -= first.samples.length;
      this.#chunks.shift();
    }
  }

  take(length: number): Int16Array {
    const taken = this.peek(length);
    this.drop(length);
    return taken;
  }

  /** Fewer samples in the place of the next ones: what they began is due when it was. */
  replaceHead(takes: number, gives: Int16Array): void {
    const dueMs = this.dueMs ?? 0;
    this.drop(takes);
    this.#chunks.unshift({ samples: gives, dueMs });
    this.#length += gives.length;
  }
}
