/**
 * The one choice of languages that all elements of a page share, and what of it the application is asked for. What is heard is also read,
 * until another language is chosen to read. Only what is shown costs anything: without an element that plays, nothing is heard, and
 * without one that shows captions, nothing is read. `choose` is called once for each change, and for nothing at the end; what it refuses is
 * taken back. No DOM, no timers.
 */
import type { HeardLanguage, ReadLanguages } from '@mediasoup-booth/protocol';
import type { WidgetText } from '../i18n/translate.ts';
import type { ErrorReason } from '../media/error-reason.ts';

/** What the application is asked for, as `person()` of the interpreter takes it. */
export interface ChosenLanguages {
  hears: HeardLanguage;
  /** Empty: nothing is read. */
  reads: ReadLanguages;
}

/** What the person wants, whether or not it can be shown now. */
export interface WantedLanguages {
  hears: HeardLanguage;
  /** Null: nothing is read. */
  reads: HeardLanguage | null;
}

/** What the elements of the page can do now. */
export interface Shown {
  /** Whether something plays channels. */
  voices: boolean;
  /** Whether something shows captions, and whether it shows the original above its translation. */
  captions: 'none' | 'translation' | 'both';
}

interface SelectionOptions {
  wanted?: Partial<WantedLanguages>;
  /** Asks the application. What it throws or rejects with is why it refuses. */
  choose(languages: ChosenLanguages): unknown;
  /** What is wanted has changed. */
  changed(wanted: WantedLanguages): void;
  /** The application has agreed, and this is what it answered. */
  agreed(answer: unknown): void;
  /** The application has refused; undefined: that is over. */
  refused(reason: ErrorReason | undefined): void;
}

const NOTHING: ChosenLanguages = { hears: 'original', reads: [] };
const UNCHANGED: WidgetText = 'The language could not be changed.';

export class LanguageSelection {
  readonly #options: SelectionOptions;
  #wanted: WantedLanguages;
  #shown: Shown = { voices: false, captions: 'none' };
  /** Whether another language was chosen to read than the one that is heard. */
  #readsSeparately: boolean;
  /** What the application was asked for last. */
  #asked = NOTHING;
  /** What it agreed to last, and what was wanted then. */
  #agreed: { asked: ChosenLanguages; wanted: WantedLanguages };
  #questions = 0;
  #lastAgreed = 0;
  #closed = false;
  /** Whether anybody has chosen so far. */
  #isUntouched: boolean;

  constructor(options: SelectionOptions) {
    const { hears = 'original', reads = hears === 'original' ? null : hears } = options.wanted ?? {};
    this.#options = options;
    this.#wanted = { hears, reads };
    this.#readsSeparately = options.wanted?.reads !== undefined && reads !== hears;
    this.#isUntouched = options.wanted?.hears === undefined && options.wanted?.reads === undefined;
    this.#agreed = { asked: this.#asked, wanted: this.#wanted };
  }

  get wanted(): WantedLanguages {
    return this.#wanted;
  }

  /** Whether an element's own language may become the choice: nobody has chosen yet. */
  get isUntouched(): boolean {
    return this.#isUntouched;
  }

  select({ hears = this.#wanted.hears, reads }: Partial<WantedLanguages>): void {
    if (reads !== undefined) this.#readsSeparately = reads !== hears;
    const followed = this.#readsSeparately || hears === 'original' ? this.#wanted.reads : hears;
    this.#isUntouched = false;
    this.#want({ hears, reads: reads === undefined ? followed : reads });
    this.#ask();
  }

  show(shown: Shown): void {
    this.#shown = shown;
    this.#ask();
  }

  /** Takes back what was asked for. Nothing else is asked and nothing is reported any more. */
  close(): void {
    if (this.#closed) return;
    this.abandon();
    if (isSame(NOTHING, this.#asked)) return;
    // An application that the person has left answers nothing any more.
    new Promise((resolve) => resolve(this.#options.choose(NOTHING))).catch(() => {});
  }

  /** Leaves what was asked for to another selection. Nothing is asked and nothing is reported any more. */
  abandon(): void {
    this.#closed = true;
  }

  #want(wanted: WantedLanguages): void {
    this.#wanted = wanted;
    this.#options.changed(wanted);
  }

  #ask(): void {
    const { hears, reads } = this.#wanted;
    const { voices, captions } = this.#shown;
    const languages = {
      hears: voices ? hears : 'original',
      reads: captions === 'none' ? [] : readsOf(reads, captions),
    };
    if (this.#closed || isSame(languages, this.#asked)) return;
    const question = ++this.#questions;
    const asked = { asked: languages, wanted: this.#wanted };
    this.#asked = languages;
    this.#options.refused(undefined);
    new Promise((resolve) => resolve(this.#options.choose(languages))).then(
      (answer) => {
        if (this.#closed) return;
        if (question > this.#lastAgreed) this.#agreed = asked;
        this.#lastAgreed = Math.max(question, this.#lastAgreed);
        this.#options.agreed(answer);
      },
      (error: unknown) => {
        // A later question has taken its place.
        if (!this.#closed && question === this.#questions) this.#revert(asked.wanted, error);
      },
    );
  }

  #revert(refused: WantedLanguages, error: unknown): void {
    const { asked, wanted } = this.#agreed;
    this.#asked = asked;
    // Where the same was wanted before and not shown, what was agreed to is all that is left of it.
    const isOther = wanted.hears !== refused.hears || wanted.reads !== refused.reads;
    const before = isOther ? wanted : { hears: asked.hears, reads: asked.reads.at(-1) ?? null };
    this.#readsSeparately = before.reads !== null && before.reads !== before.hears;
    this.#want(before);
    const message = error instanceof Error && error.message ? error.message : UNCHANGED;
    this.#options.refused({ code: message, message });
  }
}

const readsOf = (language: HeardLanguage | null, captions: 'translation' | 'both'): ReadLanguages => {
  if (language === null) return [];
  return captions === 'both' && language !== 'original' ? ['original', language] : [language];
};

const isSame = (one: ChosenLanguages, other: ChosenLanguages): boolean =>
  one.hears === other.hears && one.reads.join() === other.reads.join();
