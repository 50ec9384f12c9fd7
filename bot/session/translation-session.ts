/**
 * One stream of speech into one language: what every translation service looks like to an interpretation. Sound goes in as
 * it is said; text comes back as (stable, tentative), speech as PCM, in segments that the service cuts.
 */
import type { LanguageCode } from '../../protocol/languages.ts';

export interface SessionOptions {
  source: LanguageCode;
  /** The same as `source`: a transcript alone. */
  target: LanguageCode;
  /** Speech as well as text. A language that the model only writes is downgraded to text: see `ready`. */
  audio: boolean;
  /** Default: the model's. */
  voice?: string;
  /** What was said, too, in the source language. Default: true. Some models say it in any case. */
  transcript?: boolean;
  /** Terms and how they shall be translated, at most as many as the model takes (1000). */
  hotwords?: Readonly<Record<string, string>>;
}

/** What the service was asked for, which may be less than what was wanted. */
export interface Agreed {
  audio: boolean;
  voice?: string;
  /** For people: what is missing, and why. */
  downgraded?: string;
}

/** Text of a segment so far. Within a segment, `tentative` may change or go, `stable` is what the service confirmed. */
export interface SegmentText {
  /** The service's name for this piece of text; unique within the session. */
  segment: string;
  stable: string;
  tentative: string;
  final: boolean;
}

/** As far as the service tells: when it was said, in milliseconds of audio sent, and, at the end, in which language. */
export interface SourceText extends SegmentText {
  startMs?: number;
  endMs?: number;
  language?: string;
}

export interface SessionEvents {
  /** Once, when the service has taken the settings: from now on speech is sent as it comes. */
  ready(agreed: Agreed): void;
  /** What was said, in the source language. */
  source(text: SourceText): void;
  /** `of`: the source segment that it translates. It may arrive before that segment's final. */
  translation(text: SegmentText & { sourceSegment?: string }): void;
  /** Mono, 24 kHz, in order, usually faster than real time. `segment` is the translation's. */
  audio(segment: string, samples: Int16Array): void;
  /** Once for each translation of a session that speaks, though nothing of it was said. */
  audioEnd(segment: string): void;
  usage(usage: Usage): void;
  /** The service would not translate a piece of what was said (class `content`); the session goes on. */
  contentFiltered(error: TranslationError): void;
  /** Once, at the end of the session, however it came (from within `close()`, too); `error` where it was not asked for. */
  closed(error?: TranslationError): void;
}

/** Tokens of one response; absent: not known. */
export interface Usage {
  inputAudio?: number;
  inputImage?: number;
  inputText?: number;
  outputText?: number;
  outputAudio?: number;
  total?: number;
  /** The service did not say: reckoned from seconds and pixels by the model's rates. */
  estimated?: boolean;
}

export interface TranslationSession {
  /** 16 kHz mono, any length, at the pace of speech. Kept until the session is ready, at most 20 s, the oldest dropped. */
  send(samples: Int16Array): void;
  /**
   * A JPEG that belongs to what is being said; dropped before the first speech has gone out, and where it is larger or sooner
   * after the one before than the model allows. True: it goes out.
   */
  image(jpeg: Uint8Array): boolean;
  /** Lets what was said come out, then closes: settles when closed, after at most 22 s. */
  finish(): Promise<void>;
  /** Ends at once; safe in any state, any number of times. */
  close(): void;
}

/** Opens a session; it is usable at once, and its events begin after the current turn of the event loop. */
export type OpenSession = (options: SessionOptions, events: SessionEvents) => TranslationSession;

export type ErrorClass = 'config' | 'account' | 'throttle' | 'transient' | 'content';

/** Why a session ended. `message` is for people. */
export class TranslationError extends Error {
  override readonly name = 'TranslationError';
  readonly code: string;
  readonly class: ErrorClass;
  /** What happened, without what a person could do about it: for where that is done already. */
  readonly what: string;

  constructor(errorClass: ErrorClass, code: string, message: string, what = message) {
    super(message);
    this.what = what;
    this.class = errorClass;
    this.code = code;
  }

  /** Whether the same thing may go well another time. */
  get retryable(): boolean {
    return this.class === 'throttle' || this.class === 'transient';
  }
}
