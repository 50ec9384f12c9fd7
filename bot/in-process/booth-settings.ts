/** Checks the options of a Booth, and completes them. Pure, apart from looking whether `sharp` is installed. */
import { createRequire } from 'node:module';
import type { LanguageCode, LanguagesResponse } from '@mediasoup-booth/protocol';
import { modelLanguages } from '../../account/language-list.ts';
import { engineLabel } from '../../config/engine-label.ts';
import { type Model, modelNamed } from '../../config/models.ts';
import { type Pricing, pricingOf } from '../../config/prices.ts';
import type { Logger } from '../../logging/logger.ts';
import { BoothError } from '../booth-error.ts';
import type { BoothOptions, BudgetOptions, LimitOptions } from '../booth-options.ts';
import { checkNames } from '../check-names.ts';
import { checkEngine, type Engine } from '../engine.ts';
import type { PlayoutSettings } from '../publications.ts';
import { optionNames } from '../session/livetranslate/socket.ts';
import { DEFAULT_MAX_SESSIONS } from '../session/session-pool.ts';
import { consoleLog, levelsOf, safeLog } from './log.ts';
import type { RoomHost } from './room-options.ts';
import { matchLanguage } from './served-languages.ts';
import type { RoomSetup, ThreadSetup } from './thread-messages.ts';

export interface BoothSettings {
  engine: Engine;
  model: Model;
  pricing: Pricing;
  /** What every room is opened with. */
  room: Omit<RoomSetup, 'name' | 'elapsedMs'>;
  thread: Omit<ThreadSetup, 'earlier'>;
  log: Logger;
}

export const OPTION_NAMES = {
  engine: true,
  languages: true,
  languageSettings: true,
  playout: true,
  pictures: true,
  budget: true,
  limits: true,
  sessionIdleTimeoutMs: true,
  log: true,
} satisfies Record<keyof BoothOptions, true>;
/** The options within options. */
const PARTS = {
  budget: { money: true, tokens: true, onExceeded: true } satisfies Record<keyof BudgetOptions, true>,
  limits: { connectionsPerMinute: true, tokensPerMinute: true, maxSessions: true } satisfies Record<
    keyof LimitOptions,
    true
  >,
  playout: { tracks: true, maxLagMs: true, voices: true } satisfies Record<keyof PlayoutSettings, true>,
};
/** Some 10 US dollars of the default model. */
const DEFAULT_DAILY_TOKENS = 400_000;
const MAX_CONNECTIONS_PER_MINUTE = 1000;
const MAX_MAX_SESSIONS = 4096;
const DEFAULT_LIMITS = { connectionsPerMinute: 8, tokensPerMinute: 100_000 };
/** The service ends a session that is silent for longer than 300 s. */
const DEFAULT_IDLE_MS = 240_000;

/** @throws {BoothError} `invalid` for an option that a Booth does not have */
export const checkBoothOptions = (options: BoothOptions): void =>
  checkNames('new Booth()', options ?? {}, OPTION_NAMES);

/** The log of these options, which their errors are written to. @throws {BoothError} `invalid` */
export function logOf({ log = consoleLog }: Pick<BoothOptions, 'log'>): Logger {
  checkLog(log);
  return safeLog(log);
}

const METHODS = ['offer', 'withdraw', 'send'] as const;
/** A slip of the pen in these is refused; what is nearly `send`, as `end`, may well be a method of the host's own. */
const UNMISTAKABLE = ['offer', 'withdraw'] as const;

/**
 * A host's own room may have anything else, but what is read of it has to be of its type.
 *
 * @throws {BoothError} `invalid`
 */
