/** The messages between an interpreter's process and its parent: one assignment down, signs of life and states up. */
import type { LanguageCode, LanguageSettings, PictureMode } from '@mediasoup-booth/protocol';
import type { LimitOptions } from '../booth-options.ts';
import type { PlayoutSettings } from '../publications.ts';

export interface InterpreterAssignment {
  /** `ws://…/v1/signal` */
  url: string;
  token: string;
  /** The fencing token of an interpreter that a worker runs: of two in the room, only the one with the higher may speak. */
  fence?: number;
  languages: 'auto' | readonly LanguageCode[];
  /** How each language is spoken and written. */
  languageSettings: Readonly<Record<LanguageCode, LanguageSettings>>;
  pictures: PictureMode;
  translation: { url: string; model: string; key?: string };
  sessionIdleTimeoutMs: number;
  /** The server of the room keeps those of a minute. Default: 64 sessions. */
  limits?: Pick<LimitOptions, 'maxSessions'>;
  playout: PlayoutSettings;
  logLevel: string;
}

export type ParentMessage = { type: 'start'; assignment: InterpreterAssignment };

export type InterpreterMessage =
  /** Sent every `ALIVE_EVERY_MS`: the event loop turns. `memoryMb` is what the process takes of the computer's memory. */
  | { type: 'alive'; memoryMb: number }
  | { type: 'running' }
  /** The connection to the room, or its media, was lost and is being made again; `running` follows. */
  | { type: 'lost'; reason: string }
  /** The process ends, and so would every other with this assignment. */
  | { type: 'failed'; reason: string };

export const ALIVE_EVERY_MS = 1000;
