/**
 * Recognises one speaker's speech as it is said: audio goes in at any pace, segments come out. At most 30 s of audio wait; more is
 * refused. A recogniser that fails is replaced: the segment in progress is lost, and the speech after it is recognised.
 *
 * A recogniser's memory grows with what it has heard. So it is replaced in a pause after three minutes of speech, and freed where
 * nothing is sent for ten seconds.
 */
import { SPEECH_SAMPLE_RATE } from '../../audio/sample-rates.ts';
import type { Clock } from '../../time/clock.ts';
import { OnsetDetector } from './onset-detector.ts';
import { NO_OTHERS, type RecognitionPlace, type RecognitionScheduler } from './recognition-scheduler.ts';
import { type SplitWords, StablePrefix } from './stable-prefix.ts';
import type { Recognition, RecognitionResult, RecognizedSegment, Recognizer } from './stages.ts';

const SAMPLES_PER_MS = SPEECH_SAMPLE_RATE / 1000;
const MAX_QUEUED_SAMPLES = 30_000 * SAMPLES_PER_MS;
/** How much waiting audio is recognised in one call: little enough for a word to appear soon. */
const MAX_CALL_SAMPLES = 200 * SAMPLES_PER_MS;

/** From then on the next pause ends the use of a recogniser; much later the next end of a segment does, without a pause. */
const RENEW_AFTER_SAMPLES = 180_000 * SAMPLES_PER_MS;
const RENEW_WITHOUT_PAUSE_AFTER_SAMPLES = 600_000 * SAMPLES_PER_MS;
/** What a recogniser may have been given and not have read yet, because it looks ahead: a new one is given that again. */
const UNREAD_SAMPLES = 500 * SAMPLES_PER_MS;
/** A recogniser that is sent nothing for so long is freed. */
const UNUSED_AFTER_MS = 10_000;

/** The events of a segment, in this order. Times are milliseconds since the first sample. */
export interface SegmentListener {
  started(atMs: number): void;
  changed(text: SplitWords): void;
  /** The final words; none: it was no speech. */
  ended(words: readonly string[], atMs: number): void;
  failed(error: unknown): void;
}

const NO_SAMPLES = new Int16Array(0);

function joined(first: Int16Array, second: Int16Array): Int16Array<ArrayBuffer> {
  const both = new Int16Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}

const NOTHING = { words: [], endMs: 0 };

export interface StreamingRecognizerOptions {
  recognizer: Recognizer;
  /** Decides when its speech is recognised, among that of others. Default: there are no others. */
  scheduler?: RecognitionScheduler | undefined;
  listener: SegmentListener;
  /** Default: a recogniser that is sent nothing is kept. */
  clock?: Clock | undefined;
  /** Called when some of what waited has been recognised, and every second while it is the turn of others. */
  onProgress?: () => void;
}

/** A queue of samples that holds no more than its bound. */
export class SampleQueue {
  readonly #maxSamples: number;
  readonly #chunks: Int16Array[] = [];
  #samples = 0;

  constructor(maxSamples: number) {
    this.#maxSamples = maxSamples;
  }

