/**
 * Silences a microphone while it picks up nothing but echo: the far end, which is the channels that its owner plays through a loudspeaker.
 * An interpreter's own speech is therefore not interpreted again.
 *
 * Hard requirement: what somebody says is never silenced. While a far end is audible, the microphone's sound is held for up to 800 ms
 * until it is classified; sound that is anything but echo passes unchanged, and so does everything within 1 s after it. As many
 * samples come out as went in, in the same order. While no far end is audible, nothing is computed and nothing is held; before one is
 * for the first time, nothing is kept for it either.
 */

import { levelDb } from '../../../audio/level.ts';
import { SPEECH_SAMPLE_RATE } from '../../../audio/sample-rates.ts';
import { EchoClassifier } from './echo-classifier.ts';
import type { EchoVerdict } from './echo-path.ts';
import type { FarEndReference } from './far-end-reference.ts';

const MAX_HELD_SAMPLES = 0.8 * SPEECH_SAMPLE_RATE;
/** After near-end sound everything passes for this long, because the next word may follow. */
const NEAR_END_HANGOVER_MS = 1000;
const AUDIBLE_DB = -60;

interface CaptureTime {
  /** When the last sample was recorded, on the clock by which the far end is played. */
  nowMs: number;
  /** Speech was detected in the sound just before. */
  isSpeaking: boolean;
}

export class EchoSuppressor {
  readonly #farEndReferences: () => readonly FarEndReference[];
  #classifier: EchoClassifier | undefined;
  #held: Int16Array[] = [];
  #heldSamples = 0;
  #verdict: EchoVerdict = 'unknown';
  #passesUntilMs = Number.NEGATIVE_INFINITY;
  #isFarEndActive = false;
  #silencedMs = 0;

  /** @param farEndReferences returns those of the channels that the microphone's owner listens to now */
  constructor(farEndReferences: () => readonly FarEndReference[]) {
    this.#farEndReferences = farEndReferences;
  }

  /** Milliseconds of sound that went in and have not come out yet. */
  get heldMs(): number {
    return (this.#heldSamples * 1000) / SPEECH_SAMPLE_RATE;
  }

  /** Milliseconds of audible sound that were silenced. */
  get silencedMs(): number {
    return this.#silencedMs;
  }

  /** Takes 16 kHz sound as it comes, and returns the sound that leaves now. */
  push(samples: Int16Array, time: CaptureTime): Int16Array[] {
    const { nowMs } = time;
    const audible = this.#farEndReferences().filter((farEnd) => farEnd.isAudibleAt(nowMs));
    this.#hold(samples);
    if (audible.length === 0) return this.#stop();
    this.#classifier ??= new EchoClassifier();
    if (!this.#isFarEndActive) this.#start(this.#classifier, time);
    this.#classifier.push(samples, audible, nowMs, (verdict, endMs) => {
      this.#verdict = verdict;
      if (verdict === 'nearEnd') this.#passesUntilMs = endMs + NEAR_END_HANGOVER_MS;
    });
    return nowMs < this.#passesUntilMs ? this.#release(0) : this.#release(MAX_HELD_SAMPLES);
  }

  #start(classifier: EchoClassifier, { nowMs, isSpeaking }: CaptureTime): void {
    classifier.restart();
    this.#isFarEndActive = true;
    this.#verdict = 'unknown';
    if (isSpeaking) this.#passesUntilMs = nowMs + NEAR_END_HANGOVER_MS;
  }

  #stop(): Int16Array[] {
    this.#isFarEndActive = false;
    this.#verdict = 'unknown';
    return this.#release(0);
  }

  #hold(samples: Int16Array): void {
    this.#held.push(samples);
    this.#heldSamples += samples.length;
  }

  /** Releases sound until no more than `maxHeld` samples are held. */
  #release(maxHeld: number): Int16Array[] {
    const released: Int16Array[] = [];
    while (this.#heldSamples > maxHeld) {
      const samples = this.#held.shift();
      if (!samples) break;
      this.#heldSamples -= samples.length;
      released.push(maxHeld > 0 && this.#verdict === 'echo' ? this.#silence(samples) : samples);
    }
    return released;
  }

  #silence(samples: Int16Array): Int16Array {
    if (levelDb(samples) > AUDIBLE_DB) this.#silencedMs += (samples.length * 1000) / SPEECH_SAMPLE_RATE;
    return new Int16Array(samples.length);
  }
}
