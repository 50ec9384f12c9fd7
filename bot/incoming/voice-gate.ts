/**
 * Lets a microphone's sound through while somebody speaks. No timers, no sockets: it goes by the samples alone.
 *
 * Hard requirement: the first word is whole (the 400 ms before it was detected come along), and a pause of less than 1.5 s does not
 * close the gate, so that a translation service gets the silence by which it ends a sentence.
 */
import { SPEECH_SAMPLE_RATE } from '../../audio/sample-rates.ts';
import { SileroVoiceActivityDetector, type VoiceActivityDetector } from './voice-activity-detector.ts';

const PRE_ROLL_SAMPLES = 0.4 * SPEECH_SAMPLE_RATE;
const HANGOVER_SAMPLES = 1.5 * SPEECH_SAMPLE_RATE;

/**
 * @example
 * const gate = new VoiceGate();
 * for (const part of gate.push(samples)) send(part);
 */
export class VoiceGate {
  readonly #detector: VoiceActivityDetector;
  #preRoll: Int16Array[] = [];
  #preRollSamples = 0;
  #quietSamples = 0;
  #isOpen = false;

  constructor(detector: VoiceActivityDetector = new SileroVoiceActivityDetector()) {
    this.#detector = detector;
  }

  /** Somebody speaks, or did within the last 1.5 s. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Somebody speaks right now: the gate is open, and not because of a pause that may be the end of the speech. */
  get isSpeech(): boolean {
    return this.#isOpen && this.#quietSamples === 0;
  }

  /**
   * Takes 16 kHz sound as it comes, at most 120 ms at a time, and returns what passes the gate, in order.
   * @param options.mayOpen false: whatever it is, speech does not begin with it. Default: true
   */
  push(samples: Int16Array, { mayOpen = true } = {}): Int16Array[] {
    const isSpeech = this.#detector.push(samples);
    if (isSpeech && (mayOpen || this.#isOpen)) return this.#open(samples);
    if (!this.#isOpen) {
      this.#addToPreRoll(samples);
      return [];
    }
    this.#quietSamples += samples.length;
    if (this.#quietSamples >= HANGOVER_SAMPLES) this.#isOpen = false;
    return [samples];
  }

  #open(samples: Int16Array): Int16Array[] {
    this.#isOpen = true;
    this.#quietSamples = 0;
    const passed = [...this.#preRoll, samples];
    this.#preRoll = [];
    this.#preRollSamples = 0;
    return passed;
  }

  #addToPreRoll(samples: Int16Array): void {
    this.#preRoll.push(samples);
    this.#preRollSamples += samples.length;
    while (this.#preRollSamples - (this.#preRoll[0]?.length ?? 0) >= PRE_ROLL_SAMPLES) {
      this.#preRollSamples -= this.#preRoll.shift()?.length ?? 0;
    }
  }
}
