/**
 * Follows one speaker: audio in at any pace, segments out as they are being said. At most 30 s of audio wait; what comes
 * on top is refused. A recogniser that fails is replaced: what was being said is lost, what follows is heard.
 */
import { SampleQueue } from './backlog.ts';
import { OnsetDetector } from './onset.ts';
import { type SplitWords, StablePrefix } from './stable-prefix.ts';
import type { Recognition, RecognitionResult, RecognizedSegment, Recognizer } from './stages.ts';

const SAMPLES_PER_MS = 16;
const MAX_WAITING_SAMPLES = 30_000 * SAMPLES_PER_MS;
/** Heard at once, when it waits: short enough for a word to be seen soon. */
const MAX_HEARD_SAMPLES = 200 * SAMPLES_PER_MS;

/** What becomes of a segment, in this order. Times are milliseconds since the first sample. */
export interface SegmentListener {
  started(atMs: number): void;
  changed(text: SplitWords): void;
  /** The last word on it. Without words: it was no speech. */
  ended(words: readonly string[], atMs: number): void;
  failed(error: unknown): void;
}

const NOTHING = { words: [], endMs: 0 };

export interface StreamingRecognizerOptions {
  recognizer: Recognizer;
  listener: SegmentListener;
}

export class StreamingRecognizer {
  readonly #options: StreamingRecognizerOptions;
  readonly #queue = new SampleQueue(MAX_WAITING_SAMPLES);
  readonly #onset = new OnsetDetector();
  readonly #prefix = new StablePrefix();
  #recognition: Recognition | undefined;
  /** Where the recogniser's time begins. */
  #openedAtMs = 0;
  #recognizedSamples = 0;
  #inSegment = false;
  #shown = '';
  #recognizing: Promise<void> | undefined;
  #closed = false;

  constructor(options: StreamingRecognizerOptions) {
    this.#options = options;
  }

  /** False: it is too far behind, and these samples are lost. */
  push(samples: Int16Array): boolean {
    if (this.#closed) return true;
    const taken = this.#queue.push(samples);
    this.#recognizing ??= this.#recognizeQueued().finally(() => {
      this.#recognizing = undefined;
    });
    return taken;
  }

  /** Settles when all that was pushed has been told. */
  async finish(): Promise<void> {
    await this.#recognizing;
    if (this.#recognition) await this.#guarded((recognition) => recognition.finish());
  }

  close(): void {
    this.#closed = true;
    this.#queue.clear();
    this.#recognition?.close();
  }

  async #recognizeQueued(): Promise<void> {
    for (;;) {
      const samples = this.#queue.take(MAX_HEARD_SAMPLES);
      if (samples.length === 0 || this.#closed) return;
      this.#onset.push(samples);
      await this.#guarded((recognition) => recognition.push(samples));
      this.#recognizedSamples += samples.length;
    }
  }

  async #guarded(call: (recognition: Recognition) => Promise<RecognitionResult>): Promise<void> {
    try {
      this.#recognition ??= await this.#open();
      const heard = await call(this.#recognition);
      if (!this.#closed) this.#report(heard);
    } catch (error) {
      if (!this.#closed) this.#fail(error);
    }
  }

  async #open(): Promise<Recognition> {
    this.#openedAtMs = this.#recognizedMs;
    const recognition = await this.#options.recognizer.open();
    if (this.#closed) recognition.close();
    return recognition;
  }

  get #recognizedMs(): number {
    return this.#recognizedSamples / SAMPLES_PER_MS;
  }

  #report(heard: RecognitionResult): void {
    const noise = heard.ended && isNoise(heard);
    if (heard.words.length > 0 && !noise) this.#startSegment();
    if (!this.#inSegment) return;
    if (heard.ended) this.#endSegment(noise ? NOTHING : heard);
    else this.#changeSegment(heard.words);
  }

  #startSegment(): void {
    if (this.#inSegment) return;
    this.#inSegment = true;
    this.#options.listener.started(this.#onset.atMs);
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
    this.#options.listener.ended(words, words.length === 0 ? this.#recognizedMs : this.#openedAtMs + endMs);
  }

  #fail(error: unknown): void {
    this.#recognition?.close();
    this.#recognition = undefined;
    this.#reset();
    this.#options.listener.failed(error);
  }

  /** The next segment begins with nothing. */
  #reset(): void {
    this.#inSegment = false;
    this.#shown = '';
    this.#prefix.reset();
  }
}

/** Noise is heard as a word or two of which the recogniser itself is not sure. */
const isNoise = ({ words, confidence }: RecognizedSegment): boolean => words.length <= 2 && confidence < 0.5;
