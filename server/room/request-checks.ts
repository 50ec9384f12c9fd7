/**
 * Checks what requests over REST and signalling ask for: that a language exists, and that the running model offers it. Pure: what cannot
 * be had is thrown, with the remedy.
 */

import {
  ApiError,
  type LanguageCode,
  type LanguageSettings,
  type PictureMode,
  type Preferences,
} from '@mediasoup-booth/protocol';
import { voicesInLanguage } from '../../account/language-list.ts';
import { acceptsPictures, type Model } from '../../config/models.ts';

const names = new Intl.DisplayNames('en', { type: 'language', fallback: 'none' });

/** @throws {ApiError} `noSuchLanguage`, naming the first language that does not exist */
export function requireLanguages({ speaks, hears, reads }: { [K in keyof Preferences]?: Preferences[K] | undefined }) {
  for (const code of [speaks, hears, ...(reads ?? [])])
    if (code && code !== 'original' && names.of(code) === undefined)
      throw new ApiError('noSuchLanguage', `there is no language "${code}": GET /v1/languages tells which can be had`);
}

/** @throws {ApiError} `invalid` for another model than the one that the server runs */
export function requireModel({ id }: Model, named: string | undefined): void {
  if (named !== undefined && named !== id)
    throw new ApiError(
      'invalid',
      `this server interprets by ${id}, not ${named}: BOOTH_LIVETRANSLATE_MODEL chooses at its start`,
    );
}

/** @throws {ApiError} `noSuchLanguage`, naming the languages that the model cannot translate into, and those that it can */
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

/** @throws {ApiError} `invalid`, naming a voice that the model does not have, or how many hotwords it takes */
export function requireLanguageSettings(
  model: Model,
  settings: Readonly<Record<LanguageCode, LanguageSettings>>,
): void {
  for (const [code, { voice, hotwords = {} }] of Object.entries(settings)) {
    const names = voicesInLanguage(model, code).map(({ name }) => name);
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

/** @throws {ApiError} `invalid` if the model does not accept pictures */
export function requirePictures(model: Model, pictures: PictureMode | undefined): void {
  if (acceptsPictures(model) || (pictures ?? 'off') === 'off') return;
  throw new ApiError('invalid', `${model.id} does not look at pictures: leave "pictures" out, or say "off"`);
}
