/**
 * Subtitles of what was translated, in one language or two, as SubRip or WebVTT. Pure.
 *
 * Hard requirements: cues are in order and never overlap; a line is no longer than captions have it (42 letters, 16 full-width
 * characters), a cue has two lines, one of each language where there are two; a cue starts when its words were said, and stays
 * as long as reading takes, as far as the next one leaves time.
 */
import type { LanguageCode } from '@mediasoup-booth/protocol';
import { breakLines, columnWidth, maxColumns } from '../captions/line-breaking.ts';
import { cueTime, oneLine, srtText, vttText } from '../captions/subtitle-text.ts';

export interface SubtitleText {
  language: LanguageCode;
  text: string;
}

export interface SubtitleUtterance {
  /** Milliseconds from the beginning of the recording. */
  startMs: number;
  endMs: number;
  /** One, or two: the first is above. */
  texts: readonly SubtitleText[];
}

export interface SubtitleCue {
  startMs: number;
  endMs: number;
  lines: readonly string[];
}

const LINES = 2;
/** Columns that adults read in a second. */
const COLUMNS_PER_SECOND = 17;
const SHORTEST_MS = 1000;
const LONGEST_MS = 7000;

/** @example subtitleCues([{ startMs: 0, endMs: 2000, texts: [{ language: 'es', text: 'Buenos días.' }] }]); */
export function subtitleCues(utterances: readonly SubtitleUtterance[]): SubtitleCue[] {
  const cues = utterances
    .toSorted((a, b) => a.startMs - b.startMs)
    .flatMap(cuesOf)
    .toSorted((a, b) => a.startMs - b.startMs);
  return cues.map((cue, i) => endedBefore(cue, cues[i + 1]?.startMs));
}

/** Splits an utterance into cues, each with its share of the time. */
function cuesOf({ startMs, endMs, texts }: SubtitleUtterance): SubtitleCue[] {
  const written = texts
    .map(({ language, text }) => ({ language, text: oneLine(text) }))
    .filter(({ text }) => text !== '');
  if (written.length === 0) return [];
  const linesEach = written.length > 1 ? 1 : LINES;
  const lines = written.map(({ language, text }) => linesOf(text, language, maxColumns(language)));
  const count = Math.ceil(Math.max(...lines.map(({ length }) => length)) / linesEach);
  const blocks = written.map(({ language, text }) => blocksOf(text, language, count, linesEach));
  const parts = Array.from({ length: count }, (_, i) => blocks.flatMap((block) => block[i] ?? []));
  const widths = parts.map((part) => Math.max(1, columnWidth(part.join(''))));
  const whole = widths.reduce((sum, width) => sum + width, 0);
  let before = 0;
  return parts.map((part, i) => {
    const at = (share: number) => Math.round(startMs + ((endMs - startMs) * share) / whole);
    const width = widths[i] ?? 0;
    const cue = { startMs: at(before), endMs: at(before + width), lines: part };
    before += width;
    return cue;
  });
}

const linesOf = (text: string, language: LanguageCode, columns: number): string[] =>
  breakLines(text, language, (line) => columnWidth(line) <= columns).map((line) => line.trim());

/** As many blocks as are wanted, of about the same length; the last ones are empty where there are fewer words than that. */
function blocksOf(text: string, language: LanguageCode, count: number, linesEach: number): string[][] {
  const most = maxColumns(language);
  // What fits into one line stays in one.
  const wanted = count === 1 ? linesOf(text, language, most).length : count * linesEach;
  const even = Math.ceil(columnWidth(text) / wanted);
  for (let columns = Math.min(most, Math.max(1, even)); columns <= most; columns++) {
    const lines = linesOf(text, language, columns);
    if (lines.length <= wanted || columns === most)
      return Array.from({ length: count }, (_, i) => lines.slice(i * linesEach, (i + 1) * linesEach));
  }
  return [];
}

/** A cue stays for as long as reading it takes, and longer only while its words are said; the next one ends it. */
function endedBefore({ startMs, endMs, lines }: SubtitleCue, nextMs = Number.POSITIVE_INFINITY): SubtitleCue {
  const readingMs = Math.max(SHORTEST_MS, (columnWidth(lines.join('')) / COLUMNS_PER_SECOND) * 1000);
  const wanted = Math.max(startMs + readingMs, Math.min(endMs, startMs + LONGEST_MS));
  return { startMs, endMs: Math.round(Math.max(startMs + 1, Math.min(wanted, nextMs))), lines };
}

/** SubRip. */
export function* srtOf(cues: readonly SubtitleCue[]): Generator<string> {
  for (const [i, { startMs, endMs, lines }] of cues.entries()) {
    const gap = i > 0 ? '\n' : '';
    yield `${gap}${i + 1}\n${cueTime(startMs, ',')} --> ${cueTime(endMs, ',')}\n${lines.map(srtText).join('\n')}\n`;
  }
}

/** WebVTT. */
export function* vttOf(cues: readonly SubtitleCue[]): Generator<string> {
  yield 'WEBVTT\n';
  for (const { startMs, endMs, lines } of cues)
    yield `\n${cueTime(startMs, '.')} --> ${cueTime(endMs, '.')}\n${lines.map(vttText).join('\n')}\n`;
}
