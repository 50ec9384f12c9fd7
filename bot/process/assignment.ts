/** What passes between an interpreter's process and its parent: one assignment down, signs of life and states up. */
import type { LanguageCode } from '../../protocol/languages.ts';
import type { LanguageSettings } from '../../protocol/rest.ts';
import type { PictureMode } from '../../protocol/rooms.ts';
import type { PlayoutSettings } from '../publications.ts';

export interface InterpreterAssignment {
  /** `ws://…/v1/signal` */
  url: string;
  token: string;
  languages: 'auto' | readonly LanguageCode[];
  /** How each language is said and written. */
  wishes: Readonly<Record<LanguageCode, LanguageSettings>>;
  pictures: PictureMode;
  translation: { url: string; model: string; key?: string };
  sessionIdleTimeoutMs: number;
  playout: PlayoutSettings;
  logLevel: string;
}

export type FromParent = { type: 'begin'; assignment: InterpreterAssignment };

export type FromInterpreter =
  /** Once a second: its event loop turns. */
  | { type: 'alive' }
  | { type: 'running' }
  /** It lost the room and is on its way back. */
  | { type: 'lost'; reason: string }
  /** It ends, and another of it would too. */
  | { type: 'failed'; reason: string };

export const ALIVE_EVERY_MS = 1000;
