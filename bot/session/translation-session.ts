/**
 * One stream of speech into one language: the interface of every translation service. Speech goes in as it is said; text comes back
 * in a confirmed and a tentative part, and the translation's voice as PCM, both in segments that the service cuts.
 */
import type { LanguageCode } from '@mediasoup-booth/protocol';

export interface SessionOptions {
  source: LanguageCode;
  /** The same as `source`: a transcript alone. */
  target: LanguageCode;
  /** Whether the translation is spoken as well as written. A language that the model cannot speak is downgraded to text: see `ready`. */
  audio: boolean;
  /** Default: the model's. */
  voice?: string;
  /** Whether a transcript in the source language is wanted. Default: true. Some models send one in any case. */
  transcript?: boolean;
  /** Terms and their translations, at most as many as the model takes (1000). */
  hotwords?: Readonly<Record<string, string>>;
}

const sessionKeys = new WeakMap<SessionOptions, string>();

/**
 * The same text for all options that ask for the same session, so that one session can serve any of them.
 *
 * @example
 * sessionKey({ source: 'en', target: 'es', audio: true }) === sessionKey({ source: 'en', target: 'es', audio: true, transcript: true });
 */
export function sessionKey(options: SessionOptions): string {
  const known = sessionKeys.get(options);
  if (known !== undefined) return known;
  const { source, target, audio, voice, transcript = true, hotwords = {} } = options;
  const key = JSON.stringify([source, target, audio, voice, transcript, Object.entries(hotwords).sort()]);
  sessionKeys.set(options, key);
  return key;
}

/** The settings requested from the service, which may be less than what the caller wanted. */
export interface AgreedSettings {
  audio: boolean;
  voice?: string;
  /** A sentence for people: what is missing, and why. */
  downgraded?: string;
}

/** The text of a segment so far. `confirmed` is what the service will not change; `tentative`, after it, may still change or vanish. */
export interface SegmentText {
  /** The service's name for this segment; unique within the session. */
  segment: string;
  confirmed: string;
  tentative: string;
  final: boolean;
}

/** Times are milliseconds of the audio sent, as far as the service reports them; the language is known at the end. */
export interface SourceText extends SegmentText {
  startMs?: number;
  endMs?: number;
  language?: string;
}

export interface SessionEvents {
  /** Called once, when the service has accepted the settings: from now on speech is sent as it comes. */
  ready(agreed: AgreedSettings): void;
  /** The transcript, in the source language. */
  source(text: SourceText): void;
  /** `sourceSegment`: the segment that this one translates; its own final text may come later. */
  translation(text: SegmentText & { sourceSegment?: string }): void;
  /** The translation's voice: mono, 24 kHz, in order, usually faster than real time. `segment` is the translation's. */
  audio(segment: string, samples: Int16Array): void;
  /** Called once for each translation of a session that speaks, even if it had no audio. */
  audioEnd(segment: string): void;
  usage(usage: TokenUsage): void;
  /**
   * Milliseconds of the speech sent that wait at the service, and how many other speakers are served before. Called repeatedly while some
   * wait, and with 0 when none do any more.
   */
  backlog?(waitingMs: number, speakersAhead: number): void;
  /** The service refused to translate a piece of the speech (class `content`); the session goes on. */
  contentFiltered(error: TranslationError): void;
  /** Called once, however the session ended (from within `close()`, too). `error`: absent if the caller asked for the end. */
  closed(error?: TranslationError): void;
}

/** Tokens of one response; a field that is absent is not known. */
export interface TokenUsage {
  inputAudio?: number;
  inputImage?: number;
  inputText?: number;
  outputText?: number;
  outputAudio?: number;
  total?: number;
  /** The service did not report all of it: the rest was computed from seconds and pixels with the model's rates. */
  estimated?: boolean;
}

export interface TranslationSession {
  /** 16 kHz mono, any length, at the pace of speech. Kept until the session is ready, at most 20 s; the oldest is dropped first. */
  send(samples: Int16Array): void;
  /**
   * Sends a JPEG that belongs to what is being said. It is dropped before the first speech has gone out, and if it is larger, or sooner
   * after the previous one, than the model allows.
   * @returns whether it was sent
   */
  sendImage(jpeg: Uint8Array): boolean;
  /** Waits for the translation of what was said, then closes. Resolves when closed, after at most 22 s. */
  finish(): Promise<void>;
  /** Ends at once; safe in any state, any number of times. */
  close(): void;
}

/**
 * Opens a session. It can be used at once; its events begin after the current turn of the event loop.
 *
 * @example
 * const openSession = openLiveTranslate({ url, model: 'qwen3-livetranslate-flash-realtime', key, clock, log });
 * const session = openSession({ source: 'en', target: 'es', audio: true }, events);
 * session.send(samples);
 * await session.finish();
 */
export type OpenSession = (options: SessionOptions, events: SessionEvents) => TranslationSession;

export type ErrorClass = 'config' | 'account' | 'throttle' | 'transient' | 'content';

/** Why a session ended. `message` is for people. */
export class TranslationError extends Error {
  override readonly name = 'TranslationError';
  readonly code: string;
  readonly class: ErrorClass;
  /** The problem without the remedy, for callers that apply the remedy themselves. */
  readonly summary: string;

  constructor(errorClass: ErrorClass, code: string, message: string, what = message) {
    super(message);
    this.summary = what;
    this.class = errorClass;
    this.code = code;
  }

  /** Whether another attempt may succeed. */
  get retryable(): boolean {
    return this.class === 'throttle' || this.class === 'transient';
  }
}