export function checkHost(host: RoomHost): void {
  if (typeof host !== 'object' || host === null)
    throw new BoothError('invalid', `interpret(router, host): an object with the methods ${METHODS.join(', ')}`);
  const wrong = METHODS.find((name) => host[name] !== undefined && typeof host[name] !== 'function');
  if (wrong !== undefined)
    throw new BoothError(
      'invalid',
      `interpret(router, { ${wrong} }): is to be a method, and not ${typeof host[wrong]}`,
    );
  for (const name of UNMISTAKABLE) {
    const slip = host[name] === undefined && methodsOf(host).find((other) => isOneEditFrom(name, other));
    if (slip)
      throw new BoothError(
        'invalid',
        `interpret(router, { ${slip} }): the method is called ${name}; nothing else calls it`,
      );
  }
}

/** The names of methods, those of its class included. */
function methodsOf(host: object): string[] {
  const { prototype } = Object;
  const names: string[] = [];
  for (let at: object | null = host; at && at !== prototype; at = Object.getPrototypeOf(at) as object | null)
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(at)))
      if (typeof value === 'function') names.push(name);
  return names;
}

/** Whether two names differ by one letter that is missing, too many, or another one, or by the case of letters. */
function isOneEditFrom(name: string, other: string): boolean {
  const [one, two] = [name.toLowerCase(), other.toLowerCase()];
  if (name !== other && one === two) return true;
  const at = [...one].findIndex((letter, index) => letter !== two[index]);
  const from = at < 0 ? one.length : at;
  const [rest, otherRest] = [one.slice(from), two.slice(from)];
  return (
    one !== two && (rest.slice(1) === otherRest || rest === otherRest.slice(1) || rest.slice(1) === otherRest.slice(1))
  );
}

/** Options whose engine is there. */
export type StartedOptions = Omit<BoothOptions, 'engine'> & { engine: Engine };

/** @throws {BoothError} `invalid`, `missingDependency` */
export function boothSettings(options: StartedOptions): BoothSettings {
  const { engine, pictures = 'off' } = options ?? {};
  const log = logOf(options ?? {});
  checkEngine(engine);
  for (const name of ['budget', 'limits', 'playout'] as const) checkNames(name, options[name] ?? {}, PARTS[name]);
  oneOf('pictures', pictures, ['off', 'onChange', 'fixed']);
  const model = modelNamed(engine.model);
  if (pictures !== 'off') checkSharp();
  const pricing = pricingOf(model, engine.url);
  const { url, key, settingNames = optionNames } = engine;
  return {
    engine,
    model,
    pricing,
    room: {
      languages: checkedLanguages('languages', options.languages, model),
      languageSettings: options.languageSettings ?? {},
      playout: playoutOf(options),
      pictures,
      sessionIdleTimeoutMs: atLeast('sessionIdleTimeoutMs', options.sessionIdleTimeoutMs ?? DEFAULT_IDLE_MS, 0),
      maxSessions: wholeNumber(
        'limits.maxSessions',
        options.limits?.maxSessions ?? DEFAULT_MAX_SESSIONS,
        MAX_MAX_SESSIONS,
      ),
    },
    thread: {
      engine: { url, model: engine.model, ...(key !== undefined && { key }), settingNames },
      limits: limitsOf(options),
      budget: budgetOf(options, model, pricing),
      logLevels: levelsOf(log),
    },
    log,
  };
}

/** The languages of one room: those that its host names, of those of the Booth. @throws {BoothError} `invalid` */
export function roomLanguages(
  { languages }: RoomHost,
  { room, model }: BoothSettings,
): 'auto' | readonly LanguageCode[] {
  const wanted = checkedLanguages('languages', languages, model);
  if (wanted === 'auto') return room.languages;
  return room.languages === 'auto' ? wanted : wanted.filter((code) => room.languages.includes(code));
}

/** What can be heard and read where these languages are offered. */
export function languagesIn(
  { model, engine, pricing }: BoothSettings,
  languages: 'auto' | readonly LanguageCode[],
): LanguagesResponse {
  const view = { model: model.id, kind: model.kind, label: engineLabel(model, engine.url) };
  const list = modelLanguages({ model, engine: view, pricing, transcriptHours: 0 });
  return languages === 'auto'
    ? list
    : { ...list, targets: list.targets.filter(({ code }) => languages.includes(code)) };
}

