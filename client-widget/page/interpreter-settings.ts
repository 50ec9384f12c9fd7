/**
 * `<booth-interpreter-settings>`: whether a meeting is interpreted, into which languages and how. A host's changes are kept as drafts
 * until they are applied.
 */

import type { InterpreterRequest, InterpreterView, LanguageCode, PictureMode } from '@mediasoup-booth/protocol';
import { css, html, LitElement, nothing } from 'lit';
import { live } from 'lit/directives/live.js';
import { ownName } from '../i18n/language-names.ts';
import { changedSettings, readTerms, type SettingsDrafts, type TermBounds } from '../meeting/language-settings.ts';
import type { MeetingSession } from '../meeting/meeting.ts';
import { checkboxStyles } from './checkbox.ts';
import type { BoothLanguageSettings } from './language-settings.ts';
import { select } from './select.ts';
import { fields, shared } from './shared.ts';
import { StoreController } from './store-controller.ts';
import './language-settings.ts';
import { pageTexts } from '../i18n/page-texts.ts';

const modes: readonly PictureMode[] = ['off', 'onChange', 'fixed'];

class BoothInterpreterSettings extends LitElement {
  static override properties = { meeting: { attribute: false }, wanted: { state: true }, drafts: { state: true } };
  declare meeting: MeetingSession;
  /** Changes that are not applied yet. */
  declare protected wanted: Partial<InterpreterRequest>;
  declare protected drafts: SettingsDrafts;
  /** The interpreter that is present, or was last. */
  #last: InterpreterView | undefined;

  constructor() {
    super();
    this.wanted = {};
    this.drafts = {};
    new StoreController(this, () => [this.meeting.room.state, this.meeting.hostControls.state]);
  }

  protected override willUpdate(): void {
    this.#last = this.meeting.hostControls.state.value.interpreter ?? this.#last;
  }

  get #request(): InterpreterRequest {
    const { pictures } = this.meeting.room.state.value.room?.interpretation ?? {};
    const { budget } = this.#last ?? {};
    const languages = this.#languages;
    const languageSettings = changedSettings(
      this.#codes,
      this.#last?.languageSettings ?? {},
      this.drafts,
      this.#bounds,
    );
    return { languages, languageSettings, ...(budget && { budget }), ...(pictures && { pictures }), ...this.wanted };
  }

  get #languages(): 'auto' | LanguageCode[] {
    const { languages = this.#last?.languages ?? 'auto' } = this.wanted;
    return languages === 'auto' ? languages : languages.map((one) => (typeof one === 'string' ? one : one.code));
  }

  /** The languages that the settings apply to. */
  get #codes(): LanguageCode[] {
    return this.#languages === 'auto' ? this.meeting.offers.reads.map(({ code }) => code) : this.#languages;
  }

  get #bounds(): TermBounds {
    return this.meeting.languages.hotwords ?? { terms: 0, characters: 0 };
  }

  async #send(): Promise<void> {
    const { wanted, drafts } = this;
    const faulty = this.#codes.find((code) => readTerms(drafts[code]?.text ?? '', this.#bounds).faults.length > 0);
    if (faulty !== undefined) {
      this.requestUpdate();
      await this.renderRoot.querySelector<BoothLanguageSettings>('booth-language-settings')?.showFaults(faulty);
      return;
    }
    if (!(await this.meeting.hostControls.sendInterpreter(this.#request))) return;
    if (this.wanted === wanted) this.wanted = {};
    if (this.drafts === drafts) this.drafts = {};
  }

  override render() {
    const { busy } = this.meeting.hostControls.state.value;
    const { host } = pageTexts();
    const isOn = this.meeting.room.state.value.room?.interpretation.state !== 'off';
    return html`
      <label class="check">
        <input
          type="checkbox"
          .checked=${live(isOn)}
          ?disabled=${busy}
          @change=${() => void (isOn ? this.meeting.hostControls.dismissInterpreter() : this.#send())}
        />
        <span>${host.on}</span>
      </label>
      ${this.#languageChoice()} ${this.#languageSettings()} ${this.#pictures()}
      ${
        Object.keys({ ...this.wanted, ...this.drafts }).length > 0
          ? html`<button type="button" class="primary" ?disabled=${busy} @click=${this.#send}>${host.apply}</button>`
          : nothing
      }
    `;
  }

  #languageChoice() {
    const { host } = pageTexts();
    const languages = this.#languages;
    const codes = this.meeting.offers.reads.map(({ code }) => code);
    const chosen = new Set(languages === 'auto' ? [] : languages);
    const choose = (wanted: InterpreterRequest['languages']) => {
      this.wanted = { ...this.wanted, languages: wanted };
    };
    const toggled = (code: string) => codes.filter((one) => chosen.has(one) !== (one === code));
    return html`
      <div class="field">
        <label for="languages">${host.languages}</label>
        ${select({
          id: 'languages',
          value: languages === 'auto' ? 'auto' : 'chosen',
          options: [
            { value: 'auto', label: host.automatic },
            { value: 'chosen', label: host.chosen },
          ],
          chosen: (value) => choose(value === 'auto' ? 'auto' : codes.slice(0, 1)),
        })}
      </div>
      ${
        languages === 'auto'
          ? nothing
          : html`<div class="codes" role="group" aria-label=${host.languages}>
              ${codes.map(
                (code) => html`<label class="check">
                  <input
                    type="checkbox"
                    .checked=${chosen.has(code)}
                    ?disabled=${chosen.has(code) && chosen.size === 1}
                    @change=${() => choose(toggled(code))}
                  />
                  <span>${ownName(code)}</span>
                </label>`,
              )}
            </div>`
      }
    `;
  }

  #languageSettings() {
    return html`
      <booth-language-settings
        .languages=${this.meeting.languages}
        .codes=${this.#codes}
        .later=${this.#languages === 'auto'}
        .current=${this.#last?.languageSettings ?? {}}
        .drafts=${this.drafts}
        .changed=${(drafts: SettingsDrafts) => {
          this.drafts = drafts;
        }}
      ></booth-language-settings>
    `;
  }

  /** The choice of pictures to send; none with the offline engine, which cannot see. */
  #pictures() {
    if (this.meeting.languages.engine.kind === 'offline') return nothing;
    const { host } = pageTexts();
    return html`
      <div class="field">
        <label for="pictures">${host.pictures}</label>
        ${select({
          id: 'pictures',
          value: this.#request.pictures ?? 'off',
          options: modes.map((mode) => ({ value: mode, label: host.pictureModes[mode] })),
          chosen: (mode) => {
            const pictures = modes.find((one) => one === mode);
            if (pictures) this.wanted = { ...this.wanted, pictures };
          },
        })}
      </div>
    `;
  }

  static override styles = [
    shared,
    checkboxStyles,
    fields,
    css`
      :host {
        display: grid;
        gap: 0.75rem;
      }
    `,
  ];
}

customElements.define('booth-interpreter-settings', BoothInterpreterSettings);
