/**
 * Says what one voice has to say in less time, as far as the governor wants it: longer pauses lose their middle, and the voice now and
 * then a period. Pure; works on what waits, just before it is played.
 *
 * Hard requirements: unhurried, not a sample is changed; a pause keeps its first 100 and its last 60 ms, so that no word loses its
 * end or its onset; every join is faded.
 */

import type { PcmQueue } from './pcm-queue.ts';
import type { PlayoutRate } from './playout-rate-controller.ts';
import { crossfaded, omitPeriod, STRETCH_LOOKAHEAD } from './time-stretch.ts';

const SAMPLES_PER_MS = 24;
const BLOCK = 5 * SAMPLES_PER_MS;
/** Of a pause, what has sounded before anything is left out, and what is kept before the next word. */
const KEPT_BEFORE = 100 * SAMPLES_PER_MS;
const KEPT_AFTER = 60 * SAMPLES_PER_MS;
/** Left out at once. */
const TRIMMED = 20 * SAMPLES_PER_MS;
const FADE = 5 * SAMPLES_PER_MS;

/** Quiet against the voice's own loudness, of which half is forgotten in 5 s: 34 dB below it. */
const QUIET_SHARE = 1 / 50;
const FORGETTING = 0.5 ** (1 / 250);
/** Whatever the voice, and whatever the noise behind it. */
const QUIET_AT_LEAST = 16;
const QUIET_AT_MOST = 300;

/** Where the periods differ more, it waits for a better place … */
const ALIKE = 0.3;
/** … but not longer than this is owed. */
const MOST_OWED = 60 * SAMPLES_PER_MS;
const LEAST_OWED = 5 * SAMPLES_PER_MS;
/** More is to come: a voice is not hurried to where it has to wait for it. */
const RESERVE = 500 * SAMPLES_PER_MS;

/** A gap between two phrases. */
const PHRASE_PAUSE = 200 * SAMPLES_PER_MS;
const LONGEST_PHRASE = 30_000 * SAMPLES_PER_MS;

export class TimeCompression {
  /** Samples that were left out. */
  trimmed = 0;
  stretched = 0;
  #loudness = 0;
  /** How many quiet samples have just sounded. */
  #quiet = 0;
  #owed = 0;

  /** Shortens the beginning of what waits. `complete`: no more comes. */
  apply(
    sound: PcmQueue,
    { trimsPauses, tempo }: PlayoutRate,
    { length, complete }: { length: number; complete: boolean },
  ) {
    if (!trimsPauses || (!complete && sound.length < RESERVE)) {
      this.#owed = 0;
      return;
    }
    this.#trimPause(sound);
    this.#owed = tempo === 1 ? 0 : Math.min(MOST_OWED * 2, this.#owed + length * (tempo - 1));
    if (this.#owed >= LEAST_OWED) this.#omitPeriod(sound);
  }

  played(frame: Int16Array): void {
    this.#loudness = Math.max(rms(frame), this.#loudness * FORGETTING);
    this.#quiet = this.#isQuiet(frame) ? this.#quiet + frame.length : 0;
  }

  /** What sounded last was a pause. */
  get isQuiet(): boolean {
    return this.#quiet > 0;
  }

  /** A pause sounds now, and goes on. */
  isInPause(sound: PcmQueue): boolean {
    return this.#quiet >= KEPT_BEFORE && this.#isQuiet(sound.peek(TRIMMED));
  }

  /** From here to the end of the next phrase, in samples; undefined: its end has not come. */
  nextPhrase(sound: PcmQueue, complete: boolean): number | undefined {
    const ahead = sound.peek(LONGEST_PHRASE);
    let spoken = false;
    let quiet = 0;
    for (let at = 0; at + BLOCK <= ahead.length; at += BLOCK) {
      const isQuiet = this.#isQuiet(ahead.subarray(at, at + BLOCK));
      quiet = isQuiet ? quiet + BLOCK : 0;
      spoken ||= !isQuiet;
      if (spoken && quiet >= PHRASE_PAUSE) return at + BLOCK - KEPT_AFTER;
    }
    return complete ? sound.length : undefined;
  }

  #trimPause(sound: PcmQueue): void {
    for (;;) {
      if (this.#quiet < KEPT_BEFORE) return;
      const ahead = sound.peek(TRIMMED + KEPT_AFTER);
      if (ahead.length < TRIMMED + KEPT_AFTER || !this.#isQuiet(ahead)) return;
      const gives = crossfaded(ahead.subarray(0, FADE), ahead.subarray(TRIMMED, TRIMMED + FADE));
      sound.shorten(TRIMMED + FADE, gives);
      this.trimmed += TRIMMED;
    }
  }

  #omitPeriod(sound: PcmQueue): void {
    const omission = omitPeriod(sound.peek(STRETCH_LOOKAHEAD));
    if (!omission || (omission.difference > ALIKE && this.#owed < MOST_OWED)) return;
    const { takes, gives } = omission;
    sound.shorten(takes, gives);
    this.#owed -= takes - gives.length;
    this.stretched += takes - gives.length;
  }

  #isQuiet(samples: Int16Array): boolean {
    const limit = Math.min(QUIET_AT_MOST, Math.max(QUIET_AT_LEAST, this.#loudness * QUIET_SHARE));
    for (let at = 0; at < samples.length; at += BLOCK) if (rms(samples.subarray(at, at + BLOCK)) > limit) return false;
    return true;
  }
}

function rms(samples: Int16Array): number {
  let energy = 0;
  for (const sample of samples) energy += sample * sample;
  return samples.length === 0 ? 0 : Math.sqrt(energy / samples.length);
}
