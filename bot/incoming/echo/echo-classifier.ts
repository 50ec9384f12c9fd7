/**
 * Says of a microphone's sound, block by block, whether it is nothing but echo of a far end: it measures the band levels of both on one
 * clock, and compares them (`EchoPath`).
 */
import { SPEECH_SAMPLE_RATE } from '../../../audio/sample-rates.ts';
import { BAND_COUNT, BAND_FRAME_MS, BandLevels, SILENCE_LEVEL_DB } from './band-levels.ts';
import { BLOCK_FRAMES, EchoPath, type EchoVerdict, MAX_DELAY_FRAMES, WINDOW_FRAMES } from './echo-path.ts';
import type { FarEndReference } from './far-end-reference.ts';

const FRAME_SAMPLES = (SPEECH_SAMPLE_RATE * BAND_FRAME_MS) / 1000;
const BLOCK_SAMPLES = BLOCK_FRAMES * FRAME_SAMPLES;
/** Jitter in frames: a block that arrives within this of its expected time follows the previous block without a gap. */
const JITTER_FRAMES = 3;

export class EchoClassifier {
  readonly #bands = new BandLevels(SPEECH_SAMPLE_RATE);
  readonly #path = new EchoPath();
  /** Band levels of the last frames. */
  readonly #microphoneLevels = new Float32Array(WINDOW_FRAMES * BAND_COUNT);
  readonly #farEndLevels = new Float32Array((WINDOW_FRAMES + MAX_DELAY_FRAMES) * BAND_COUNT);
  #frames = 0;
  /** Number of the last frame on the clock. */
  #lastFrame = 0;
  readonly #block = new Int16Array(BLOCK_SAMPLES);
  #filled = 0;

  /** The sound that follows has nothing to do with that before. What is known of the path from loudspeaker to microphone is kept. */
  restart(): void {
    this.#frames = 0;
    this.#filled = 0;
  }

  /**
   * Takes 16 kHz sound as it comes.
   *
   * @param references the far ends that are audible
   * @param endMs when the last sample was recorded, on the clock by which the far end is played
   * @param onVerdict called for each block that is complete, with when it ended
   */
  push(
    samples: Int16Array,
    references: readonly FarEndReference[],
    endMs: number,
    onVerdict: (verdict: EchoVerdict, endMs: number) => void,
  ): void {
    for (let at = 0; at < samples.length; ) {
      const part = samples.subarray(at, at + BLOCK_SAMPLES - this.#filled);
      this.#block.set(part, this.#filled);
      this.#filled += part.length;
      at += part.length;
      if (this.#filled < BLOCK_SAMPLES) return;
      const blockEndMs = endMs - ((samples.length - at) * 1000) / SPEECH_SAMPLE_RATE;
      onVerdict(this.#classifyBlock(references, blockEndMs), blockEndMs);
    }
  }

  #classifyBlock(references: readonly FarEndReference[], endMs: number): EchoVerdict {
    this.#filled = 0;
    this.#advanceTo(Math.floor(endMs / BAND_FRAME_MS));
    this.#microphoneLevels.copyWithin(0, BLOCK_FRAMES * BAND_COUNT);
    for (let frame = 0; frame < BLOCK_FRAMES; frame++) {
      const samples = this.#block.subarray(frame * FRAME_SAMPLES, (frame + 1) * FRAME_SAMPLES);
      this.#bands.measure(samples, this.#microphoneLevels, (WINDOW_FRAMES - BLOCK_FRAMES + frame) * BAND_COUNT);
    }
    this.#frames = Math.min(WINDOW_FRAMES, this.#frames + BLOCK_FRAMES);
    const microphone = this.#microphoneLevels.subarray((WINDOW_FRAMES - this.#frames) * BAND_COUNT);
    const farEnd = this.#farEndLevels.subarray((WINDOW_FRAMES - this.#frames) * BAND_COUNT).fill(SILENCE_LEVEL_DB);
    for (const reference of references)
      reference.raiseLevels(farEnd, this.#lastFrame - this.#frames - MAX_DELAY_FRAMES + 1);
    return this.#path.classify(microphone, farEnd);
  }

  /** Fills a gap with silence, as packets that were not decoded were too quiet; restarts where the gap is too long or negative. */
  #advanceTo(number: number): void {
    const next = this.#lastFrame + BLOCK_FRAMES;
    const missing = number - next;
    const inTime = Math.abs(missing) <= JITTER_FRAMES;
    if (this.#frames > 0 && missing > JITTER_FRAMES && missing < WINDOW_FRAMES) {
      this.#microphoneLevels.copyWithin(0, missing * BAND_COUNT);
      this.#microphoneLevels.fill(SILENCE_LEVEL_DB, (WINDOW_FRAMES - missing) * BAND_COUNT);
      this.#frames = Math.min(WINDOW_FRAMES, this.#frames + missing);
    } else if (!inTime) this.#frames = 0;
    this.#lastFrame = inTime && this.#frames > 0 ? next : number;
  }
}
