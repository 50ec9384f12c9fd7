/**
 * The interface of a translation backend: speech goes in, text and voice come out. A backend knows nothing of frames, ids or their order;
 * the protocol (`wire-session.ts`) knows nothing of how a translation is made.
 */
import type { LanguageCode } from '@mediasoup-booth/protocol';

/** An error as the service reports it. */
export interface ErrorDetails {
  type: 'invalid_request_error' | 'server_error' | 'transcription_error';
  code: string;
  message: string;
  param?: string;
}

/** The settings that a client requests for its session. */
export interface BackendConfiguration {
  source: LanguageCode;
  /** The same as `source`: a transcript alone. */
  target: LanguageCode;
  /** Whether the translation is spoken as well as written. */
  audio: boolean;
  voice: string;
  /** The backend detects which language is spoken: `source` is a guess. */
  detectsSource?: boolean;
  /** The transcription model that the client named; undefined: it wants no transcript. */
  transcription?: string | undefined;
  /** Terms of the source language and their translations. */
  hotwords?: Readonly<Record<string, string>>;
  /** The client marks the end of speech; silence does not. */
  manual?: boolean;
  /** Milliseconds of silence after which speech has ended; undefined: the backend decides. */
  silenceMs?: number;
  /** A voice is required even for text alone. */
  needsVoice?: boolean;
}

/** Why a configuration is not possible, in a sentence that names what is. */
export interface BackendRefusal {
  refused: string;
  /** The field of the message that is wrong. */
  param: string;
  /** Set if the refusal ends the session: it is closed with this code and reason. */
  fatal?: { code: number; reason: string };
}

export interface Backend {
  /** @returns the configuration that will apply, perhaps with less than was requested, or why it is refused */
  negotiate(wanted: BackendConfiguration): BackendConfiguration | BackendRefusal;
  /** Called with the first audio of the session, and with a configuration that `negotiate` returned. */
  open(configuration: BackendConfiguration, output: BackendOutput): BackendSession;
}

export interface BackendSession {
  /** @param samples 16 kHz, mono. @returns false if the backend is too far behind: then these samples are lost */
  pushAudio(samples: Int16Array): boolean;
  /** Milliseconds of speech that wait in the backend. Undefined: it does not say. */
  readonly waitingMs?: number;
  /** How many speakers who began earlier this session waits for. Default: none. */
  readonly speakersAhead?: number;
  /** @throws {InvalidMessage} for an image that is not accepted */
  pushImage?(jpeg: Uint8Array): void;
  /** Ends an utterance here. @returns false if nothing was said */
  commit?(): boolean;
  /** Discards what was said since the last utterance. */
  clear?(): void;
  /** Calls `answered` when all speech has been answered, with an error if that failed. */
  finish(answered: (error?: unknown) => void): void;
  /** Ends at once; safe in any state, any number of times. Nothing that the backend produces afterwards is sent. */
  close(): void;
}

/** How a backend reports what it recognised. Times are milliseconds of audio since the first sample. */
export interface BackendOutput {
  speechStarted(atMs: number): void;
  speechStopped(atMs: number): void;
  /** Starts an utterance. */
  utterance(): UtteranceOutput;
  /** Some of the speech that waited has been dealt with: see `waitingMs`. */
  progressed(): void;
  /** Reports an error that no message of the client has caused. */
  error(error: ErrorDetails): void;
}

/** The transcript of an utterance. It ends once; calls after its end are ignored. */
export interface UtteranceOutput {
  /** The text so far: `stable` will not change, `tentative` may. */
  source(stable: string, tentative: string): void;
  sourceDone(transcript: string): void;
  sourceFailed(reason: string): void;
  /** Starts the translation. */
  response(): ResponseOutput;
}

/** The translation of an utterance. It ends once; calls after its end are ignored. */
export interface ResponseOutput {
  text(stable: string, tentative: string): void;
  /** 24 kHz, mono, any length. */
  audio(samples: Int16Array): void;
  /** The text and the voice are complete. */
  said(text: string): void;
  /** Ends the response, with its usage. */
  done(text: string): void;
  /** Ends the response; the text so far stands. */
  failed(reason: string): void;
}
