/**
 * How many languages one room is interpreted into: what the people in it hear and read, together at most as many as the setting says. Who
 * chooses a language that is interpreted already is never refused. Pure.
 */
import { ApiError, type LanguageCode, type Preferences } from '@mediasoup-booth/protocol';

type Choice = Pick<Preferences, 'hears' | 'reads'>;

const languagesOf = ({ hears, reads }: Choice): LanguageCode[] =>
  [hears, ...reads].filter((code) => code !== 'original');

/**
 * Takes the languages out of a choice for which there is no room beside what the others have chosen.
 *
 * @returns the choice that is left, and why it is not the same; without an error, it is the same
 */
export function fitting<C extends Choice>(
  choice: C,
  others: readonly Choice[],
  most: number,
): { choice: C; error?: ApiError } {
  const used = new Set(others.flatMap(languagesOf));
  const added = new Set(languagesOf(choice).filter((code) => !used.has(code)));
  const excess = new Set([...added].slice(Math.max(0, most - used.size)));
  if (excess.size === 0) return { choice };
  const hears = excess.has(choice.hears) ? 'original' : choice.hears;
  const left = { ...choice, hears, reads: choice.reads.filter((code) => !excess.has(code)) };
  const error = new ApiError(
    'tooManyLanguages',
    `this room is interpreted into ${used.size} languages already (${[...used].sort().join(', ')}), and ${most} are the most: choose one of them`,
  );
  return { choice: left, error };
}
