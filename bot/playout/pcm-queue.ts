/**
 * The queued audio of one utterance, 24 kHz mono, with due times: when each sample would have been played if no other utterance had been
 * in the way. No timers, no sockets. `PlayoutQueue` bounds the length of all its queues together.
 */
import { VOICE_SAMPLE_RATE } from '../../audio/sample-rates.ts';

/** Samples in a millisecond of queued audio. */
export const VOICE_SAMPLES_PER_MS = VOICE_SAMPLE_RATE / 1000;

interface PcmChunk {
  samples: Int16Array;
  /** When its first sample was due: on arrival or, if later, right after the samples before it. */
  dueMs: number;
}

export class PcmQueue {
  #chunks: PcmChunk[] = [];
  #length = 0;
  #nextDueMs = 0;

  /** Samples in the queue. */
  get length(): number {
    return this.#length;
  }

  /** Milliseconds of audio in the queue. */
  get durationMs(): number {
    return this.#length / VOICE_SAMPLES_PER_MS;
  }

  /** When the next sample was or will be due, in the time of `push`; undefined where the queue is empty. */
  get dueMs(): number | undefined {
    return this.#chunks[0]?.dueMs;
  }

  /** Adds samples that arrive at `nowMs`. */
  push(samples: Int16Array, nowMs: number): void {
    if (samples.length === 0) return;
    const dueMs = Math.max(nowMs, this.#nextDueMs);
    this.#chunks.push({ samples, dueMs });
    this.#length += samples.length;
    this.#nextDueMs = dueMs + samples.length / VOICE_SAMPLES_PER_MS;
  }

  /** Returns the next samples, at most `length`, and leaves them in the queue. */
  peek(length: number): Int16Array {
    const peeked = new Int16Array(Math.min(length, this.#length));
    let filled = 0;
    for (const { samples } of this.#chunks) {
      if (filled === peeked.length) break;
      const part = samples.subarray(0, peeked.length - filled);
      peeked.set(part, filled);
      filled += part.length;
    }
    return peeked;
  }

  /** Removes the next samples, at most `length`. */
  drop(length: number): void {
    let left = Math.min(length, this.#length);
    this.#length -= left;
    for (let first = this.#chunks[0]; first && left > 0; first = this.#chunks[0]) {
      if (first.samples.length > left) {
        this.#chunks[0] = { samples: first.samples.subarray(left), dueMs: first.dueMs + left / VOICE_SAMPLES_PER_MS };
        return;
      }
      left -= first.samples.length;
      this.#chunks.shift();
    }
  }

  /** Removes the next samples, at most `length`, and returns them. */
  take(length: number): Int16Array {
    const taken = this.peek(length);
    this.drop(length);
    return taken;
  }

  /** Replaces the next `count` samples by fewer samples, which are due at the time of the first of those replaced. */
  replaceHead(count: number, samples: Int16Array): void {
    const dueMs = this.dueMs ?? 0;
    this.drop(count);
    this.#chunks.unshift({ samples, dueMs });
    this.#length += samples.length;
  }
}
