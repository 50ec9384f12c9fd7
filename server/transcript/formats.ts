/**
 * A transcript as SubRip, WebVTT or plain text. Pure.
 *
 * Text and names are shown as they are: they cannot end a cue, start markup, or change the direction of other text.
 */
import type { TranscriptEntry } from '../../protocol/rest.ts';

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
export function srt(lines: readonly TranscriptCue[]): string {
  const cues = cuesOf(lines);
  let freeMs = 0;
  const blocks = cues.map(({ startMs, endMs, speaker, text }, index) => {
    const start = Math.max(startMs, freeMs);
    const shortest = start + SHORTEST_CUE_MS;
    const next = cues[index + 1]?.startMs ?? Number.POSITIVE_INFINITY;
    freeMs = Math.max(shortest, Math.min(endMs, next));
    return `${index + 1}\n${clock(start, ',')} --> ${clock(freeMs, ',')}\n${srtText(labelled(speaker, text))}\n`;
  });
  return blocks.join('\n');
}

/** People who speak at once have cues at once: WebVTT shows them one above the other. */
export function vtt(lines: readonly TranscriptCue[]): string {
  const blocks = cuesOf(lines).map(({ startMs, endMs, speaker, text }) => {
    const voice = speaker && `<v ${vttText(speaker)}>`;
    return `${clock(startMs, '.')} --> ${clock(endMs, '.')}\n${voice}${vttText(text)}\n`;
  });
  return ['WEBVTT\n', ...blocks].join('\n');
}

export function txt(lines: readonly TranscriptCue[]): string {
  return cuesOf(lines)
    .map(({ startMs, speaker, text }) => `[${clock(startMs, '.').slice(0, -4)}] ${labelled(speaker, text)}\n`)
    .join('');
}

/** The cues in the order of their start, without those that have no text. */
function cuesOf(lines: readonly TranscriptCue[]): Cue[] {
  const cues = lines.map(({ speaker, text, start, end, contentFiltered }) => {
    const startMs = Math.max(0, Math.round(start));
    return {
      startMs,
      endMs: Math.max(Math.round(end), startMs + SHORTEST_CUE_MS),
      speaker: oneLine(speaker.name),
      text: [oneLine(text), contentFiltered ? '[not translated]' : ''].filter((part) => part !== '').join(' '),
    };
  });
  return cues.filter(({ text }) => text !== '').sort((a, b) => a.startMs - b.startMs);
}

/** Puts the name before the text. If either is written from right to left, the name is isolated, so that the text sets the direction of the line. */
function labelled(speaker: string, text: string): string {
  if (speaker === '') return text;
  return rightToLeft.test(speaker + text) ? `\u2068${speaker}\u2069: ${text}` : `${speaker}: ${text}`;
}

const rightToLeft =
  /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Adlam}]/u;

/** Line ends become spaces; control characters go, and those that change the direction of what follows. */
const oneLine = (text: string): string =>
  text
    .replace(/[\s\u0085]+/gu, ' ')
    .replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, '')
    .trim();

/** SubRip has no escapes: an invisible joiner keeps what looks like a tag from being one. */
const srtText = (text: string): string => text.replaceAll('-->', '→').replace(/[<{](?=\S)/g, '$&\u2060');

const vttText = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** `01:02:03,456`; hours as many as there are. */
function clock(ms: number, separator: ',' | '.'): string {
  const two = (n: number) => String(Math.floor(n)).padStart(2, '0');
  const seconds = `${two((ms / 60_000) % 60)}:${two((ms / 1000) % 60)}`;
  return `${two(ms / 3_600_000)}:${seconds}${separator}${String(ms % 1000).padStart(3, '0')}`;
}
