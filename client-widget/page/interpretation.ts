/** `<booth-interpretation>`: the interpreter button in the bar, and its panel: status, cost, consent and, for hosts, controls. */

import type { StatusMessage } from '@mediasoup-booth/protocol';
import { css, html, LitElement, nothing } from 'lit';
import './booth-interpreter-status.ts';
import { type Action, ActionEvent } from '../meeting/action.ts';
import type { LanguageChoice } from '../meeting/language-offers.ts';
import type { MeetingSession } from '../meeting/meeting.ts';
import { checkbox, checkboxStyles } from './checkbox.ts';
import { speakSelect } from './choices.ts';
import { interpreterStatusOf } from './interpreter-status.ts';
import './host.ts';
import { languageName } from '../i18n/language-names.ts';
import { pageTexts } from '../i18n/page-texts.ts';
import { withMeaning } from './localized-reason.ts';
import { trouble } from './notice.ts';
import { formatMoney, formatNumber } from './number-format.ts';
import { fields, panel, panelAboveBar, shared } from './shared.ts';
import { StoreController } from './store-controller.ts';

/** A queue shorter than this is not shown. */
const NOTICEABLE_MS = 100;

class BoothInterpretation extends LitElement {
  static override properties = { meeting: { attribute: false }, choice: { attribute: false } };
  declare meeting: MeetingSession;
  declare choice: LanguageChoice;

  constructor() {
    super();
    new StoreController(this, () => [this.meeting.room.state, this.meeting.hostControls.state]);
  }

  override render() {
    const { state, preferences } = this.meeting.room;
    const { interpreter, lobby } = pageTexts();
    const status = interpreterStatusOf(state.value, preferences, languageName, pageTexts().interpreterStatus);
    const { room, budget, statuses } = state.value;
    return html`
      <button type="button" popovertarget="panel" title="${interpreter.title}: ${status.text}">
        <booth-interpreter-status .state=${status.state}></booth-interpreter-status><span class="word">${interpreter.title}</span>
      </button>
      <div id="panel" class="panel" popover role="dialog" aria-label=${interpreter.title} @toggle=${this.#toggled}>
        <booth-interpreter-status .state=${status.state} .text=${status.text}></booth-interpreter-status>
        ${budget ? trouble(html`<p role="status">${withMeaning(pageTexts().trouble.budget, budget.message)}</p>`) : nothing}
        <div>
          <p><bdi>${room?.engine.label}</bdi></p>
          <p class="quiet small">${lobby.synthetic}</p>
          <p class="quiet small">${room?.transcriptHours ? lobby.kept(room.transcriptHours) : lobby.notKept}</p>
        </div>
        ${this.#cost()}
        <div class="field">
          <label for="speak">${lobby.speak}</label>
          ${speakSelect(this.meeting.offers, this.choice, (choice) => this.#dispatch({ is: 'choose', choice }))}
        </div>
        ${checkbox({
          checked: !preferences.interpret,
          label: interpreter.refuse,
          how: interpreter.refuseHow,
          changed: (checked) => this.#dispatch({ is: 'interpret', on: !checked }),
        })}
        ${room?.interpretation.pictures === 'off' ? nothing : this.#pictures([...statuses.values()])}
        ${this.#statuses([...statuses.values()])}
        ${this.meeting.isHost ? html`<booth-host .meeting=${this.meeting}></booth-host>` : nothing}
      </div>
    `;
  }

  #dispatch(action: Action): void {
    this.dispatchEvent(new ActionEvent(action));
  }

  /** Usage is requested only while the panel is open. */
  readonly #toggled = (event: Event) => {
    const { hostControls, isHost } = this.meeting;
    if (event instanceof ToggleEvent && event.newState === 'open' && isHost) hostControls.open();
    else hostControls.close();
  };

  #cost() {
    const { interpreter } = pageTexts();
    const { perHour, prices, note } = this.meeting.languages.estimate;
    const { usage } = this.meeting.hostControls.state.value;
    const amount = (value: number) => (prices ? formatMoney(value, prices.currency) : formatNumber(value));
    const spent = usage?.total;
    return html`
      <div class="small">
        ${
          perHour && prices
            ? html`<p>${interpreter.perHour(amount(perHour.voice), amount(perHour.captions))}</p>`
            : html`<p class="quiet"><bdi>${note}</bdi></p>`
        }
        ${
          spent && this.meeting.languages.engine.kind !== 'offline'
            ? html`<p>
                ${interpreter.soFar(
                  spent.money === undefined ? interpreter.tokens(formatNumber(spent.tokens)) : amount(spent.money),
                )}
              </p>`
            : nothing
        }
      </div>
    `;
  }

  #pictures(statuses: readonly StatusMessage[]) {
    const { interpreter } = pageTexts();
    const shown = statuses.reduce((sum, { pictures = 0 }) => sum + pictures, 0);
    return html`
      <p class="small">${interpreter.looks} ${shown > 0 ? interpreter.shown(shown) : nothing}</p>
      ${checkbox({
        checked: !this.meeting.room.preferences.pictures,
        label: interpreter.refusePictures,
        how: interpreter.refusePicturesHow,
        changed: (checked) => this.#dispatch({ is: 'pictures', on: !checked }),
      })}
    `;
  }

  #statuses(statuses: StatusMessage[]) {
    if (statuses.length === 0) return nothing;
    const { interpreter, interpreterStatus } = pageTexts();
    const sorted = statuses.sort(
      (a, b) => a.language.localeCompare(b.language) || a.speaker.name.localeCompare(b.speaker.name),
    );
    return html`
      <ul aria-label=${interpreter.list}>
        ${sorted.map(
          ({ language, speaker, state, message, listeners, queueMs, earVoiceSpanMs }) => html`
            <li>
              <span><bdi>${speaker.name}</bdi> · ${languageName(language)}</span>
              <span class="quiet">
                ${interpreterStatus.states[state]} · ${interpreter.listeners(listeners)}
                ${earVoiceSpanMs === undefined ? nothing : html`· ${interpreter.span(formatNumber(earVoiceSpanMs / 1000, 1))}`}
                ${queueMs >= NOTICEABLE_MS ? html`· ${interpreter.behind(formatNumber(queueMs / 1000, 1))}` : nothing}
              </span>
              ${message ? html`<bdi class="small">${message}</bdi>` : nothing}
            </li>
          `,
        )}
      </ul>
    `;
  }

  static override styles = [
    shared,
    panel,
    panelAboveBar,
    checkboxStyles,
    fields,
    css`
      :host {
        display: contents;
      }

      ul {
        display: grid;
        gap: 0.5rem;
        margin: 0;
        padding: 0.75rem 0 0;
        border-block-start: 1px solid var(--edge);
        list-style: none;
      }

      li {
        display: flex;
        flex-wrap: wrap;
        justify-content: space-between;
        gap: 0 1rem;
      }

      @media (max-width: 64rem) {
        .word {
          display: none;
        }
        button {
          padding: 0;
          min-inline-size: 2.75rem;
        }
      }

      @media (max-width: 40rem) {
        button[popovertarget] {
          flex: 1 1 2.25rem;
          min-inline-size: 0;
        }
      }
    `,
  ];
}

customElements.define('booth-interpretation', BoothInterpretation);
