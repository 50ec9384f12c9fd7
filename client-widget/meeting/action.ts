/** An action of the person on the page, whichever button, list or key it comes from. */
import type { Locale } from '../i18n/locale.ts';
import type { LocalSource, SelectableSource } from '../media/local-media.ts';
import type { LanguageChoice } from './language-offers.ts';

export type Action =
  | { is: 'choose'; choice: Partial<LanguageChoice> }
  | { is: LocalSource; on: boolean }
  /** Whether interpreters may listen to this person. */
  | { is: 'interpret'; on: boolean }
  /** Whether interpreters may look at this person's video. */
  | { is: 'pictures'; on: boolean }
  | { is: 'captionSize'; size: CaptionSize }
  /** Selects one of several devices by the browser's id. */
  | { is: 'device'; source: SelectableSource | 'speaker'; id: string }
  /** Shows or hides the transcript. */
  | { is: 'transcript'; open: boolean }
  /** Switches the language of the page's own texts. */
  | { is: 'locale'; code: Locale }
  | { is: 'join'; name: string }
  /** Leaves the waiting room. */
  | { is: 'stopWaiting' }
  | { is: 'leave' };

/** Caption sizes: normal, large, very large. */
export const captionSizes = [0, 1, 2] as const;
export type CaptionSize = (typeof captionSizes)[number];

/** Carries an action from the component in which it was made up to `<booth-page>`. */
export class ActionEvent extends Event {
  static readonly type = 'booth-action';
  readonly action: Action;
  constructor(action: Action) {
    super(ActionEvent.type, { bubbles: true, composed: true });
    this.action = action;
  }
}