  /** @returns false if there is no room: then none of the samples were taken */
  push(samples: Int16Array): boolean {
    if (this.#samples + samples.length > this.#maxSamples) return false;
    if (samples.length > 0) this.#chunks.push(samples);
    this.#samples += samples.length;
    return true;
  }

  /** @returns the oldest samples, at most `maxSamples`; empty if none wait */
  take(maxSamples: number): Int16Array {
    const taken = new Int16Array(Math.min(maxSamples, this.#samples));
    let length = 0;
    while (length < taken.length) {
      const chunk = this.#chunks.shift();
      if (!chunk) break;
      const part = chunk.subarray(0, taken.length - length);
      taken.set(part, length);
      length += part.length;
      if (part.length < chunk.length) this.#chunks.unshift(chunk.subarray(part.length));
    }
    this.#samples -= length;
    return taken;
  }

  get length(): number {
    return this.#samples;
  }

  clear(): void {
    this.#chunks.length = 0;
    this.#samples = 0;
  }
}

export class StreamingRecognizer {
  readonly #options: StreamingRecognizerOptions;
  readonly #place: RecognitionPlace;
  readonly #queue = new SampleQueue(MAX_QUEUED_SAMPLES);
  readonly #onset = new OnsetDetector();
  readonly #prefix = new StablePrefix();
  #recognition: Recognition | undefined;
  /** When the recogniser was opened: its own times count from there. */
  #openedAtMs = 0;
  #recognizedSamples = 0;
  /** Samples that the recogniser was given since it was opened. */
  #heardSamples = 0;
  /** The end of what was recognised. */
  #recent = new Int16Array(0);
  /** What the recogniser before may not have read. */
  #unread = new Int16Array(0);
  #cancelUnused = (): void => {};
  /** Samples in the call that is under way. */
  #inCallSamples = 0;
  #inSegment = false;
  /** Where the last words ended: a segment that follows without a pause begins there. */
  #lastWordEndMs = 0;
  #shown = '';
  #recognizing: Promise<void> | undefined;
  #closed = false;

  constructor(options: StreamingRecognizerOptions) {
    this.#options = options;
    this.#place = options.scheduler?.enter(() => this.#progressed()) ?? NO_OTHERS;
  }

  /** @returns false if recognition is too far behind: then these samples are lost */
  push(samples: Int16Array): boolean {
    if (this.#closed) return true;
    this.#cancelUnused();
    this.#place.speechArrived();
    const accepted = this.#queue.push(samples);
    this.#recognizing ??= this.#recognizeQueued().finally(() => {
      this.#recognizing = undefined;
      this.#freeIfUnused();
    });
    return accepted;
  }

  /** Milliseconds of audio that have not been recognised yet. */
  get waitingMs(): number {
    return (this.#queue.length + this.#inCallSamples) / SAMPLES_PER_MS;
  }

  /** How many speakers who began earlier are recognised first. */
  get speakersAhead(): number {
    return this.#place.ahead;
  }

  /** Resolves when everything that was pushed has been recognised; the segment in progress stays open. */
  async idle(): Promise<void> {
    await this.#recognizing;
  }

  /** Resolves when everything that was pushed has been recognised and reported. */
  async finish(): Promise<void> {
    await this.idle();
    if (!this.#recognition) return;
    await this.#place.turn();
    await this.#guarded((recognition) => recognition.finish());
    this.#place.rest();
  }

  close(): void {
    this.#closed = true;
    this.#queue.clear();
    this.#cancelUnused();
    this.#free();
    this.#place.leave();
  }

  async #recognizeQueued(): Promise<void> {
    while (this.#queue.length > 0) {
      const wait = this.#place.turn();
      if (wait) await wait;
      if (this.#closed) break;
      await this.#recognize(this.#queue.take(MAX_CALL_SAMPLES));
      this.#progressed();
    }
    this.#place.rest();
  }

  async #recognize(samples: Int16Array): Promise<void> {
    this.#onset.push(samples);
    this.#inCallSamples = samples.length;
    await this.#guarded((recognition) => {
      const heard = joined(this.#unread, samples);
      this.#unread = NO_SAMPLES;
      this.#heardSamples += heard.length;
      return recognition.push(heard);
    });
    this.#inCallSamples = 0;
    this.#recognizedSamples += samples.length;
    this.#recent = joined(this.#recent, samples).slice(-UNREAD_SAMPLES);
    this.#renewIfDue();
  }

  /** Without a pause a word might be recognised twice, which is better than never. */
  #renewIfDue(): void {
    const quietSamples = (this.#recognizedMs - this.#lastWordEndMs) * SAMPLES_PER_MS;
    const boundSamples = quietSamples < UNREAD_SAMPLES ? RENEW_WITHOUT_PAUSE_AFTER_SAMPLES : RENEW_AFTER_SAMPLES;
    if (this.#inSegment || this.#heardSamples < boundSamples) return;
    this.#free();
    this.#unread = this.#recent;
  }

  #freeIfUnused(): void {
    if (this.#closed || !this.#recognition || this.#inSegment) return;
    this.#cancelUnused();
    this.#cancelUnused =
      this.#options.clock?.after(UNUSED_AFTER_MS, () => {
        if (!this.#recognizing) this.#free();
      }) ?? this.#cancelUnused;
  }

  #free(): void {
    this.#recognition?.close();
    this.#recognition = undefined;
  }

  #progressed(): void {
    if (!this.#closed) this.#options.onProgress?.();
  }

  async #guarded(call: (recognition: Recognition) => Promise<RecognitionResult>): Promise<void> {
    try {
      this.#recognition ??= await this.#open();
      const result = await call(this.#recognition);
      if (!this.#closed) this.#report(result);
    } catch (error) {
      if (!this.#closed) this.#fail(error);
    }
  }

  async #open(): Promise<Recognition> {
    this.#openedAtMs = this.#recognizedMs - this.#unread.length / SAMPLES_PER_MS;
    this.#heardSamples = 0;
    const recognition = await this.#options.recognizer.open();
    if (this.#closed) recognition.close();
    return recognition;
  }

  get #recognizedMs(): number {
    return this.#recognizedSamples / SAMPLES_PER_MS;
  }

  #report(result: RecognitionResult): void {
    const noise = result.ended && isNoise(result);
    if (result.words.length > 0 && !noise) this.#startSegment();
    if (!this.#inSegment) return;
    if (result.ended) this.#endSegment(noise ? NOTHING : result);
    else this.#changeSegment(result.words);
  }

  #startSegment(): void {
    if (this.#inSegment) return;
    this.#inSegment = true;
    this.#options.listener.started(Math.max(this.#onset.atMs, this.#lastWordEndMs));
  }

  #changeSegment(words: readonly string[]): void {
    const split = this.#prefix.update(words, this.#recognizedMs);
    const shown = `${split.stable.join(' ')}|${split.tentative.join(' ')}`;
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.#options.listener.changed(split);
  }

  #endSegment({ words, endMs }: Pick<RecognizedSegment, 'words' | 'endMs'>): void {
    this.#reset();
    if (words.length > 0) this.#lastWordEndMs = this.#openedAtMs + endMs;
    this.#options.listener.ended(words, words.length === 0 ? this.#recognizedMs : this.#lastWordEndMs);
  }

  #fail(error: unknown): void {
    this.#free();
    this.#reset();
    this.#options.listener.failed(error);
  }

  /** The next segment starts without words. */
  #reset(): void {
    this.#inSegment = false;
    this.#shown = '';
    this.#prefix.reset();
  }
}

/** Noise is recognised as one or two words with a low confidence. */
const isNoise = ({ words, confidence }: RecognizedSegment): boolean => words.length <= 2 && confidence < 0.5;
