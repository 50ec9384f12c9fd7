/**
 * Prints the texts of a translation session: final texts on stdout, one a line; the text that still changes on stderr, in a line that
 * is overwritten, where that is a terminal. Or every event of the session as a line of JSON.
 */

import type { SegmentText, SessionEvents, TranslationError } from '@mediasoup-booth/interpreter/livetranslate';
import type { LanguageCode } from '@mediasoup-booth/protocol';
import { VOICE_SAMPLE_RATE } from '../audio/sample-rates.ts';
import { printable } from './terminal-text.ts';

/** @param showsChanges whether the text that still changes has the status line, which shows nothing else then */
export function subtitles(source: LanguageCode, target: LanguageCode, showsChanges: boolean): SessionEvents {
  const show = (language: LanguageCode, { confirmed, tentative, final }: SegmentText): void => {
    const line = `${language}: ${printable(confirmed + tentative)}`;
    if (!final && showsChanges) writeStatusLine(line);
    if (!final || !confirmed.trim()) return;
    writeStatusLine('');
    console.log(line);
  };
  const printMessage = (message: string): void => printLine(printable(message));
  return {
    ready: ({ downgraded }) => downgraded && printMessage(downgraded),
    source: (text) => show(source, text),
    translation: (text) => show(target, text),
    audio: () => {},
    audioEnd: () => {},
    usage: () => {},
    contentFiltered: ({ message }) => printMessage(message),
    closed: () => writeStatusLine(''),
  };
}

/**
 * `atMs` is the time since the session was opened. Audio is printed as its length; `--out` writes the samples.
 *
 * @param language printed with each event as `to`, where there are several
 */
export function jsonLines(nowMs: () => number, language?: LanguageCode): SessionEvents {
  const print = (type: string, content: object): void =>
    console.log(JSON.stringify({ type, atMs: Math.round(nowMs()), ...(language && { to: language }), ...content }));
  return {
    ready: (agreed) => print('ready', agreed),
    source: (text) => print('source', asPrinted(text)),
    translation: (text) => print('translation', asPrinted(text)),
    audio: (segment, { length }) => print('audio', { segment, ms: (length / VOICE_SAMPLE_RATE) * 1000 }),
    audioEnd: (segment) => print('audioEnd', { segment }),
    usage: (usage) => print('usage', usage),
    contentFiltered: (error) => print('contentFiltered', describeError(error)),
    closed: (error) => print('closed', error ? describeError(error) : {}),
  };
}

/** What the service confirmed is printed as `stable`, which is what captions call text that is never taken back. */
const asPrinted = ({ segment, confirmed, ...rest }: SegmentText): object => ({ segment, stable: confirmed, ...rest });

const describeError = ({ class: errorClass, code, message }: TranslationError): object => ({
  error: { class: errorClass, code, message },
});

/** Overwrites the last line of a terminal; the empty line erases it. Does nothing where stderr is no terminal. */
export function writeStatusLine(line: string): void {
  if (!process.stderr.isTTY) return;
  const eraseLine = '\r\u001b[K';
  const width = (process.stderr.columns || 80) - 1;
  process.stderr.write(eraseLine + line.slice(-width));
}

/** Prints a line on stderr, in place of the status line, which comes again with what it shows next. */
export function printLine(line: string): void {
  writeStatusLine('');
  console.error(line);
}
