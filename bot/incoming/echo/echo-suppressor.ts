/**
 * Silences a microphone while it hears nothing but the channel that its owner listens to from a loudspeaker: what an interpreter said
 * is not interpreted again.
 *
 * Hard requirement: what somebody says is never silenced. While a channel sounds, what the microphone hears is held for up to 800 ms
 * until it is clear what it is, let through as it was where it is anything but echo, and so is what follows for 1 s. Samples come
 * out as many as went in, in order. Where nothing plays it costs nothing and holds nothing.
 */
import { DECODED_RATE } from '../../../audio/opus-codec.ts';
import { level } from '../voice-gate.ts';
import { BANDS, BandLevels, FRAME_MS, SILENT_DB } from './band-levels.ts';
import { BLOCK_FRAMES, EchoPath, type EchoVerdict, MAX_DELAY_FRAMES, WINDOW_FRAMES } from './echo-path.ts';
import type { FarEndReference } from './far-end-reference.ts';

const FRAME_SAMPLES = (DECODED_RATE * FRAME_MS) / 1000;
const BLOCK_SAMPLES = BLOCK_FRAMES * FRAME_SAMPLES;
const HOLD_SAMPLES = 0.8 * DECODED_RATE;
/** After a word, the next. */
const SPEECH_HOLDS_MS = 1000;
/** Packets that come later or sooner than in time are still in order. */
const JITTER_FRAMES = 3;
const AUDIBLE_DB = -60;

export interface CaptureTime {
  /** When the last sample was recorded, by the clock by which the channels play. */
  nowMs: number;
  /** Somebody was heard to speak just before. */
  isSpeaking: boolean;
}

export class EchoSuppressor {
  readonly #channels: () => readonly FarEndReference[];
  readonly #bands = new BandLevels(DECODED_RATE);
  readonly #path = new EchoPath();
  /** The levels of the last frames. */
  readonly #heard = new Float32Array(WINDOW_FRAMES * BANDS);
  readonly #played = new Float32Array((WINDOW_FRAMES + MAX_DELAY_FRAMES) * BANDS);
  #frames = 0;
  /** The number of the last frame on the clock. */
  #last = 0;
  readonly #block = new Int16Array(BLOCK_SAMPLES);
  #filled = 0;
  #held: Int16Array[] = [];
  #heldSamples = 0;
  #verdict: EchoVerdict = 'unknown';
  #speechUntilMs = Number.NEGATIVE_INFINITY;
  #isListening = false;
  #silencedMs = 0;

  /** @param channels those that the microphone's owner listens to */
  constructor(channels: () => readonly FarEndReference[]) {
    this.#channels = channels;
  }

  /** How much of what went in has not come out yet. */
  get heldMs(): number {
    return (this.#heldSamples * 1000) / DECODED_RATE;
  }

  /** How much sound was silenced. */
  get silencedMs(): number {
    return this.#silencedMs;
  }

  /** Takes 16 kHz sound as it comes, and returns what is to be heard of what it holds. */
  push(samples: Int16Array, moment: CaptureTime): Int16Array[] {
    const { nowMs } = moment;
    const channels = this.#channels().filter((channel) => channel.isHeardAt(nowMs));
    this.#hold(samples);
    if (channels.length === 0) return this.#rest();
    if (!this.#isListening) this.#begin(moment);
    for (let at = 0; at < samples.length; ) {
      const part = samples.subarray(at, at + BLOCK_SAMPLES - this.#filled);
      this.#block.set(part, this.#filled);
      this.#filled += part.length;
      at += part.length;
      if (this.#filled === BLOCK_SAMPLES) this.#judge(channels, nowMs - ((samples.length - at) * 1000) / DECODED_RATE);
    }
    return nowMs < this.#speechUntilMs ? this.#release(0) : this.#release(HOLD_SAMPLES);
  }

  #begin({ nowMs, isSpeaking }: CaptureTime): void {
    this.#isListening = true;
    this.#verdict = 'unknown';
    this.#frames = 0;
    this.#filled = 0;
    if (isSpeaking) this.#speechUntilMs = nowMs + SPEECH_HOLDS_MS;
  }

  #rest(): Int16Array[] {
    this.#isListening = false;
    this.#verdict = 'unknown';
    return this.#release(0);
  }

  #judge(channels: readonly FarEndReference[], endMs: number): void {
    this.#filled = 0;
    this.#advanceTo(Math.floor(endMs / FRAME_MS));
    this.#heard.copyWithin(0, BLOCK_FRAMES * BANDS);
    for (let frame = 0; frame < BLOCK_FRAMES; frame++) {
      const samples = this.#block.subarray(frame * FRAME_SAMPLES, (frame + 1) * FRAME_SAMPLES);
      this.#bands.measure(samples, this.#heard, (WINDOW_FRAMES - BLOCK_FRAMES + frame) * BANDS);
    }
    this.#frames = Math.min(WINDOW_FRAMES, this.#frames + BLOCK_FRAMES);
    const heard = this.#heard.subarray((WINDOW_FRAMES - this.#frames) * BANDS);
    const played = this.#played.subarray((WINDOW_FRAMES - this.#frames) * BANDS).fill(SILENT_DB);
    for (const channel of channels) channel.addTo(played, this.#last - this.#frames - MAX_DELAY_FRAMES + 1);
    this.#verdict = this.#path.judge(heard, played);
    if (this.#verdict === 'speech') this.#speechUntilMs = endMs + SPEECH_HOLDS_MS;
  }

  /** What was not decoded was too soft to be heard; what comes before its time tells that the frames before came late. */
  #advanceTo(number: number): void {
    const next = this.#last + BLOCK_FRAMES;
    const missing = number - next;
    const inTime = Math.abs(missing) <= JITTER_FRAMES;
    if (this.#frames > 0 && missing > JITTER_FRAMES && missing < WINDOW_FRAMES) {
      this.#heard.copyWithin(0, missing * BANDS);
      this.#heard.fill(SILENT_DB, (WINDOW_FRAMES - missing) * BANDS);
      this.#frames = Math.min(WINDOW_FRAMES, this.#frames + missing);
    } else if (!inTime) this.#frames = 0;
    this.#last = inTime && this.#frames > 0 ? next : number;
  }

  #hold(samples: Int16Array): void {
    this.#held.push(samples);
    this.#heldSamples += samples.length;
  }

  /** Until no more than `most` samples are held. */
  #release(most: number): Int16Array[] {
    const released: Int16Array[] = [];
    while (this.#heldSamples > most) {
      const samples = this.#held.shift();
      if (!samples) break;
      this.#heldSamples -= samples.length;
      released.push(most > 0 && this.#verdict === 'echo' ? this.#silenced(samples) : samples);
    }
    return released;
  }

  #silenced(samples: Int16Array): Int16Array {
    if (level(samples) > AUDIBLE_DB) this.#silencedMs += (samples.length * 1000) / DECODED_RATE;
    return new Int16Array(samples.length);
  }
}
