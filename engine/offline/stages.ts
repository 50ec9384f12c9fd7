/** The three stages of the offline engine as interfaces: speech → words → translated text → voice. */

export type StageName = 'recognizer' | 'translator' | 'voice';

/** A stage failed. `message` is for people. */
export class StageError extends Error {
  override readonly name = 'StageError';
  readonly stage: StageName;

  constructor(stage: StageName, message: string, options?: ErrorOptions) {
    super(message, options);
    this.stage = stage;
  }
}

export interface Recognizer {
  /** Starts to recognise one speaker. @throws {StageError} */
  open(): Promise<Recognition>;
  close(): void;
}

/** The recognition of one stream of speech. Callers make one call at a time. */
export interface Recognition {
  /** @param samples 16 kHz, mono */
  push(samples: Int16Array): Promise<RecognitionResult>;
  /** Ends the speech, and with it the segment in progress. */
  finish(): Promise<RecognitionResult>;
  /** Safe at any time, any number of times. */
  close(): void;
}

/** The segment in progress, or one that has just ended. Words are in lower case. */
export type RecognitionResult = { ended: false; words: readonly string[] } | RecognizedSegment;

/** A complete segment. Without words: nobody spoke. */
export interface RecognizedSegment {
  ended: true;
  words: readonly string[];
  /** The average confidence of its words, from 0 to 1. */
  confidence: number;
  /** Milliseconds from the first sample to the end of its last word. */
  endMs: number;
}

export interface Translator {
  /** @param sentence one sentence. @throws {StageError} */
  translate(sentence: string): Promise<string>;
  close(): void;
}

export interface SpeechSynthesizer {
  /**
   * Calls `speak` with 24 kHz mono samples as they are made; resolves after the last.
   * @throws {StageError}, or the reason of `signal` if it is aborted
   */
  synthesize(sentence: string, speak: (samples: Int16Array) => void, signal: AbortSignal): Promise<void>;
  close(): void;
}
