/**
 * How one language of one utterance has been shown so far: its words as they came, its lines as they broke. Lines never get
 * fewer, and one that has left above does not come back. Pure: time and the width of a text are passed in.
 */
import type { LanguageCode } from '../../protocol/languages.ts';
import type { CaptionLine } from './caption-model.ts';
import { breakLines, columnWidth, maxColumns } from './line-breaking.ts';
import { type PacedText, WordPacing } from './word-pacing.ts';

/** Whether a text finds room on one line of the screen; `small`: in the size of an original beside its translation. */
export type FitsLine = (text: string, small: boolean) => boolean;

export interface DisplayLine {
  certain: string;
  tentative: string;
}

interface BlockState {
  lines: readonly DisplayLine[];
  wholeMs: PacedText['wholeMs'];
  nextMs: number | undefined;
}

export class CaptionBlockProgress {
  readonly #reveal = new WordPacing();
  #language: LanguageCode = 'en';
  #top = 0;
  #most = 0;
  /** What the lines were last made from, and they. */
  #made: { text: string; stable: number; small: boolean; fits: FitsLine; lines: readonly DisplayLine[] } | undefined;

  /** `past`: it was said before anyone looked. */
  add(line: CaptionLine, nowMs: number, past: boolean): void {
    this.#language = line.language;
    this.#reveal.update(line, nowMs, !past);
  }

  at(nowMs: number, tentative: boolean, small: boolean, fits: FitsLine): BlockState {
    const { text, stable, wholeMs, nextMs } = this.#reveal.at(nowMs);
    const visible = tentative ? text : text.slice(0, stable);
    return { lines: this.#lines(visible, stable, small, fits), wholeMs, nextMs };
  }

  /** The last `count` lines, less those that have left already. */
  visible(lines: readonly DisplayLine[], count: number): readonly DisplayLine[] {
    this.#top = Math.max(this.#top, lines.length - count);
    return lines.slice(this.#top);
  }

  #lines(text: string, stable: PacedText['stable'], small: boolean, fits: FitsLine): readonly DisplayLine[] {
    const made = this.#made;
    if (made && made.text === text && made.stable === stable && made.small === small && made.fits === fits)
      return made.lines;
    // On another screen, lines break elsewhere.
    if (made && made.fits !== fits) this.#top = this.#most = 0;
    const limit = maxColumns(this.#language);
    const texts = breakLines(text, this.#language, (line) => columnWidth(line) <= limit && fits(line, small));
    this.#most = Math.max(this.#most, texts.length);
    const lines = splitCertain(texts, stable);
    while (lines.length < this.#most) lines.push({ certain: '', tentative: '' });
    this.#made = { text, stable, small, fits, lines };
    return lines;
  }
}

/** Each line's certain part, and what of it may still change. */
function splitCertain(texts: readonly string[], stable: number): DisplayLine[] {
  let before = 0;
  return texts.map((text) => {
    const certain = Math.max(0, Math.min(text.length, stable - before));
    before += text.length;
    return { certain: text.slice(0, certain), tentative: text.slice(certain) };
  });
}
