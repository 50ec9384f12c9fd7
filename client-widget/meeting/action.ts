/** What a person can want of the page, whichever button, list or key says so. */
import type { Locale } from '../i18n/locale.ts';
import type { LocalSource, SelectableSource } from '../media/local-media.ts';
import type { LanguageChoice } from './language-offers.ts';

export type Action =
  | { is: 'choose'; choice: Partial<LanguageChoice> }
  | { is: LocalSource; on: boolean }
  /** Whether an interpreter may listen to me. */
  | { is: 'interpret'; on: boolean }
  /** Whether an interpreter may look at me. */
  | { is: 'pictures'; on: boolean }
  | { is: 'captionSize'; size: CaptionSize }
  /** Which of several devices, by the browser's id. */
  | { is: 'device'; source: SelectableSource | 'speaker'; id: string }
  /** Whether what was said so far stands on the page. */
  | { is: 'transcript'; open: boolean }
  /** The language of the page's own words. */
  | { is: 'locale'; code: Locale }
  | { is: 'join'; name: string }
  /** Not to be let in after all. */
  | { is: 'stopWaiting' }
  | { is: 'leave' };

/** Normal, large, very large. */
export const captionSizes = [0, 1, 2] as const;
export type CaptionSize = (typeof captionSizes)[number];

/** Rises from wherever the wish was made to the page. */
export class ActionEvent extends Event {
  static readonly type = 'booth-action';
  readonly action: Action;
  constructor(wish: Action) {
    super(ActionEvent.type, { bubbles: true, composed: true });
    this.action = wish;
  }
}
