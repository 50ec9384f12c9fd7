/**
 * Silences a microphone while it picks up nothing but echo: the far end, which is the channels that its owner plays through a loudspeaker.
 * An interpreter's own speech is therefore not interpreted again.
 *
 * Hard requirement: what somebody says is never silenced. While a far end is audible, the microphone's sound is held for up to 800 ms
 * until it is classified; sound that is anything but echo passes unchanged, and so does everything within 1 s after it. As many
 * samples come out as went in, in the same order. While no far end is audible, nothing is computed and nothing is held.
 */

import { levelDb } from '../../../audio/level.ts';
import { SPEECH_SAMPLE_RATE } from '../../../audio/sample-rates.ts';
import { BAND_COUNT, BAND_FRAME_MS, BandLevels, SILENCE_LEVEL_DB } from './band-levels.ts';
import { BLOCK_FRAMES, EchoPath, type EchoVerdict, MAX_DELAY_FRAMES, WINDOW_FRAMES } from './echo-path.ts';
import type { FarEndReference } from './far-end-reference.ts';

const FRAME_SAMPLES = (SPEECH_SAMPLE_RATE * BAND_FRAME_MS) / 1000;
const BLOCK_SAMPLES = BLOCK_FRAMES * FRAME_SAMPLES;
const MAX_HELD_SAMPLES = 0.8 * SPEECH_SAMPLE_RATE;
/** After near-end sound everything passes for this long, because the next word may follow. */
const NEAR_END_HANGOVER_MS = 1000;
/** Jitter in frames: a block that arrives within this of its expected time follows the previous block without a gap. */
const JITTER_FRAMES = 3;
const AUDIBLE_DB = -60;

interface CaptureTime {
  /** When the last sample was recorded, on the clock by which the far end is played. */
  nowMs: number;
  /** Speech was detected in the sound just before. */
  isSpeaking: boolean;
}

export class EchoSuppressor {
  readonly #farEndReferences: () => readonly FarEndReference[];
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
    if (!this.#isFarEndActive) this.#start(time);
    for (let at = 0; at < samples.length; ) {
      const part = samples.subarray(at, at + BLOCK_SAMPLES - this.#filled);
      this.#block.set(part, this.#filled);
      this.#filled += part.length;
      at += part.length;
      if (this.#filled === BLOCK_SAMPLES)
        this.#classifyBlock(audible, nowMs - ((samples.length - at) * 1000) / SPEECH_SAMPLE_RATE);
    }
    return nowMs < this.#passesUntilMs ? this.#release(0) : this.#release(MAX_HELD_SAMPLES);
  }

  #start({ nowMs, isSpeaking }: CaptureTime): void {
    this.#isFarEndActive = true;
    this.#verdict = 'unknown';
    this.#frames = 0;
    this.#filled = 0;
    if (isSpeaking) this.#passesUntilMs = nowMs + NEAR_END_HANGOVER_MS;
  }

  #stop(): Int16Array[] {
    this.#isFarEndActive = false;
    this.#verdict = 'unknown';
    return this.#release(0);
  }

  #classifyBlock(references: readonly FarEndReference[], endMs: number): void {
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
    this.#verdict = this.#path.classify(microphone, farEnd);
    if (this.#verdict === 'nearEnd') this.#passesUntilMs = endMs + NEAR_END_HANGOVER_MS;
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
