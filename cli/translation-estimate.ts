/** What a translation would take, in one line for people. Pure. */
import { hourlyCost, pricingOf } from '../config/prices.ts';
import type { EngineChoice } from './engine-choice.ts';
import { clockTime } from './progress.ts';

/**
 * @param seconds of the recording; undefined where nothing says it
 * @param hasVoice the translation is spoken as well as written
 */
export function translationEstimate(
  seconds: number | undefined,
  targets: number,
  { model, url }: Pick<EngineChoice, 'model' | 'url'>,
  hasVoice: boolean,
): string {
  if (seconds === undefined) return 'estimate: the length is not known';
  const pricing = pricingOf(model, url);
  const hourly = hourlyCost(model, pricing);
  const money =
    pricing === 'free'
      ? 'free'
      : pricing === undefined || hourly === undefined
        ? 'price not known'
        : `at most ${pricing.currency} ${(((hasVoice ? hourly.voice : hourly.captions) * seconds * targets) / 3600).toFixed(2)} without pictures`;
  return `estimate: ${clockTime(seconds)} of speech into ${targets} ${targets === 1 ? 'language' : 'languages'} · about ${clockTime(seconds / model.catchUpRate)} · ${money}`;
}
