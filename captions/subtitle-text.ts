/** Texts and times as subtitle files need them: a text cannot end a cue, start markup, or change the direction of other text. Pure. */

/** Line ends become spaces; control characters go, and those that change the direction of what follows. */
export const oneLine = (text: string): string =>
  text
    .replace(/[\s\u0085]+/gu, ' ')
    .replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, '')
    .trim();

/** SubRip has no escapes: an invisible joiner keeps what looks like a tag from being one. */
export const srtText = (text: string): string => text.replaceAll('-->', '→').replace(/[<{](?=\S)/g, '$&\u2060');

export const vttText = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** `01:02:03,456`; hours as many as there are. SubRip separates milliseconds by a comma, WebVTT by a full stop. */
export function cueTime(ms: number, separator: ',' | '.'): string {
  const two = (n: number) => String(Math.floor(n)).padStart(2, '0');
  const seconds = `${two((ms / 60_000) % 60)}:${two((ms / 1000) % 60)}`;
  return `${two(ms / 3_600_000)}:${seconds}${separator}${String(ms % 1000).padStart(3, '0')}`;
}
