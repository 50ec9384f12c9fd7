/**
 * Tells whether what a microphone sends is no recording of anything: random bytes, which libopus mostly decodes to loud noise and sometimes
 * refuses. The voice activity detector takes up to a third of that noise for speech.
 *
 * Of the last packets either many cannot be decoded, or the configuration in their first byte (RFC 6716 §3.1) changes again and again, as no
 * encoder does it; or of the last two seconds of sound many frames clip, and the level leaps from each 20 ms to the next and back again.
 * Speech into an overdriven microphone clips too, and where its level leaps, at the beginning and end of a word, it does not turn back at once.
 * A sender is believed again only when two seconds of its sound were fine. No timers, no sockets.
 */
import { SPEECH_SAMPLE_RATE } from '../../audio/sample-rates.ts';
import { SlidingMean } from '../../collections/sliding-mean.ts';

/** How many packets, and frames of 20 ms, are looked at. */
const WINDOW = 100;
/** Fewer packets prove nothing. */
const MIN_COUNT = 15;
/** Nor do fewer frames: a loud word after silence leaps and turns back as noise does, for a while. */
const MIN_FRAMES = 25;
const FRAME_SAMPLES = 0.02 * SPEECH_SAMPLE_RATE;
/** Shares of the window. */
const MAX_UNDECODABLE = 0.2;
const MAX_CONFIGURATION_CHANGES = 0.5;
const MAX_CLIPPED = 0.04;
/** The mean difference in dB between one frame and the next: up to 6.1 in recorded speech that clips, and 5 to 10 in nearly all decoded noise. */
const MAX_LEAP_DB = 5;
/** How far the level turns back after a leap, on average: at most 1.1 in speech that clips and leaps, and 1.1 to 2.5 in nearly all decoded noise. */
const MAX_TURN_DB = 1.1;
/** Quieter frames count as this: root mean square. */
const FLOOR_RMS = 500;
const CLIPPED = 32_767;

export class GarbageDetector {
  readonly #undecodable = new SlidingMean(WINDOW);
  readonly #configurationChanges = new SlidingMean(WINDOW);
  readonly #clipped = new SlidingMean(WINDOW);
  readonly #leapsDb = new SlidingMean(WINDOW);
  readonly #turnsDb = new SlidingMean(WINDOW);
  #configuration: number | undefined;
  /** The frame that is being measured: a packet may be shorter than a frame, or longer. */
  #frame = { samples: 0, energy: 0, isClipped: false };
  #levelDb: number | undefined;
  #lastLeapDb = 0;
  /** Milliseconds of sound since anything was wrong. */
  #fineMs = 0;
  #isGarbage = false;

  /** The sound is no recording: to be taken for silence. */
  get isGarbage(): boolean {
    return this.#isGarbage;
  }

  /** Something was wrong with the first packets, of which too few have come to know: no speech begins with them. */
  get isDoubtful(): boolean {
    const isNew = this.#undecodable.count < MIN_COUNT || this.#clipped.count < MIN_COUNT;
    if (!isNew) return this.#clipped.count < MIN_FRAMES && this.#isNoisy;
    return this.#undecodable.mean > 0 || this.#configurationChanges.mean > 0 || this.#clipped.mean > 0;
  }

  /** Takes the next packet of the stream and its sound at 16 kHz; undefined where it could not be decoded. */
  push(payload: Uint8Array, samples: Int16Array | undefined): void {
    const configuration = (payload[0] ?? 0) >> 3;
    this.#configurationChanges.push(this.#configuration === undefined || configuration === this.#configuration ? 0 : 1);
    this.#configuration = configuration;
    this.#undecodable.push(samples ? 0 : 1);
    for (const sample of samples ?? []) this.#measure(sample);
    if (this.#isSuspect) {
      this.#isGarbage = true;
      this.#fineMs = 0;
      return;
    }
    this.#fineMs += ((samples?.length ?? 0) / SPEECH_SAMPLE_RATE) * 1000;
    if (this.#fineMs >= (WINDOW * FRAME_SAMPLES * 1000) / SPEECH_SAMPLE_RATE) this.#isGarbage = false;
  }

  get #isSuspect(): boolean {
    const { count, mean: undecodable } = this.#undecodable;
    const isMalformed = undecodable > MAX_UNDECODABLE || this.#configurationChanges.mean > MAX_CONFIGURATION_CHANGES;
    return (count >= MIN_COUNT && isMalformed) || (this.#clipped.count >= MIN_FRAMES && this.#isNoisy);
  }

  /** The frames so far clip, and their level goes up and down as that of decoded noise. */
  get #isNoisy(): boolean {
    const zigzags = this.#leapsDb.mean > MAX_LEAP_DB && this.#turnsDb.mean > MAX_TURN_DB;
    return zigzags && this.#clipped.mean > MAX_CLIPPED;
  }

  #measure(sample: number): void {
    const frame = this.#frame;
    frame.energy += sample * sample;
    frame.isClipped ||= sample >= CLIPPED || sample <= -CLIPPED;
    if (++frame.samples < FRAME_SAMPLES) return;
    const levelDb = 10 * Math.log10(Math.max(FLOOR_RMS ** 2, frame.energy / FRAME_SAMPLES));
    const leapDb = levelDb - (this.#levelDb ?? levelDb);
    this.#leapsDb.push(Math.abs(leapDb));
    this.#turnsDb.push(leapDb * this.#lastLeapDb < 0 ? Math.min(Math.abs(leapDb), Math.abs(this.#lastLeapDb)) : 0);
    this.#lastLeapDb = leapDb;
    this.#levelDb = levelDb;
    this.#clipped.push(frame.isClipped ? 1 : 0);
    this.#frame = { samples: 0, energy: 0, isClipped: false };
  }
}
