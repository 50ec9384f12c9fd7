/** Whether a model supports what was asked of it, before anything is started for it. Pure. */

import type { LanguageCode } from '@mediasoup-booth/protocol';
import { acceptsPictures, type Model } from '../config/models.ts';
import { UsageError } from './errors.ts';

/** @throws {UsageError} that names the languages which the model supports */
export function checkLanguages(model: Model, from: LanguageCode, to: LanguageCode): void {
  const remedy = model.kind === 'offline' ? ' With DASHSCOPE_API_KEY the cloud model does more.' : '';
  if (!model.sources.some(covers(from))) {
    throw new UsageError(`${model.id} does not understand "${from}". It understands: ${list(model.sources)}.${remedy}`);
  }
  const targets = model.targets.filter((target) => target.from.some(covers(from))).map(({ code }) => code);
  if (from !== to && !targets.some(covers(to))) {
    throw new UsageError(
      `${model.id} does not translate "${from}" into "${to}". It translates it into: ${list(targets)}.${remedy}`,
    );
  }
}

/** Hotwords and pictures are context that only some models take. @throws {UsageError} where this one does not */
export function checkContext(model: Model, { hotwords, image }: { hotwords?: string; image?: string }): void {
  if (acceptsPictures(model) || !(hotwords || image)) return;
  throw new UsageError(`${model.id} takes no ${hotwords ? '--hotwords' : '--image'}: the cloud models do`);
}

/** A model that knows a language knows its regions. */
const covers =
  (wanted: LanguageCode) =>
  (known: LanguageCode): boolean =>
    known === wanted || known === wanted.split('-')[0];

const list = (codes: readonly LanguageCode[]): string => [...codes].sort().join(', ');
