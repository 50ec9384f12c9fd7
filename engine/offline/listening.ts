/**
 * Follows one speaker: audio in at any pace, segments out as they are being said. At most 30 s of audio wait; what comes
 * on top is refused. A recogniser that fails is replaced: what was being said is lost, what follows is heard.
 */
import { Backlog } from './backlog.ts';
import { Onset } from './onset.ts';
import { type Split, StablePrefix } from './stable-prefix.ts';
import type { Heard, Recognition, Recognizer, Segment } from './stages.ts';

const SAMPLES_PER_MS = 16;
const MAX_WAITING_SAMPLES = 30_000 * SAMPLES_PER_MS;
/** Heard at once, when it waits: short enough for a word to be seen soon. */
const MAX_HEARD_SAMPLES = 200 * SAMPLES_PER_MS;

/** What becomes of a segment, in this order. Times are milliseconds since the first sample. */
export interface SegmentListener {
  began(atMs: number): void;
  changed(text: Split): void;
  /** The last word on it. Without words: it was no speech. */
  ended(words: readonly string[], atMs: number): void;
  failed(error: unknown): void;
}

const NOTHING = { words: [], endMs: 0 };

export interface ListeningOptions {
  recognizer: Recognizer;
  listener: SegmentListener;
}

export class Listening {
  readonly #options: ListeningOptions;
  readonly #backlog = new Backlog(MAX_WAITING_SAMPLES);
  readonly #onset = new Onset();
  readonly #prefix = new StablePrefix();
  #recognition: Recognition | undefined;
  /** Where the recogniser's time begins. */
  #openedAtMs = 0;
  #heardSamples = 0;
  #inSegment = false;
  #shown = '';
  #hearing: Promise<void> | undefined;
  #closed = false;

  constructor(options: ListeningOptions) {
    this.#options = options;
  }

  /** False: it is too far behind, and these samples are lost. */
  push(samples: Int16Array): boolean {
    if (this.#closed) return true;
    const taken = this.#backlog.push(samples);
    this.#hearing ??= this.#hearAll().finally(() => {
      this.#hearing = undefined;
    });
    return taken;
  }

  /** Settles when all that was pushed has been told. */
  async finish(): Promise<void> {
    await this.#hearing;
    if (this.#recognition) await this.#guarded((recognition) => recognition.finish());
  }

  close(): void {
    this.#closed = true;
    this.#backlog.clear();
    this.#recognition?.close();
  }

  async #hearAll(): Promise<void> {
    for (;;) {
      const samples = this.#backlog.take(MAX_HEARD_SAMPLES);
      if (samples.length === 0 || this.#closed) return;
      this.#onset.hear(samples);
      await this.#guarded((recognition) => recognition.hear(samples));
      this.#heardSamples += samples.length;
    }
  }

  async #guarded(call: (recognition: Recognition) => Promise<Heard>): Promise<void> {
    try {
      this.#recognition ??= await this.#open();
      const heard = await call(this.#recognition);
      if (!this.#closed) this.#tell(heard);
    } catch (error) {
      if (!this.#closed) this.#fail(error);
    }
  }

  async #open(): Promise<Recognition> {
    this.#openedAtMs = this.#heardMs;
    const recognition = await this.#options.recognizer.open();
    if (this.#closed) recognition.close();
    return recognition;
  }

  get #heardMs(): number {
    return this.#heardSamples / SAMPLES_PER_MS;
  }

  #tell(heard: Heard): void {
    const noise = heard.ended && isNoise(heard);
    if (heard.words.length > 0 && !noise) this.#begin();
    if (!this.#inSegment) return;
    if (heard.ended) this.#end(noise ? NOTHING : heard);
    else this.#change(heard.words);
  }

  #begin(): void {
    if (this.#inSegment) return;
    this.#inSegment = true;
    this.#options.listener.began(this.#onset.atMs);
  }

  #change(words: readonly string[]): void {
    const split = this.#prefix.update(words, this.#heardMs);
    const shown = `${split.stable.join(' ')}|${split.tentative.join(' ')}`;
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.#options.listener.changed(split);
  }

  #end({ words, endMs }: Pick<Segment, 'words' | 'endMs'>): void {
    this.#reset();
    this.#options.listener.ended(words, words.length === 0 ? this.#heardMs : this.#openedAtMs + endMs);
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
const isNoise = ({ words, confidence }: Segment): boolean => words.length <= 2 && confidence < 0.5;
