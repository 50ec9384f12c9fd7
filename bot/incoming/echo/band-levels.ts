/**
 * Measures how loud 20 ms of sound are in each of 14 bands between 100 Hz and 7 kHz, in decibels. The echo suppressor compares
 * microphone and far end by these levels: two voices that speak at once are seldom loud in the same bands.
 *
 * The levels are not calibrated: they add up windows, of which a higher sample rate has more, so that a tone measures about 2 dB higher at
 * 24 kHz than at 16 kHz.
 */
import { FFT_SIZE, magnitudeSpectrum, SPECTRUM_BINS } from '../../../audio/spectrum.ts';

const EDGES_HZ = [100, 300, 500, 700, 900, 1150, 1400, 1700, 2050, 2450, 2950, 3600, 4400, 5500, 7000];
/** How many bands there are. */
export const BAND_COUNT = EDGES_HZ.length - 1;
/** Milliseconds of sound in one measurement. */
export const BAND_FRAME_MS = 20;
/** The level of silence; lower levels are raised to it. It is 90 dB below a tone at full scale at 16 kHz. */
export const SILENCE_LEVEL_DB = -50;

const OVERLAP_SAMPLES = 128;
const MAX_HOP_SAMPLES = 160;
const FULL_SCALE = 32_768;
const MIN_POWER = 10 ** (SILENCE_LEVEL_DB / 10);
const spectrum = new Float32Array(SPECTRUM_BINS);

export class BandLevels {
  /** The end of the previous frame and the frame: as frames overlap, no sound falls at the edge of all windows. */
  readonly #samples: Float32Array;
  /** Where windows start, at most `MAX_HOP_SAMPLES` apart. */
  readonly #windows: readonly number[];
  /** The band of each bin of the spectrum; −1 where it belongs to none. */
  readonly #bandOf: Int8Array;

  /** @param rate samples per second of the frames; at least 16 kHz */
  constructor(rate: number) {
    const frame = (rate * BAND_FRAME_MS) / 1000;
    const windows = Math.ceil(frame / MAX_HOP_SAMPLES);
    this.#samples = new Float32Array(frame + OVERLAP_SAMPLES);
    this.#windows = Array.from({ length: windows }, (_, i) => Math.floor((i * frame) / windows));
    this.#bandOf = Int8Array.from({ length: SPECTRUM_BINS }, (_, bin) => bandAt((bin * rate) / FFT_SIZE));
  }

  /** Writes the band levels of the next 20 ms into `levels`, from index `at` on. */
  measure(frame: Int16Array, levels: Float32Array, at = 0): void {
    const samples = this.#samples;
    samples.copyWithin(0, samples.length - OVERLAP_SAMPLES);
    for (let i = OVERLAP_SAMPLES; i < samples.length; i++) samples[i] = (frame[i - OVERLAP_SAMPLES] ?? 0) / FULL_SCALE;
    levels.fill(MIN_POWER, at, at + BAND_COUNT);
    for (const start of this.#windows) {
      magnitudeSpectrum(samples, start, spectrum);
      for (let bin = 0; bin < SPECTRUM_BINS; bin++) {
        const band = this.#bandOf[bin] ?? -1;
        if (band < 0) continue;
        levels[at + band] = (levels[at + band] ?? 0) + (spectrum[bin] ?? 0) ** 2;
      }
    }
    for (let i = at; i < at + BAND_COUNT; i++) levels[i] = 10 * Math.log10(levels[i] ?? 0);
  }
}

const bandAt = (hz: number): number => {
  const above = EDGES_HZ.findIndex((edge) => hz < edge);
  return above <= 0 ? -1 : above - 1;
};
