/**
 * Time compression of one voice, as far as the lag control asks for it: pauses are trimmed in their middle, and pitch periods are left
 * out (`time-stretch.ts`). Works on the queued sound just before it is played. No timers, no sockets.
 *
 * Hard requirements: at normal rate not a sample is changed; a pause keeps its first 100 ms and its last 60 ms, so that no word loses
 * its end or its onset; every join is faded.
 */
import { rms } from '../../audio/level.ts';
import type { PlayoutRate } from './lag-controller.ts';
import { type PcmQueue, VOICE_SAMPLES_PER_MS } from './pcm-queue.ts';
import { crossfade, omitPeriod, STRETCH_LOOKAHEAD } from './time-stretch.ts';

const BLOCK = 5 * VOICE_SAMPLES_PER_MS;
/** The part of a pause that is played before anything is trimmed, and the part that is kept before the next word. */
const PAUSE_HEAD = 100 * VOICE_SAMPLES_PER_MS;
const PAUSE_TAIL = 60 * VOICE_SAMPLES_PER_MS;
/** Samples that are trimmed at a time. */
const TRIM_STEP = 20 * VOICE_SAMPLES_PER_MS;
const FADE = 5 * VOICE_SAMPLES_PER_MS;

/** Audio is quiet if it is 34 dB below the loudness of the voice. */
const QUIET_SHARE = 1 / 50;
/** Factor by which the measured loudness decays with each frame of 20 ms: by half in 5 s. */
const LOUDNESS_DECAY = 0.5 ** (1 / 250);
/** Limits of the level below which audio is quiet, whatever the voice and the background noise. */
const MIN_QUIET_RMS = 16;
const MAX_QUIET_RMS = 300;

/** Two periods that differ more than this are not merged, unless `MAX_OWED` samples are owed. */
const MAX_PERIOD_DIFFERENCE = 0.3;
const MAX_OWED = 60 * VOICE_SAMPLES_PER_MS;
/** A period is left out only when at least this many samples are owed. */
const MIN_OWED = 5 * VOICE_SAMPLES_PER_MS;
/** While an utterance is not complete, this much stays queued: a voice that is sped up must not run out of audio. */
const RESERVE = 500 * VOICE_SAMPLES_PER_MS;

/** A pause of this length separates two phrases. */
const PHRASE_PAUSE = 200 * VOICE_SAMPLES_PER_MS;
const MAX_PHRASE = 30_000 * VOICE_SAMPLES_PER_MS;

export class TimeCompression {
  /** Samples of pauses that were left out. */
  trimmedSamples = 0;
  /** Samples that were left out by raising the tempo. */
  stretchedSamples = 0;
  #loudness = 0;
  /** Length of the pause that is being played, in samples; 0 outside pauses. */
  #quietSamples = 0;
  /** Samples that the tempo requires to be left out and that have not been. */
  #owedSamples = 0;

  /** Compresses the head of the queued sound before `length` samples of it are played; `complete` says that no more sound comes. */
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

  /** Takes each frame as it is played. */
  played(frame: Int16Array): void {
    this.#loudness = Math.max(rms(frame), this.#loudness * LOUDNESS_DECAY);
    this.#quietSamples = this.#isQuiet(frame) ? this.#quietSamples + frame.length : 0;
  }

  /** A pause is being played. */
  get isQuiet(): boolean {
    return this.#quietSamples > 0;
  }

  /** A pause is being played, and the queued sound continues it. */
  isInPause(sound: PcmQueue): boolean {
    return this.#quietSamples >= PAUSE_HEAD && this.#isQuiet(sound.peek(TRIM_STEP));
  }

  /** Samples from the head to the end of the next phrase; undefined where its end has not arrived. */
  nextPhrase(sound: PcmQueue, complete: boolean): number | undefined {
    const ahead = sound.peek(MAX_PHRASE);
    let hasSpeech = false;
    let quiet = 0;
    for (let at = 0; at + BLOCK <= ahead.length; at += BLOCK) {
      const isQuiet = this.#isQuiet(ahead.subarray(at, at + BLOCK));
      quiet = isQuiet ? quiet + BLOCK : 0;
      hasSpeech ||= !isQuiet;
      if (hasSpeech && quiet >= PHRASE_PAUSE) return at + BLOCK - PAUSE_TAIL;
    }
    return complete ? sound.length : undefined;
  }

  #trimPause(sound: PcmQueue): void {
    for (;;) {
      if (this.#quietSamples < PAUSE_HEAD) return;
      const ahead = sound.peek(TRIM_STEP + PAUSE_TAIL);
      if (ahead.length < TRIM_STEP + PAUSE_TAIL || !this.#isQuiet(ahead)) return;
      const joined = crossfade(ahead.subarray(0, FADE), ahead.subarray(TRIM_STEP, TRIM_STEP + FADE));
      sound.replaceHead(TRIM_STEP + FADE, joined);
      this.trimmedSamples += TRIM_STEP;
    }
  }

  #omitPeriod(sound: PcmQueue): void {
    const omission = omitPeriod(sound.peek(STRETCH_LOOKAHEAD));
    if (!omission || (omission.difference > MAX_PERIOD_DIFFERENCE && this.#owedSamples < MAX_OWED)) return;
    const { replacedSamples, replacement } = omission;
    sound.replaceHead(replacedSamples, replacement);
    this.#owedSamples -= replacedSamples - replacement.length;
    this.stretchedSamples += replacedSamples - replacement.length;
  }

  #isQuiet(samples: Int16Array): boolean {
    const limit = Math.min(MAX_QUIET_RMS, Math.max(MIN_QUIET_RMS, this.#loudness * QUIET_SHARE));
    for (let at = 0; at < samples.length; at += BLOCK) if (rms(samples.subarray(at, at + BLOCK)) > limit) return false;
    return true;
  }
}
