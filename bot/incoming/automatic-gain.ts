/**
 * Amplifies a quiet speaker to the level at which voice activity detectors and recognisers work, by following the speaker's own level
 * (automatic gain control). No timers, no sockets: it goes by the samples alone.
 *
 * Hard requirements: a voice of normal level stays as it is, sample by sample; nothing is clipped; within a word the gain never rises.
 */
import { peakOf } from '../../audio/level.ts';
import { SPEECH_SAMPLE_RATE } from '../../audio/sample-rates.ts';

const FULL_SCALE = 32_768;
const fromDb = (db: number): number => 10 ** (db / 20);

/** Sound is amplified until its peaks reach this level; a voice with louder peaks stays as it is. */
const TARGET_PEAK = FULL_SCALE * fromDb(-30);
/** 32 dB: a voice with peaks of −62 dBFS reaches the target. More would amplify the rounding of its samples. */
const MAX_GAIN = fromDb(32);
/** A peak counts in full for this long, so that a pause between two sentences does not raise the gain. */
const HOLD_SAMPLES = 3 * SPEECH_SAMPLE_RATE;
/** After that the level that is followed falls by this much per sample: 3 dB a second. */
const RELEASE_PER_SAMPLE = fromDb(-3) ** (1 / SPEECH_SAMPLE_RATE);
/** Quieter than any voice, as from a muted microphone: it is not amplified. Peak −80 dBFS. */
const MUTED_PEAK = FULL_SCALE * fromDb(-80);

/**
 * @example
 * const gain = new AutomaticGain();
 * gate.push(gain.push(samples));
 */
export class AutomaticGain {
  /** The peaks of the speaker's voice. It starts low, so that the first word of a quiet speaker is amplified too. */
  #level = TARGET_PEAK / MAX_GAIN;
  #samplesSincePeak = 0;

  /** Takes 16 kHz sound as it comes, and returns it amplified: the same array where it is loud enough. */
  push(samples: Int16Array): Int16Array {
    const peak = peakOf(samples);
    this.#follow(peak, samples.length);
    const gain = TARGET_PEAK / this.#level;
    if (gain <= 1 || peak < MUTED_PEAK) return samples;
    return samples.map((sample) => Math.round(sample * gain));
  }

  #follow(peak: number, samples: number): void {
    this.#samplesSincePeak += samples;
    if (peak >= this.#level) {
      this.#level = peak;
      this.#samplesSincePeak = 0;
    } else if (this.#samplesSincePeak > HOLD_SAMPLES) {
      this.#level = Math.max(peak, this.#level * RELEASE_PER_SAMPLE ** samples, TARGET_PEAK / MAX_GAIN);
    }
  }
}