function checkedLanguages(what: string, languages: unknown, model: Model): 'auto' | readonly LanguageCode[] {
  if (languages === undefined || languages === 'auto') return 'auto';
  if (!Array.isArray(languages))
    throw new BoothError(
      'invalid',
      `${what}: "auto", or a list of languages such as ["es", "fr"], and not ${typeof languages}`,
    );
  const targets = model.targets.map(({ code }) => code);
  return languages.map((language: unknown) => {
    const code = typeof language === 'string' ? matchLanguage(language, targets) : undefined;
    if (code !== undefined) return code;
    throw new BoothError(
      'languageNotServed',
      `${what}: ${model.id} does not translate into ${JSON.stringify(language)}; it does into ${targets.sort().join(', ')}`,
    );
  });
}

function playoutOf({ playout = {} }: StartedOptions): RoomSetup['playout'] {
  const { tracks = 'mixed', maxLagMs = 8000, voices = 1 } = playout;
  oneOf('playout.tracks', tracks, ['mixed', 'perSpeaker']);
  return {
    tracks,
    maxLagMs: atLeast('playout.maxLagMs', maxLagMs, 4000),
    voices: atLeast('playout.voices', voices, 1),
  };
}

function limitsOf({ limits = {} }: StartedOptions): ThreadSetup['limits'] {
  const { connectionsPerMinute, tokensPerMinute } = { ...DEFAULT_LIMITS, ...limits };
  return {
    connectionsPerMinute: wholeNumber('limits.connectionsPerMinute', connectionsPerMinute, MAX_CONNECTIONS_PER_MINUTE),
    tokensPerMinute: atLeast('limits.tokensPerMinute', tokensPerMinute, 10_000),
  };
}

function budgetOf({ budget = {} }: StartedOptions, model: Model, pricing: Pricing): ThreadSetup['budget'] {
  const { money, tokens = money === undefined ? DEFAULT_DAILY_TOKENS : Number.POSITIVE_INFINITY } = budget;
  const { onExceeded = 'captions' } = budget;
  oneOf('budget.onExceeded', onExceeded, ['captions', 'stop']);
  if (money !== undefined && !pricing)
    throw new BoothError(
      'invalid',
      `budget.money: what ${model.id} costs at its endpoint is not known to Booth, so a budget of money cannot be kept. Set one of tokens: { budget: { tokens: 400000 } }.`,
    );
  // In what the thread keeps, 0 is no limit.
  const dailyTokens = atLeast('budget.tokens', tokens, 1);
  return {
    dailyMoney: money === undefined ? 0 : atLeast('budget.money', money, Number.MIN_VALUE),
    dailyTokens: Number.isFinite(dailyTokens) ? dailyTokens : 0,
    onExceeded,
  };
}

function atLeast(what: string, value: unknown, least: number): number {
  if (typeof value === 'number' && value >= least) return value;
  throw new BoothError('invalid', `${what}: a number of at least ${least}, and not ${JSON.stringify(value)}`);
}

function wholeNumber(what: string, value: unknown, most: number): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= most) return value;
  throw new BoothError('invalid', `${what}: a whole number from 1 to ${most}, and not ${JSON.stringify(value)}`);
}

function oneOf(what: string, value: unknown, some: readonly string[]): void {
  if (typeof value === 'string' && some.includes(value)) return;
  throw new BoothError('invalid', `${what}: one of ${some.join(', ')}, and not ${JSON.stringify(value)}`);
}

function checkLog(log: Logger): void {
  if (typeof log?.warn !== 'function' || typeof log.error !== 'function')
    throw new BoothError(
      'invalid',
      'log: needs the methods of a pino logger: warn(facts, message), error(facts, message)',
    );
}

function checkSharp(): void {
  try {
    createRequire(import.meta.url).resolve('sharp');
  } catch (cause) {
    throw new BoothError('missingDependency', 'pictures need the package sharp: npm install sharp', { cause });
  }
}
