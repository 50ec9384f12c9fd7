/**
 * The languages to choose from, as an application has them: codes, `LanguagesResponse` of Booth, a promise of either, or an address that
 * answers with either.
 */
import type { LanguageCode, LanguagesResponse } from '@mediasoup-booth/protocol';
import { Backoff } from '../../time/backoff.ts';
import { type Clock, sleep } from '../../time/clock.ts';

export interface OfferedLanguages {
  /** Those that have captions. */
  readable: readonly LanguageCode[];
  /** Those that have a voice. */
  audible: readonly LanguageCode[];
  /** The offline engine translates, roughly. */
  isRough: boolean;
}

type Target = Pick<LanguagesResponse['targets'][number], 'code'> & { audio?: boolean };
type LanguageList = readonly (LanguageCode | Target)[] | { targets: readonly Target[]; engine?: { kind: string } };
/** A string or a URL is an address, from which the list is fetched. */
export type LanguagesOption = LanguageList | string | URL | PromiseLike<LanguageList>;

const pauses = { firstMs: 1_000, maxMs: 30_000, jitter: 0.2 };

/**
 * Resolves with the languages. An address that does not answer is tried again, up to 30 s apart, until `signal` is aborted.
 * @throws what the promise rejects with, and a `TypeError` for a list that is none
 */
export async function offeredLanguages(
  option: LanguagesOption,
  clock: Clock,
  signal: AbortSignal,
  failed: (error: unknown) => void,
): Promise<OfferedLanguages> {
  const isAddress = typeof option === 'string' || option instanceof URL;
  return parse(isAddress ? await fetchLanguages(option, clock, signal, failed) : await option);
}

async function fetchLanguages(
  address: string | URL,
  clock: Clock,
  signal: AbortSignal,
  failed: (error: unknown) => void,
): Promise<unknown> {
  const backoff = new Backoff(pauses);
  while (!signal.aborted) {
    try {
      const response = await fetch(address, { signal });
      if (response.ok) return await response.json();
      failed(new Error(`${address} answers with ${response.status}`));
      // A client error is not mended by waiting.
      if (response.status < 500 && response.status !== 429) return [];
    } catch (error) {
      if (!signal.aborted) failed(error);
    }
    await sleep(clock, backoff.next(), signal);
  }
  return [];
}

function parse(list: unknown): OfferedLanguages {
  const { targets = list, engine } = Object(list) as { targets?: unknown; engine?: unknown };
  if (!Array.isArray(targets))
    throw new TypeError("languages are a list as ['es', 'fr'], or { targets: [{ code: 'es', audio: true }] }");
  const languages = targets.map((target: unknown): Target => {
    const { code = target, audio = true } = Object(target) as { code?: unknown; audio?: unknown };
    if (typeof target !== 'object' && typeof target !== 'string') throw noLanguage(target);
    if (typeof code !== 'string' || code === '') throw noLanguage(target);
    return { code, audio: audio !== false };
  });
  return {
    readable: languages.map(({ code }) => code),
    audible: languages.filter(({ audio }) => audio).map(({ code }) => code),
    isRough: (Object(engine) as { kind?: unknown }).kind === 'offline',
  };
}

const noLanguage = (target: unknown) => new TypeError(`${JSON.stringify(target)} is no language: a code as 'es' is`);
