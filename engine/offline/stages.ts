/** The three stages of the offline engine, each of which can be another: speech → words → translated text → voice. */

export type StageName = 'recognizer' | 'translator' | 'voice';

/** A stage could not do its part. `message` is for people. */
export class StageError extends Error {
  override readonly name = 'StageError';
  readonly stage: StageName;

  constructor(stage: StageName, message: string, options?: ErrorOptions) {
    super(message, options);
    this.stage = stage;
  }
}

export interface Recognizer {
  /** Begins to follow one speaker. @throws {StageError} */
  open(): Promise<Recognition>;
  close(): void;
}

/** One stream of speech. Its calls are made one after another. */
export interface Recognition {
  /** 16 kHz, mono. */
  push(samples: Int16Array): Promise<RecognitionResult>;
  /** The end of the speech: what was begun is a segment now. */
  finish(): Promise<RecognitionResult>;
  /** Safe at any time, any number of times. */
  close(): void;
}

/** What is known after hearing more: of the segment in progress, or of one that ended. Words are in lower case. */
export type RecognitionResult = { ended: false; words: readonly string[] } | RecognizedSegment;

/** What was said in the end. No words: nobody spoke. */
export interface RecognizedSegment {
  ended: true;
  words: readonly string[];
  /** Of its words on average, 0 to 1. */
  confidence: number;
  /** Milliseconds from the first sample heard to the end of its last word. */
  endMs: number;
}

export interface Translator {
  /** One sentence. @throws {StageError} */
  translate(sentence: string): Promise<string>;
  close(): void;
}

export interface SpeechSynthesizer {
  /** Speaks in 24 kHz mono, as it comes. @throws {StageError}, and what `signal` was aborted with */
  synthesize(sentence: string, speak: (samples: Int16Array) => void, signal: AbortSignal): Promise<void>;
  close(): void;
}
