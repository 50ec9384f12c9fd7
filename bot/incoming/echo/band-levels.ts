/**
 * How loud 20 ms of sound are in each of 14 bands between 100 Hz and 7 kHz, in decibels, at whichever rate it was sampled: voices
 * that speak at once are seldom loud in the same bands.
 */
import { BINS, magnitudesOfTwo, WINDOW } from '../silero/spectrum.ts';

const EDGES_HZ = [100, 300, 500, 700, 900, 1150, 1400, 1700, 2050, 2450, 2950, 3600, 4400, 5500, 7000];
export const BANDS = EDGES_HZ.length - 1;
export const FRAME_MS = 20;
/** What is softer counts as silence: 90 dB below a tone at full scale. */
export const SILENT_DB = -50;

const CARRIED = 128;
const MOST_APART = 160;
const FULL_SCALE = 32_768;
const LEAST_POWER = 10 ** (SILENT_DB / 10);
const early = new Float32Array(BINS);
const late = new Float32Array(BINS);

export class BandLevels {
  /** The end of the frame before and the frame: no sound stands at the edge of all windows. */
  readonly #samples: Float32Array;
  /** Where windows begin, two by two; at most 160 samples apart. */
  readonly #windows: readonly (readonly [number, number])[];
  /** The band of each bin; −1: none. */
  readonly #bandOf: Int8Array;

  /** @param rate of the frames, in samples a second; 16 kHz at least */
  constructor(rate: number) {
    const frame = (rate * FRAME_MS) / 1000;
    const pairs = Math.ceil(frame / 2 / MOST_APART);
    const start = (i: number) => Math.floor((i * frame) / (2 * pairs));
    this.#samples = new Float32Array(frame + CARRIED);
    this.#windows = Array.from({ length: pairs }, (_, pair) => [start(2 * pair), start(2 * pair + 1)] as const);
    this.#bandOf = Int8Array.from({ length: BINS }, (_, bin) => bandAt((bin * rate) / WINDOW));
  }

  /** Writes the level of each band of the next 20 ms, from `at` on. */
  measure(frame: Int16Array, levels: Float32Array, at = 0): void {
    const samples = this.#samples;
    samples.copyWithin(0, samples.length - CARRIED);
    for (let i = CARRIED; i < samples.length; i++) samples[i] = (frame[i - CARRIED] ?? 0) / FULL_SCALE;
    levels.fill(LEAST_POWER, at, at + BANDS);
    for (const pair of this.#windows) {
      magnitudesOfTwo(samples, pair, [early, late]);
      for (let bin = 0; bin < BINS; bin++) {
        const band = this.#bandOf[bin] ?? -1;
        if (band < 0) continue;
        levels[at + band] = (levels[at + band] ?? 0) + (early[bin] ?? 0) ** 2 + (late[bin] ?? 0) ** 2;
      }
    }
    for (let i = at; i < at + BANDS; i++) levels[i] = 10 * Math.log10(levels[i] ?? 0);
  }
}

const bandAt = (hz: number): number => {
  const above = EDGES_HZ.findIndex((edge) => hz < edge);
  return above <= 0 ? -1 : above - 1;
};
