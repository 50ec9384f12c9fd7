/** What a person can want of the page, whichever button, list or key says so. */
import type { Locale } from '../i18n/locale.ts';
import type { LocalSource, Picked } from '../media/local-media.ts';
import type { Choice } from './language-offers.ts';

export type Wish =
  | { is: 'choose'; choice: Partial<Choice> }
  | { is: LocalSource; on: boolean }
  /** Whether an interpreter may listen to me. */
  | { is: 'interpret'; on: boolean }
  /** Whether an interpreter may look at me. */
  | { is: 'pictures'; on: boolean }
  | { is: 'captionSize'; size: CaptionSize }
  /** Which of several devices, by the browser's id. */
  | { is: 'device'; source: Picked | 'speaker'; id: string }
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
export class WishEvent extends Event {
  static readonly type = 'booth-wish';
  readonly wish: Wish;
  constructor(wish: Wish) {
    super(WishEvent.type, { bubbles: true, composed: true });
    this.wish = wish;
  }
}
