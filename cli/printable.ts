import { stripVTControlCharacters } from 'node:util';

/** What others said or are called, for a terminal: it must not be able to write anything there but text. */
export const printable = (text: string): string =>
  stripVTControlCharacters(text)
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .trim();
