/** Describes what a model offers: languages, voices, hotwords and the cost of an hour. Pure. */

import type { EngineView, LanguageCode, LanguagesResponse } from '@mediasoup-booth/protocol';
import type { Model } from '../config/models.ts';
import type { Pricing } from '../config/prices.ts';
import { estimate } from './usage-view.ts';

export interface LanguageOffer {
  model: Model;
  engine: EngineView;
  pricing: Pricing;
  /** How long transcripts are kept; 0: they are not. */
  transcriptHours: number;
}

/**
 * The list that `GET /v1/languages` answers with.
 *
 * @example
 * const list = modelLanguages({ model, engine, pricing: pricingOf(model, url), transcriptHours: 0 });
 * list.targets.find(({ code }) => code === 'es')?.voices;
 */
export function modelLanguages({ model, engine, pricing, transcriptHours }: LanguageOffer): LanguagesResponse {
  const targets = model.targets.map(({ code, audio, from }) => ({
    code,
    audio,
    from: [...from],
    voices: voicesInLanguage(model, code),
  }));
  const hotwords = model.limits && { terms: model.limits.hotwords, characters: model.limits.hotwordCharacters };
  return {
    engine,
    sources: [...model.sources],
    targets,
    ...(hotwords && { hotwords }),
    estimate: estimate(model, pricing),
    transcriptHours,
  };
}

/** The voices that speak a language; none if the model only writes it. */
export function voicesInLanguage({ targets, voices }: Model, code: LanguageCode): { name: string; accent?: string }[] {
  if (!targets.some((target) => target.code === code && target.audio)) return [];
  const fitting = voices.filter(({ languages }) => languages?.includes(code) ?? true);
  return fitting.map(({ name, accent }) => ({ name, ...(accent && { accent }) }));
}
