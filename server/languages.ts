/** Whether a language exists at all, and what the running engine makes of it. */

import { estimate } from '../account/usage-view.ts';
import { acceptsPictures, type Model } from '../config/models.ts';
import type { Pricing } from '../config/prices.ts';
import { ApiError } from '../protocol/api-error.ts';
import type { LanguageCode } from '../protocol/languages.ts';
import { type LanguageSettings, type LanguagesResponse, LONGEST_TERM } from '../protocol/rest.ts';
import type { EngineView, PictureMode, Preferences } from '../protocol/rooms.ts';

const names = new Intl.DisplayNames('en', { type: 'language', fallback: 'none' });

/** @throws {ApiError} naming the first language that does not exist */
export function requireLanguages({ speaks, hears, reads }: { [K in keyof Preferences]?: Preferences[K] | undefined }) {
  for (const code of [speaks, hears, ...(reads ?? [])])
    if (code && code !== 'original' && names.of(code) === undefined)
      throw new ApiError('noSuchLanguage', `there is no language "${code}": GET /v1/languages tells which can be had`);
}

/** @throws {ApiError} where another is asked for than the one that is here */
export function requireModel({ id }: Model, named: string | undefined): void {
  if (named !== undefined && named !== id)
    throw new ApiError(
      'invalid',
      `this server interprets by ${id}, not ${named}: BOOTH_LIVETRANSLATE_MODEL chooses at its start`,
    );
}

/** @throws {ApiError} naming what the model cannot say or write, and what it can */
export function requireTargets(model: Model, languages: 'auto' | LanguageCode[]): void {
  if (languages === 'auto') return;
  const targets = model.targets.map(({ code }) => code);
  const missing = languages.filter((code) => !targets.includes(code));
  if (missing.length > 0)
    throw new ApiError(
      'noSuchLanguage',
      `${model.id} cannot do ${missing.join(', ')}; it can do ${targets.join(', ')}`,
    );
}

/** @throws {ApiError} naming the voice that there is not, or how many terms there may be */
export function requireWishes(model: Model, wishes: Readonly<Record<LanguageCode, LanguageSettings>>): void {
  for (const [code, { voice, hotwords = {} }] of Object.entries(wishes)) {
    const names = voicesIn(model, code).map(({ name }) => name);
    if (voice !== undefined && !names.includes(voice))
      throw new ApiError(
        'invalid',
        `${model.id} has no voice "${voice}" for ${code}; it has: ${names.join(', ') || 'none to choose'}`,
      );
    const most = model.limits?.hotwords ?? 0;
    if (Object.keys(hotwords).length > most)
      throw new ApiError(
        'invalid',
        most === 0 ? `${model.id} takes no hotwords` : `${model.id} takes at most ${most} hotwords`,
      );
  }
}

function voicesIn({ targets, voices }: Model, code: LanguageCode): { name: string; accent?: string }[] {
  if (!targets.some((target) => target.code === code && target.audio)) return [];
  const fitting = voices.filter(({ languages }) => languages?.includes(code) ?? true);
  return fitting.map(({ name, accent }) => ({ name, ...(accent && { accent }) }));
}

export function requirePictures(model: Model, pictures: PictureMode | undefined): void {
  if (acceptsPictures(model) || (pictures ?? 'off') === 'off') return;
  throw new ApiError('invalid', `${model.id} does not look at pictures: leave "pictures" out, or say "off"`);
}

export interface LanguageOffer {
  model: Model;
  engine: EngineView;
  pricing: Pricing;
  transcriptHours: number;
}

export function languagesOf({ model, engine, pricing, transcriptHours }: LanguageOffer): LanguagesResponse {
  const targets = model.targets.map(({ code, audio, from }) => ({
    code,
    audio,
    from: [...from],
    voices: voicesIn(model, code),
  }));
  const hotwords = model.limits && { terms: model.limits.hotwords, characters: LONGEST_TERM };
  return {
    engine,
    sources: [...model.sources],
    targets,
    ...(hotwords && { hotwords }),
    estimate: estimate(model, pricing),
    transcriptHours,
  };
}
