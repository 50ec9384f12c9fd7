/**
 * How one language of one utterance has been shown so far: its words as they came, its lines as they broke. Lines never get
 * fewer, and one that has left above does not come back. Pure: time and the width of a text are passed in.
 */
import type { LanguageCode } from '../../protocol/languages.ts';
import { broken, columns, columnsOf } from './line-breaking.ts';
import type { Line } from './caption-model.ts';
import { Reveal, type Revealed } from './word-pacing.ts';

/** Whether a text finds room on one line of the screen; `small`: in the size of an original beside its translation. */
export type Fits = (text: string, small: boolean) => boolean;

export interface ShownLine {
  certain: string;
  tentative: string;
}

export interface StrandNow {
  lines: readonly ShownLine[];
  wholeMs: Revealed['wholeMs'];
  nextMs: number | undefined;
}

export class StrandProgress {
  readonly #reveal = new Reveal();
  #language: LanguageCode = 'en';
  #top = 0;
  #most = 0;
  /** What the lines were last made from, and they. */
  #made: { text: string; stable: number; small: boolean; fits: Fits; lines: readonly ShownLine[] } | undefined;

  /** `past`: it was said before anyone looked. */
  add(line: Line, nowMs: number, past: boolean): void {
    this.#language = line.language;
    this.#reveal.update(line, nowMs, !past);
  }

  at(nowMs: number, tentative: boolean, small: boolean, fits: Fits): StrandNow {
    const { text, stable, wholeMs, nextMs } = this.#reveal.at(nowMs);
    const visible = tentative ? text : text.slice(0, stable);
    return { lines: this.#lines(visible, stable, small, fits), wholeMs, nextMs };
  }

  /** The last `count` lines, less those that have left already. */
  rolled(lines: readonly ShownLine[], count: number): readonly ShownLine[] {
    this.#top = Math.max(this.#top, lines.length - count);
    return lines.slice(this.#top);
  }

  #lines(text: string, stable: Revealed['stable'], small: boolean, fits: Fits): readonly ShownLine[] {
    const made = this.#made;
    if (made && made.text === text && made.stable === stable && made.small === small && made.fits === fits)
      return made.lines;
    // On another screen, lines break elsewhere.
    if (made && made.fits !== fits) this.#top = this.#most = 0;
    const limit = columnsOf(this.#language);
    const texts = broken(text, this.#language, (line) => columns(line) <= limit && fits(line, small));
    this.#most = Math.max(this.#most, texts.length);
    const lines = parted(texts, stable);
    while (lines.length < this.#most) lines.push({ certain: '', tentative: '' });
    this.#made = { text, stable, small, fits, lines };
    return lines;
  }
}

/** Each line's certain part, and what of it may still change. */
function parted(texts: readonly string[], stable: number): ShownLine[] {
  let before = 0;
  return texts.map((text) => {
    const certain = Math.max(0, Math.min(text.length, stable - before));
    before += text.length;
    return { certain: text.slice(0, certain), tentative: text.slice(certain) };
  });
}
