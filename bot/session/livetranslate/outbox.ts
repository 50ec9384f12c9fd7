/**
 * Speech on its way out: 16 kHz samples of any length go in, chunks of 100 ms come out, in order. Before the session is live
 * it grows to 20 s, afterwards to 2 s, and then the oldest gives way to the newest. It remembers what it dropped, so that
 * the service's times can be told in the time of who gave it the speech.
 */

const SAMPLES_PER_MS = 16;
export const AUDIO_CHUNK_SAMPLES = 1600;
const MAX_CHUNKS_BEFORE_LIVE = 200;
const MAX_CHUNKS_LIVE = 20;
const MAX_GAPS = 100;

export class AudioOutbox {
  readonly #chunks: Int16Array[] = [];
  #partial = new Int16Array(AUDIO_CHUNK_SAMPLES);
  #partialLength = 0;
  #limit = MAX_CHUNKS_BEFORE_LIVE;
  #takenMs = 0;
  #droppedMs = 0;
  /** From `takenMs` on, the service's time is `droppedMs` behind. */
  readonly #gaps: { takenMs: number; droppedMs: number }[] = [];

  get droppedMs(): number {
    return this.#droppedMs;
  }

  /** A rest shorter than a chunk waits for the samples that follow. */
  push(samples: Int16Array): void {
    for (let at = 0; at < samples.length; ) {
      const part = samples.subarray(at, at + AUDIO_CHUNK_SAMPLES - this.#partialLength);
      this.#partial.set(part, this.#partialLength);
      this.#partialLength += part.length;
      at += part.length;
      if (this.#partialLength === AUDIO_CHUNK_SAMPLES) this.flush();
    }
  }

  /** Makes a chunk of what is there, however short. */
  flush(): void {
    if (this.#partialLength === 0) return;
    this.#chunks.push(this.#partial.subarray(0, this.#partialLength));
    this.#partial = new Int16Array(AUDIO_CHUNK_SAMPLES);
    this.#partialLength = 0;
    // One for one: what was held before the session was live is not thrown away at once.
    if (this.#chunks.length > this.#limit) this.#drop();
  }

  take(): Int16Array | undefined {
    const chunk = this.#chunks.shift();
    if (!chunk) return undefined;
    this.#takenMs += chunk.length / SAMPLES_PER_MS;
    return chunk;
  }

  /** From now on old speech is worth less than the speech of this moment. */
  goLive(): void {
    this.#limit = MAX_CHUNKS_LIVE;
  }

  /** A time in the speech that was taken, as a time in the speech that was pushed. */
  pushedMs(takenMs: number): number {
    const gap = this.#gaps.findLast((candidate) => candidate.takenMs <= takenMs);
    return takenMs + (gap?.droppedMs ?? 0);
  }

  #drop(): void {
    const dropped = this.#chunks.shift();
    this.#droppedMs += (dropped?.length ?? 0) / SAMPLES_PER_MS;
    const gap = this.#gaps.at(-1);
    if (gap?.takenMs === this.#takenMs) gap.droppedMs = this.#droppedMs;
    else this.#gaps.push({ takenMs: this.#takenMs, droppedMs: this.#droppedMs });
    if (this.#gaps.length > MAX_GAPS) this.#gaps.shift();
  }
}
