/**
 * Says what one voice has to say in less time, as far as the governor wants it: longer pauses lose their middle, and the voice now and
 * then a period. Pure; works on what waits, just before it is played.
 *
 * Hard requirements: unhurried, not a sample is changed; a pause keeps its first 100 and its last 60 ms, so that no word loses its
 * end or its onset; every join is faded.
 */

import type { PlayoutRate } from './lag-controller.ts';
import type { PcmQueue } from './pcm-queue.ts';
import { crossfade, omitPeriod, STRETCH_LOOKAHEAD } from './time-stretch.ts';

const SAMPLES_PER_MS = 24;
const BLOCK = 5 * SAMPLES_PER_MS;
/** Of a pause, what has sounded before anything is left out, and what is kept before the next word. */
const PAUSE_HEAD = 100 * SAMPLES_PER_MS;
const PAUSE_TAIL = 60 * SAMPLES_PER_MS;
/** Left out at once. */
const TRIM_STEP = 20 * SAMPLES_PER_MS;
const FADE = 5 * SAMPLES_PER_MS;

/** Quiet against the voice's own loudness, of which half is forgotten in 5 s: 34 dB below it. */
const QUIET_SHARE = 1 / 50;
const LOUDNESS_DECAY = 0.5 ** (1 / 250);
/** Whatever the voice, and whatever the noise behind it. */
const MIN_QUIET_RMS = 16;
const MAX_QUIET_RMS = 300;

/** Where the periods differ more, it waits for a better place … */
const MAX_PERIOD_DIFFERENCE = 0.3;
/** … but not longer than this is owed. */
const MAX_OWED = 60 * SAMPLES_PER_MS;
const MIN_OWED = 5 * SAMPLES_PER_MS;
/** More is to come: a voice is not hurried to where it has to wait for it. */
const RESERVE = 500 * SAMPLES_PER_MS;

/** A gap between two phrases. */
const PHRASE_PAUSE = 200 * SAMPLES_PER_MS;
const MAX_PHRASE = 30_000 * SAMPLES_PER_MS;

export class TimeCompression {
  /** Samples that were left out. */
  trimmedSamples = 0;
  stretchedSamples = 0;
  #loudness = 0;
  /** How many quiet samples have just sounded. */
  #quietSamples = 0;
  #owedSamples = 0;

  /** Shortens the beginning of what waits. `complete`: no more comes. */
  apply(
    sound: PcmQueue,
    { trimsPauses, tempo }: PlayoutRate,
    { length, complete }: { length: number; complete: boolean },
  ) {
    if (!trimsPauses || (!complete && sound.length < RESERVE)) {
      this.#owedSamples = 0;
      return;
    }
    this.#trimPause(sound);
    this.#owedSamples = tempo === 1 ? 0 : Math.min(MAX_OWED * 2, this.#owedSamples + length * (tempo - 1));
    if (this.#owedSamples >= MIN_OWED) this.#omitPeriod(sound);
  }

  played(frame: Int16Array): void {
    this.#loudness = Math.max(rms(frame), this.#loudness * LOUDNESS_DECAY);
    this.#quietSamples = this.#isQuiet(frame) ? this.#quietSamples + frame.length : 0;
  }

  /** What sounded last was a pause. */
  get isQuiet(): boolean {
    return this.#quietSamples > 0;
  }

  /** A pause sounds now, and goes on. */
  isInPause(sound: PcmQueue): boolean {
    return this.#quietSamples >= PAUSE_HEAD && this.#isQuiet(sound.peek(TRIM_STEP));
  }

  /** From here to the end of the next phrase, in samples; undefined: its end has not come. */
  nextPhrase(sound: PcmQueue, complete: boolean): number | undefined {
    const ahead = sound.peek(MAX_PHRASE);
    let spoken = false;
    let quiet = 0;
    for (let at = 0; at + BLOCK <= ahead.length; at += BLOCK) {
      const isQuiet = this.#isQuiet(ahead.subarray(at, at + BLOCK));
      quiet = isQuiet ? quiet + BLOCK : 0;
      spoken ||= !isQuiet;
      if (spoken && quiet >= PHRASE_PAUSE) return at + BLOCK - PAUSE_TAIL;
    }
    return complete ? sound.length : undefined;
  }

  #trimPause(sound: PcmQueue): void {
    for (;;) {
      if (this.#quietSamples < PAUSE_HEAD) return;
      const ahead = sound.peek(TRIM_STEP + PAUSE_TAIL);
      if (ahead.length < TRIM_STEP + PAUSE_TAIL || !this.#isQuiet(ahead)) return;
      const gives = crossfade(ahead.subarray(0, FADE), ahead.subarray(TRIM_STEP, TRIM_STEP + FADE));
      sound.replaceHead(TRIM_STEP + FADE, gives);
      this.trimmedSamples += TRIM_STEP;
    }
  }

  #omitPeriod(sound: PcmQueue): void {
    const omission = omitPeriod(sound.peek(STRETCH_LOOKAHEAD));
    if (!omission || (omission.difference > MAX_PERIOD_DIFFERENCE && this.#owedSamples < MAX_OWED)) return;
    const { replacedSamples: takes, replacement: gives } = omission;
    sound.replaceHead(takes, gives);
    this.#owedSamples -= takes - gives.length;
    this.stretchedSamples += takes - gives.length;
  }

  #isQuiet(samples: Int16Array): boolean {
    const limit = Math.min(MAX_QUIET_RMS, Math.max(MIN_QUIET_RMS, this.#loudness * QUIET_SHARE));
    for (let at = 0; at < samples.length; at += BLOCK) if (rms(samples.subarray(at, at + BLOCK)) > limit) return false;
    return true;
  }
}

function rms(samples: Int16Array): number {
  let energy = 0;
  for (const sample of samples) energy += sample * sample;
  return samples.length === 0 ? 0 : Math.sqrt(energy / samples.length);
}
