/**
 * The queue of speech on its way to the service: 16 kHz samples of any length go in, chunks of 100 ms come out, in order. It holds at
 * most 20 s before the session is live and 2 s afterwards; then the oldest chunk is dropped for the newest. It remembers what it
 * dropped, so that times reported by the service can be converted to times of the speech that was pushed.
 */
import { SPEECH_SAMPLE_RATE } from '../../../audio/sample-rates.ts';

const SAMPLES_PER_MS = SPEECH_SAMPLE_RATE / 1000;
/** 100 ms. */
export const AUDIO_CHUNK_SAMPLES = SPEECH_SAMPLE_RATE / 10;
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
  /** Dropped audio: from `takenMs` on, the service's clock is `droppedMs` behind the speech that was pushed. */
  readonly #gaps: { takenMs: number; droppedMs: number }[] = [];

  get droppedMs(): number {
    return this.#droppedMs;
  }

  /** Samples that do not fill a chunk wait for those that follow. */
  push(samples: Int16Array): void {
    for (let at = 0; at < samples.length; ) {
      const part = samples.subarray(at, at + AUDIO_CHUNK_SAMPLES - this.#partialLength);
      this.#partial.set(part, this.#partialLength);
      this.#partialLength += part.length;
      at += part.length;
      if (this.#partialLength === AUDIO_CHUNK_SAMPLES) this.flush();
    }
  }

  /** Turns the samples that wait into a chunk, however short. */
  flush(): void {
    if (this.#partialLength === 0) return;
    this.#chunks.push(this.#partial.subarray(0, this.#partialLength));
    this.#partial = new Int16Array(AUDIO_CHUNK_SAMPLES);
    this.#partialLength = 0;
    // One for one, so that speech from before the session was live is not thrown away at once.
    if (this.#chunks.length > this.#limit) this.#drop();
  }

  take(): Int16Array | undefined {
    const chunk = this.#chunks.shift();
    if (!chunk) return undefined;
    this.#takenMs += chunk.length / SAMPLES_PER_MS;
    return chunk;
  }

  /** The session is live: from now on old speech is dropped sooner, in favour of current speech. */
  goLive(): void {
    this.#limit = MAX_CHUNKS_LIVE;
  }

  /** Converts a time in the speech that was taken to a time in the speech that was pushed. */
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
