/**
 * A transcript as SubRip, WebVTT or plain text, piece by piece. Pure.
 *
 * Text and names are shown as they are: they cannot end a cue, start markup, or change the direction of other text.
 */
import type { TranscriptEntry } from '@mediasoup-booth/protocol';
import { cueTime, oneLine, srtText, vttText } from '../../captions/subtitle-text.ts';

export type TranscriptCue = Pick<TranscriptEntry, 'speaker' | 'text' | 'start' | 'end' | 'contentFiltered'>;

/** The shortest time for which a cue is shown: nobody reads a word in less. */
export const SHORTEST_CUE_MS = 1000;

interface Cue {
  startMs: number;
  endMs: number;
  speaker: string;
  text: string;
}

/** One cue at a time, as not every player shows two: one ends when the next begins, which waits where that would be too soon. */
export function* srt(lines: readonly TranscriptCue[]): Generator<string> {
  let freeMs = 0;
  let number = 0;
  const block = ({ startMs, endMs, speaker, text }: Cue, nextMs: number): string => {
    const start = Math.max(startMs, freeMs);
    freeMs = Math.max(start + SHORTEST_CUE_MS, Math.min(endMs, nextMs));
    const gap = number++ > 0 ? '\n' : '';
    return `${gap}${number}\n${cueTime(start, ',')} --> ${cueTime(freeMs, ',')}\n${srtText(labelled(speaker, text))}\n`;
  };
  let waiting: Cue | undefined;
  for (const cue of cuesOf(lines)) {
    if (waiting) yield block(waiting, cue.startMs);
    waiting = cue;
  }
  if (waiting) yield block(waiting, Number.POSITIVE_INFINITY);
}

/** People who speak at once have cues at once: WebVTT shows them one above the other. */
export function* vtt(lines: readonly TranscriptCue[]): Generator<string> {
  yield 'WEBVTT\n';
  for (const { startMs, endMs, speaker, text } of cuesOf(lines)) {
    const voice = speaker && `<v ${vttText(speaker)}>`;
    yield `\n${cueTime(startMs, '.')} --> ${cueTime(endMs, '.')}\n${voice}${vttText(text)}\n`;
  }
}

export function* txt(lines: readonly TranscriptCue[]): Generator<string> {
  for (const { startMs, speaker, text } of cuesOf(lines))
    yield `[${cueTime(startMs, '.').slice(0, -4)}] ${labelled(speaker, text)}\n`;
}

/** The cues in the order of their start, without those that have no text. */
function* cuesOf(lines: readonly TranscriptCue[]): Generator<Cue> {
  const sorted = lines.toSorted((a, b) => startOf(a) - startOf(b));
  for (const line of sorted) {
    const { speaker, text, end, contentFiltered } = line;
    const startMs = startOf(line);
    const shown = [oneLine(text), contentFiltered ? '[not translated]' : ''].filter((part) => part !== '').join(' ');
    if (shown === '') continue;
    const endMs = Math.max(Math.round(end), startMs + SHORTEST_CUE_MS);
    yield { startMs, endMs, speaker: oneLine(speaker.name), text: shown };
  }
}

const startOf = ({ start }: TranscriptCue): number => Math.max(0, Math.round(start));

/** Puts the name before the text. If either is written from right to left, the name is isolated, so that the text sets the direction of the line. */
function labelled(speaker: string, text: string): string {
  if (speaker === '') return text;
  return rightToLeft.test(speaker + text) ? `\u2068${speaker}\u2069: ${text}` : `${speaker}: ${text}`;
}

const rightToLeft =
  /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Adlam}]/u;
