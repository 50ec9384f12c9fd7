/** Whether a model can do what was asked, before anything is started for it. Pure. */
import { acceptsPictures, type Model } from '../config/models.ts';
import { LanguageCode } from '../protocol/languages.ts';
import { UsageError } from './errors.ts';

/** @throws {UsageError} */
export function languageCode(option: string, text: string): LanguageCode {
  const code = LanguageCode.safeParse(text);
  if (code.success) return code.data;
  throw new UsageError(`${option} "${text}" is not a language: ${code.error.issues[0]?.message}`);
}

/** @throws {UsageError} naming what the model can do */
export function checkPair(model: Model, from: LanguageCode, to: LanguageCode): void {
  const remedy = model.kind === 'offline' ? ' With DASHSCOPE_API_KEY the cloud model does more.' : '';
  if (!model.sources.some(same(from))) {
    throw new UsageError(`${model.id} does not understand "${from}". It understands: ${list(model.sources)}.${remedy}`);
  }
  const targets = model.targets.filter((target) => target.from.some(same(from))).map(({ code }) => code);
  if (from !== to && !targets.some(same(to))) {
    throw new UsageError(
      `${model.id} does not translate "${from}" into "${to}". It translates it into: ${list(targets)}.${remedy}`,
    );
  }
}

/** Terms and pictures help a model that can use them. @throws {UsageError} where this one cannot */
export function checkHelp(
  model: Model,
  { hotwords, image }: { hotwords?: string | undefined; image?: string | undefined },
): void {
  if (acceptsPictures(model) || !(hotwords || image)) return;
  throw new UsageError(`${model.id} takes no ${hotwords ? '--hotwords' : '--image'}: the cloud models do`);
}

const primary = (code: LanguageCode): string => code.split('-')[0] ?? code;

/** A model that knows a language knows its regions. */
const same =
  (wanted: LanguageCode) =>
  (known: LanguageCode): boolean =>
    known === wanted || known === primary(wanted);

const list = (codes: readonly LanguageCode[]): string => [...codes].sort().join(', ');
