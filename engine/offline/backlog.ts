/** Audio that waits to be heard: a queue of samples that holds no more than its bound. */
export class SampleQueue {
  readonly #maxSamples: number;
  readonly #chunks: Int16Array[] = [];
  #samples = 0;

  constructor(maxSamples: number) {
    this.#maxSamples = maxSamples;
  }

  /** False: there is no room, and none of it was taken. */
  push(samples: Int16Array): boolean {
    if (this.#samples + samples.length > this.#maxSamples) return false;
    if (samples.length > 0) this.#chunks.push(samples);
    this.#samples += samples.length;
    return true;
  }

  /** The oldest samples, at most so many. Empty: nothing waits. */
  take(maxSamples: number): Int16Array {
    const taken = new Int16Array(Math.min(maxSamples, this.#samples));
    let length = 0;
    while (length < taken.length) {
      const chunk = this.#chunks.shift();
      if (!chunk) break;
      const part = chunk.subarray(0, taken.length - length);
      taken.set(part, length);
      length += part.length;
      if (part.length < chunk.length) this.#chunks.unshift(chunk.subarray(part.length));
    }
    this.#samples -= length;
    return taken;
  }

  clear(): void {
    this.#chunks.length = 0;
    this.#samples = 0;
  }
}
