/**
 * What a session says, on the terminal: finished texts on stdout, line by line; the one that is still growing on stderr,
 * in one line that rewrites itself, where that is a terminal. Or everything as JSON, one event a line.
 */
import type { SegmentText, SessionEvents, TranslationError } from '../bot/session/translation-session.ts';
import type { LanguageCode } from '../protocol/languages.ts';
import { printable } from './printable.ts';

export const OUTPUT_RATE = 24_000;

export function subtitles(source: LanguageCode, target: LanguageCode): SessionEvents {
  const growing = process.stderr.isTTY ? growingLine() : undefined;
  const show = (language: LanguageCode, { stable, tentative, final }: SegmentText): void => {
    const line = `${language}: ${printable(stable + tentative)}`;
    growing?.(final ? '' : line);
    if (final && stable.trim()) console.log(line);
  };
  const tell = (message: string): void => {
    growing?.('');
    console.error(printable(message));
  };
  return {
    ready: ({ downgraded }) => downgraded && tell(downgraded),
    source: (text) => show(source, text),
    translation: (text) => show(target, text),
    audio: () => {},
    audioEnd: () => {},
    usage: () => {},
    contentFiltered: ({ message }) => tell(message),
    closed: () => growing?.(''),
  };
}

/** `atMs`: since the first sound was sent. Of speech it tells how long it is; the samples are what `--out` is for. */
export function jsonLines(nowMs: () => number): SessionEvents {
  const print = (type: string, content: object): void =>
    console.log(JSON.stringify({ type, atMs: Math.round(nowMs()), ...content }));
  return {
    ready: (agreed) => print('ready', agreed),
    source: (text) => print('source', text),
    translation: (text) => print('translation', text),
    audio: (segment, { length }) => print('audio', { segment, ms: (length / OUTPUT_RATE) * 1000 }),
    audioEnd: (segment) => print('audioEnd', { segment }),
    usage: (usage) => print('usage', usage),
    contentFiltered: (error) => print('contentFiltered', described(error)),
    closed: (error) => print('closed', error ? described(error) : {}),
  };
}

const described = ({ class: errorClass, code, message }: TranslationError): object => ({
  error: { class: errorClass, code, message },
});

function growingLine(): (line: string) => void {
  const eraseLine = '\r\u001b[K';
  return (line) => {
    const width = (process.stderr.columns ?? 80) - 1;
    process.stderr.write(eraseLine + line.slice(-width));
  };
}
