/**
 * The options of every interpreter, in process and over the network. They refer to no type of mediasoup, which an interpreter over the
 * network does without.
 */
import type { LanguageCode, LanguageSettings, PictureMode } from '@mediasoup-booth/protocol';
import type { Logger } from '../logging/logger.ts';
import type { Engine } from './engine.ts';
import type { PlayoutSettings } from './publications.ts';

export interface BoothOptions {
  /** The source of translations: `liveTranslate({ key })`, or `offline()`, for which rooms wait. It is closed with the Booth. */
  engine: Engine | Promise<Engine>;
  /** The languages into which is translated. Default: `auto`, all that people hear or read. */
  languages?: 'auto' | readonly LanguageCode[];
  /** The voice and the terms of each language. Default: the model's voice, no terms. */
  languageSettings?: Readonly<Record<LanguageCode, LanguageSettings>>;
  /** How translations are spoken. Default: `{ tracks: 'mixed', maxLagMs: 8000, voices: 1 }`. */
  playout?: Partial<PlayoutSettings>;
  /** Whether the model sees the speaker's screen or camera. Needs the package `sharp`. Default: `off`. */
  pictures?: PictureMode;
  /** The limit of what all rooms together use in a day (UTC). Default: 400,000 tokens, or some 10 US dollars, of a model that costs anything. */
  budget?: BudgetOptions;
  /** Limits of the account at the translation service, where it has others than usual. */
  limits?: LimitOptions;
  /** How long a session that nobody speaks to is held for whoever speaks next. Default: 240,000 ms. */
  sessionIdleTimeoutMs?: number;
  /** A pino logger, or one like it. Default: warnings and errors on the console. */
  log?: Logger;
}

export interface LimitOptions {
  /** Connections that all rooms together make in a minute. Default: 8, as the service refuses the eleventh of an account without a greater quota. */
  connectionsPerMinute?: number;
  /** Tokens of all rooms together in a minute. Default: 100,000. */
  tokensPerMinute?: number;
  /** Sessions that one room holds at the same time: about one for each speaker and language. Default: 64. */
  maxSessions?: number;
}

export interface BudgetOptions {
  /** The limit in money, in the currency of the model's price list. Default: no limit in money. */
  money?: number;
  /** Default: 400,000, or no limit where there is one in money; `Infinity`: no limit. */
  tokens?: number;
  /** `captions`: go on without voices, which cost the most; `stop`: translate nothing until tomorrow. Default: `captions`. */
  onExceeded?: 'captions' | 'stop';
}
