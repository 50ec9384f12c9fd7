/** `<booth-language-settings>`: voice, audio and terms of each target language, one language at a time. */

import type { LanguageCode, LanguageSettings, LanguagesResponse } from '@mediasoup-booth/protocol';
import { css, html, LitElement, nothing } from 'lit';
import { live } from 'lit/directives/live.js';
import { ownName } from '../i18n/language-names.ts';
import { pageTexts } from '../i18n/page-texts.ts';
import {
  fieldsOf,
  readTerms,
  type SettingsDraft,
  type SettingsDrafts,
  type TermBounds,
  type TermFault,
} from '../meeting/language-settings.ts';
import { checkbox, checkboxStyles } from './checkbox.ts';
import { formatNumber } from './number-format.ts';
import { select } from './select.ts';
import { fields, shared } from './shared.ts';
import { StoreController } from './store-controller.ts';

const FAULTS_SHOWN = 3;

export class BoothLanguageSettings extends LitElement {
  static override properties = {
    languages: { attribute: false },
    codes: { attribute: false },
    later: { attribute: false },
    current: { attribute: false },
    drafts: { attribute: false },
    changed: { attribute: false },
    shown: { state: true },
    showsFaults: { state: true },
  };
  declare languages: LanguagesResponse;
  /** The languages that can have settings. */
  declare codes: readonly LanguageCode[];
  /** The languages are interpreted only once somebody selects one. */
  declare later: boolean;
  /** The interpreter's current settings. */
  declare current: Readonly<Record<LanguageCode, LanguageSettings>>;
  declare drafts: SettingsDrafts;
  declare changed: (drafts: SettingsDrafts) => void;
  declare protected shown: LanguageCode | undefined;
  /** Mistakes show only after the first edit is finished. */
  declare protected showsFaults: boolean;

  constructor() {
    super();
    this.shown = undefined;
    this.showsFaults = false;
    new StoreController(this);
  }

  /** Shows the mistakes of a language and focuses its terms. */
  async showFaults(code: LanguageCode): Promise<void> {
    this.shown = code;
    this.showsFaults = true;
    await this.updateComplete;
    this.renderRoot.querySelector('textarea')?.focus();
  }

  override render() {
    const { host } = pageTexts();
    const codes = this.codes.filter((code) => this.#voices(code) || this.languages.hotwords);
    const code = codes.find((one) => one === this.shown) ?? codes.find((one) => this.current[one]) ?? codes[0];
    if (code === undefined) return nothing;
    return html`
      <div class="field">
        <label for="of">${host.languageSettings}</label>
        ${select({
          id: 'of',
          value: code,
          options: codes.map((one) => ({ value: one, label: this.#summary(one) })),
          chosen: (chosen) => {
            this.shown = chosen;
          },
        })}
        ${this.later ? html`<p class="quiet small">${host.languageSettingsLater}</p>` : nothing}
      </div>
      <div class="language-settings" role="group" aria-label=${ownName(code)}>
        ${this.#voice(code)} ${this.#captionsOnly(code)} ${this.languages.hotwords ? this.#terms(code, this.languages.hotwords) : nothing}
      </div>
    `;
  }

  /** The voices of a language; undefined where it has captions only. */
  #voices(code: LanguageCode) {
    const target = this.languages.targets.find((one) => one.code === code);
    return target?.audio ? target.voices : undefined;
  }

  #fields(code: LanguageCode): Required<SettingsDraft> {
    return fieldsOf(this.current[code] ?? {}, this.drafts[code] ?? {});
  }

  #change(code: LanguageCode, draft: SettingsDraft): void {
    this.changed({ ...this.drafts, [code]: { ...this.drafts[code], ...draft } });
  }

  /** `Español · Cherry · 3 terms` */
  #summary(code: LanguageCode): string {
    const { host, choice } = pageTexts();
    const { voice, audio, text } = this.#fields(code);
    const terms = this.languages.hotwords ? Object.keys(readTerms(text, this.languages.hotwords).terms).length : 0;
    const said = audio ? voice : choice.captionsOnly;
    return [ownName(code), said, terms > 0 && host.termCount(terms)].filter(Boolean).join(' · ');
  }

  #voice(code: LanguageCode) {
    const { host } = pageTexts();
    const voices = this.#voices(code) ?? [];
    const { voice, audio } = this.#fields(code);
    if (voices.length < 2 || !audio) return nothing;
    return html`
      <div class="field">
        <label for="voice">${host.voice}</label>
        ${select({
          id: 'voice',
          value: voice,
          options: [
            { value: '', label: host.usualVoice },
            ...voices.map(({ name, accent }) => ({ value: name, label: accent ? `${name} (${accent})` : name })),
          ],
          chosen: (name) => this.#change(code, { voice: name }),
        })}
      </div>
    `;
  }

  #captionsOnly(code: LanguageCode) {
    if (!this.#voices(code)) return nothing;
    const { host } = pageTexts();
    return checkbox({
      checked: !this.#fields(code).audio,
      label: host.captionsOnly,
      how: host.captionsOnlyHow,
      changed: (checked) => this.#change(code, { audio: !checked }),
    });
  }

  #terms(code: LanguageCode, bounds: TermBounds) {
    const { host } = pageTexts();
    const { text } = this.#fields(code);
    const faults = this.showsFaults ? readTerms(text, bounds).faults : [];
    return html`
      <div class="field">
        <label for="terms">${host.terms}</label>
        <textarea
          id="terms"
          dir="auto"
          rows="4"
          spellcheck="false"
          aria-invalid=${faults.length > 0}
          aria-describedby="how faults"
          .value=${live(text)}
          @input=${({ currentTarget }: InputEvent) => {
            this.#change(code, { text: (currentTarget as HTMLTextAreaElement).value });
          }}
          @change=${() => {
            this.showsFaults = true;
          }}
        ></textarea>
        <p id="how" class="quiet small">${host.termsHow(formatNumber(bounds.terms), bounds.characters)}</p>
        <div id="faults" class="faults small" role="alert">
          ${faults.slice(0, FAULTS_SHOWN).map((fault) => html`<p>${faultWords(fault, bounds)}</p>`)}
          ${faults.length > FAULTS_SHOWN ? html`<p>${host.termFaults.more(faults.length - FAULTS_SHOWN)}</p>` : nothing}
        </div>
      </div>
    `;
  }

  static override styles = [
    shared,
    checkboxStyles,
    fields,
    css`
      :host,
      .language-settings {
        display: grid;
        gap: 0.75rem;
      }

      .faults {
        color: var(--alert);
      }

      textarea[aria-invalid='true'] {
        border-color: var(--alert);
      }
    `,
  ];
}

function faultWords(fault: TermFault, { characters }: TermBounds): string {
  const { termFaults } = pageTexts().host;
  if (fault.is === 'tooMany') return termFaults.tooMany(formatNumber(fault.terms), formatNumber(fault.most));
  if (fault.is === 'tooLong') return termFaults.tooLong(fault.line, characters);
  return termFaults[fault.is](fault.line);
}

customElements.define('booth-language-settings', BoothLanguageSettings);
