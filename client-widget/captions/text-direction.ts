/**
 * The direction of an utterance, and the parts to isolate: names and numbers of the other direction, so that they do not displace
 * punctuation. No timers, no DOM.
 */
import type { LanguageCode } from '@mediasoup-booth/protocol';

const rightToLeft = new Set(['ar', 'ckb', 'dv', 'fa', 'he', 'ps', 'sd', 'ug', 'ur', 'yi']);

/** The direction by language, not by the first letter: an Arabic sentence may begin with a Latin name. */
export const directionOf = (language: LanguageCode): 'ltr' | 'rtl' =>
  rightToLeft.has(language.split('-')[0] ?? language) ? 'rtl' : 'ltr';

const rtl = '\\p{sc=Arab}\\p{sc=Hebr}\\p{sc=Syrc}\\p{sc=Thaa}\\p{sc=Nkoo}';
const ltr = '\\p{sc=Latn}\\p{sc=Grek}\\p{sc=Cyrl}\\p{sc=Hani}\\p{sc=Hang}';
/** Matches a run of one direction, including spaces and the signs within names, numbers, times and addresses. */
const run = (kind: string, before = '') =>
  new RegExp(`(${before}[${kind}](?:[${kind}\\p{M}\\s.,:/'’@&_+-]*[${kind}\\p{M}])?%?)`, 'u');
const isolated = { rtl: run(`${ltr}\\p{N}`, '[+#$€£-]?'), ltr: run(rtl) };

export interface Run {
  text: string;
  isolated: boolean;
}

export function runs(text: string, direction: 'ltr' | 'rtl'): Run[] {
  return text
    .split(isolated[direction])
    .map((part, index) => ({ text: part, isolated: index % 2 === 1 }))
    .filter(({ text }) => text !== '');
}
