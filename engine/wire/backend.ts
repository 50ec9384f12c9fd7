/**
 * What stands behind the wire: something that hears speech and answers with text and voice. A backend knows nothing of
 * frames, ids or their order; the wire knows nothing of how a translation comes about.
 */
import type { LanguageCode } from '../../protocol/languages.ts';

/** What went wrong, as the service tells it. */
export interface ErrorDetails {
  type: 'invalid_request_error' | 'server_error' | 'transcription_error';
  code: string;
  message: string;
  param?: string;
}

/** What a client wants of its session. */
export interface BackendConfiguration {
  source: LanguageCode;
  /** The same as `source`: a transcript alone. */
  target: LanguageCode;
  /** Speech as well as text. */
  audio: boolean;
  voice: string;
  /** Which language is spoken is left to whoever hears it: `source` is a guess. */
  detectsSource?: boolean;
  /** The model that the client named for the transcript of what is said; undefined: it wants none. */
  transcription?: string | undefined;
  /** Words of the source and what they shall be in the target. */
  hotwords?: Readonly<Record<string, string>>;
  /** Speech ends where the client says so, not where it is silent. */
  manual?: boolean;
  /** After so much silence speech has ended; undefined: as the backend thinks best. */
  silenceMs?: number;
  /** The voice counts even where nothing is spoken. */
  needsVoice?: boolean;
}

/** Why a configuration is not possible, in words that name what is. */
export interface BackendRefusal {
  refused: string;
  /** The field of the message that would have to be another. */
  param: string;
  /** It costs the whole session: closed with this code and these words. */
  fatal?: { code: number; reason: string };
}

export interface Backend {
  /** The configuration as it will be, perhaps with less in it than was wanted, or why there can be none. */
  negotiate(wanted: BackendConfiguration): BackendConfiguration | BackendRefusal;
  /** Called at the session's first audio, with a configuration that `negotiate` returned. */
  open(configuration: BackendConfiguration, output: BackendOutput): BackendSession;
}

export interface BackendSession {
  /** 16 kHz, mono. False: it is too far behind, and these samples are lost. */
  pushAudio(samples: Int16Array): boolean;
  /** @throws {InvalidMessage} for one that is not taken */
  pushImage?(jpeg: Uint8Array): void;
  /** What was said until now is a piece of speech. False: nothing was. */
  commit?(): boolean;
  /** Forgets what was said since the last piece. */
  clear?(): void;
  /** Says `answered` once all that was heard has been answered, or why that cannot be. */
  finish(answered: (error?: unknown) => void): void;
  /** Ends at once; safe in any state, any number of times. Nothing that it says afterwards is sent. */
  close(): void;
}

/** Where a backend says what it has heard. Times are milliseconds of audio since the session's first. */
export interface BackendOutput {
  speechStarted(atMs: number): void;
  speechStopped(atMs: number): void;
  /** A new piece of speech. */
  utterance(): UtteranceOutput;
  /** Something went wrong that no message of the client's is to blame for. */
  error(error: ErrorDetails): void;
}

/** What was said. Its end is said once; nothing counts after it. */
export interface UtteranceOutput {
  /** The text so far: what will not change, and what may. */
  source(stable: string, tentative: string): void;
  sourceDone(transcript: string): void;
  sourceFailed(reason: string): void;
  /** Begins its translation. */
  response(): ResponseOutput;
}

/** The translation of an utterance. Its end is said once; nothing counts after it. */
export interface ResponseOutput {
  text(stable: string, tentative: string): void;
  /** 24 kHz, mono, any length. */
  audio(samples: Int16Array): void;
  /** The whole text, and all of its voice is out. */
  said(text: string): void;
  /** Ends it, with what it cost. */
  done(text: string): void;
  /** What was said until then stands. */
  failed(reason: string): void;
}
