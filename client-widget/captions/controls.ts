/** The viewer's controls: language, size, placement and history. Loaded when they are opened. */

import type { HeardLanguage, LanguageCode } from '@mediasoup-booth/protocol';
import { css, html, nothing } from 'lit';
import { fullName } from '../i18n/language-names.ts';
import { t } from '../i18n/translate.ts';
import { fetchReadableLanguages } from '../sources/languages.ts';
import { type CaptionPlacement, clampedSize } from './viewer-settings.ts';

interface ControlValues {
  size: number;
  place: CaptionPlacement;
  history: boolean;
  language: HeardLanguage | undefined;
}

export type ViewerChange = Partial<Pick<ControlValues, 'size' | 'place' | 'history' | 'language'>>;

export { fetchReadableLanguages };

const STEP = 25;

/** @param languages those that can be read; empty: not known */
export function controls(
  { size, place, history, language }: ControlValues,
  languages: readonly LanguageCode[],
  choose: (choice: ViewerChange) => void,
) {
  const button = (
    label: string,
    sign: unknown,
    choice: ViewerChange,
    more: { off?: boolean; pressed?: boolean } = {},
  ) => html`
    <button
      part="button"
      aria-label=${label}
      title=${label}
      aria-pressed=${more.pressed ?? nothing}
      ?disabled=${more.off ?? false}
      @click=${() => choose(choice)}
    >
      ${sign}
    </button>
  `;
  const [elsewhere, move] =
    place === 'bottom' ? (['top', 'Move to the top'] as const) : (['bottom', 'Move to the bottom'] as const);
  const [smaller, larger] = [clampedSize(size - STEP), clampedSize(size + STEP)];
  return html`
    ${languages.length > 0 ? languageList(language, languages, choose) : nothing}
    ${button(t('Smaller'), sizes.smaller, { size: smaller }, { off: smaller === size })}
    ${button(t('Larger'), sizes.larger, { size: larger }, { off: larger === size })}
    ${history ? nothing : button(t(move), arrows[elsewhere], { place: elsewhere })}
    ${button(t('What was said before'), list, { history: !history }, { pressed: history })}
  `;
}

function languageList(
  language: HeardLanguage | undefined,
  languages: readonly LanguageCode[],
  choose: (choice: ViewerChange) => void,
) {
  // The current language stays in the list even if no engine offers it any more.
  const codes = new Set([...languages, ...(language && language !== 'original' ? [language] : [])]);
  const option = (value: string, label: string) =>
    html`<option value=${value} .selected=${value === language}>${label}</option>`;
  return html`
    <select
      part="language"
      aria-label=${t('Language')}
      @change=${({ target }: Event) => target instanceof HTMLSelectElement && choose({ language: target.value })}
    >
      ${language === undefined ? html`<option value="" disabled selected>–</option>` : nothing}
      ${option('original', t('Original'))} ${[...codes].map((code) => option(code, fullName(code)))}
    </select>
  `;
}

const drawing = (path: string) => html`<svg viewBox="0 0 24 24" aria-hidden="true"><path d=${path}></path></svg>`;
const arrows = { top: drawing('M4 4h16M12 20V9M7 14l5-5 5 5'), bottom: drawing('M4 20h16M12 4v11M7 10l5 5 5-5') };
const sizes = {
  smaller: drawing('M3 19 8 5l5 14M5 15h6M16 9h6'),
  larger: drawing('M3 19 8 5l5 14M5 15h6M16 9h6M19 6v6'),
};
const list = drawing('M8 6h12M8 12h12M8 18h12M4 6h.01M4 12h.01M4 18h.01');

/** Adds the styles of the controls to a shadow root, once. */
export function applyControlStyles({ adoptedStyleSheets: sheets }: DocumentOrShadowRoot): void {
  if (controlStyles.styleSheet && !sheets.includes(controlStyles.styleSheet)) sheets.push(controlStyles.styleSheet);
}

const controlStyles = css`
  select {
    padding: 0 0.5rem;
    border-color: var(--_quiet);
    inline-size: 9rem;
    flex: 0 1 auto;
  }

  option {
    background: Canvas;
    color: CanvasText;
  }

  button[aria-pressed='true'] {
    border-color: currentColor;
  }

  button:disabled {
    cursor: default;
    opacity: 0.5;
  }

  svg {
    inline-size: 1.25rem;
    block-size: 1.25rem;
    fill: none;
    stroke: currentColor;
    stroke-width: 1.75;
    stroke-linecap: round;
    stroke-linejoin: round;
  }
`;
