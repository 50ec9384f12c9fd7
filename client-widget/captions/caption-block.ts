/**
 * How one language of one utterance has been displayed so far: its paced words and its line breaks. Its number of lines never decreases,
 * and a line that has scrolled off does not come back. No timers: the time and a text's width are passed in.
 */
import type { LanguageCode } from '@mediasoup-booth/protocol';
import { breakLines, columnWidth, maxColumns } from '../../captions/line-breaking.ts';
import type { CaptionLine } from './caption-model.ts';
import { type PacedText, WordPacing } from './word-pacing.ts';

/** Whether a text fits on one line of the screen. `small`: in the size of an original beside its translation. */
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
  /** The last lines and the input they were made from. */
  #made: { text: string; stable: number; small: boolean; fits: FitsLine; lines: readonly DisplayLine[] } | undefined;

  /** `past`: it was said before the viewer subscribed. */
  add(line: CaptionLine, nowMs: number, past: boolean): void {
    this.#language = line.language;
    this.#reveal.update(line, nowMs, !past);
  }

  at(nowMs: number, tentative: boolean, small: boolean, fits: FitsLine): BlockState {
    const { text, stable, wholeMs, nextMs } = this.#reveal.at(nowMs);
    const visible = tentative ? text : text.slice(0, stable);
    return { lines: this.#lines(visible, stable, small, fits), wholeMs, nextMs };
  }

  /** The last `count` lines, without those that have scrolled off already. */
  visible(lines: readonly DisplayLine[], count: number): readonly DisplayLine[] {
    this.#top = Math.max(this.#top, lines.length - count);
    return lines.slice(this.#top);
  }

  #lines(text: string, stable: PacedText['stable'], small: boolean, fits: FitsLine): readonly DisplayLine[] {
    const made = this.#made;
    if (made && made.text === text && made.stable === stable && made.small === small && made.fits === fits)
      return made.lines;
    // A change of the screen's width breaks lines elsewhere.
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

/** Splits each line into its stable part and what may still change. */
function splitCertain(texts: readonly string[], stable: number): DisplayLine[] {
  let before = 0;
  return texts.map((text) => {
    const certain = Math.max(0, Math.min(text.length, stable - before));
    before += text.length;
    return { certain: text.slice(0, certain), tentative: text.slice(certain) };
  });
}
