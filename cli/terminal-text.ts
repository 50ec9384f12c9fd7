import { stripVTControlCharacters } from 'node:util';

/** Text from other people, made safe for a terminal: control characters and escape sequences are removed. */
export const printable = (text: string): string =>
  stripVTControlCharacters(text)
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .trim();
