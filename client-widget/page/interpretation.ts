/** `<booth-interpretation>`: the lamp in the bar, and behind it what the interpreter does and what I let it do. */
import { css, html, LitElement, nothing } from 'lit';
import type { StatusMessage } from '../../protocol/room-messages.ts';
import './booth-interpreter-status.ts';
import { type Wish, WishEvent } from '../meeting/action.ts';
import type { Meeting } from '../meeting/meeting.ts';
import type { Choice } from '../meeting/language-offers.ts';
import { check, checkStyle } from './checkbox.ts';
import { speakSelect } from './choices.ts';
import { lampOf } from './interpreter-status.ts';
import './host.ts';
import { languageName } from '../i18n/language-names.ts';
import { pageTexts } from '../i18n/page-texts.ts';
import { explained } from './localized-reason.ts';
import { money, number } from './number-format.ts';
import { trouble } from './notice.ts';
import { fields, panel, panelAboveBar, shared } from './shared.ts';
import { Watching } from './store-controller.ts';

/** How late a channel may be before that is worth a word. */
const NOTICEABLE_MS = 100;

export class BoothInterpretation extends LitElement {
  static override properties = { meeting: { attribute: false }, choice: { attribute: false } };
  declare meeting: Meeting;
  declare choice: Choice;

  constructor() {
    super();
    new Watching(this, () => [this.meeting.room.state, this.meeting.desk.state]);
  }

  override render() {
    const { state, preferences } = this.meeting.room;
    const { interpreter, lobby } = pageTexts();
    const lamp = lampOf(state.value, preferences, languageName, pageTexts().interpreterStatus);
    const { room, budget, statuses } = state.value;
    return html`
      <button type="button" popovertarget="panel" title="${interpreter.title}: ${lamp.word}">
        <booth-lamp .state=${lamp.state}></booth-lamp><span class="word">${interpreter.title}</span>
      </button>
      <div id="panel" class="panel" popover role="dialog" aria-label=${interpreter.title} @toggle=${this.#toggled}>
        <booth-lamp .state=${lamp.state} .word=${lamp.word}></booth-lamp>
        ${budget ? trouble(html`<p role="status">${explained(pageTexts().trouble.budget, budget.message)}</p>`) : nothing}
        <div>
          <p><bdi>${room?.engine.label}</bdi></p>
          <p class="quiet small">${lobby.synthetic}</p>
          <p class="quiet small">${room?.transcriptHours ? lobby.kept(room.transcriptHours) : lobby.notKept}</p>
        </div>
        ${this.#cost()}
        <div class="field">
          <label for="speak">${lobby.speak}</label>
          ${speakSelect(this.meeting.offers, this.choice, (choice) => this.#wish({ is: 'choose', choice }))}
        </div>
        ${check({
          checked: !preferences.interpret,
          label: interpreter.refuse,
          how: interpreter.refuseHow,
          changed: (checked) => this.#wish({ is: 'interpret', on: !checked }),
        })}
        ${room?.interpretation.pictures === 'off' ? nothing : this.#pictures([...statuses.values()])}
        ${this.#statuses([...statuses.values()])}
        ${this.meeting.hosts ? html`<booth-host .meeting=${this.meeting}></booth-host>` : nothing}
      </div>
    `;
  }

  #wish(wish: Wish): void {
    this.dispatchEvent(new WishEvent(wish));
  }

  /** Costs are asked for while somebody looks. */
  readonly #toggled = (event: Event) => {
    const { desk, hosts } = this.meeting;
    if (event instanceof ToggleEvent && event.newState === 'open' && hosts) desk.open();
    else desk.close();
  };

  #cost() {
    const { interpreter } = pageTexts();
    const { perHour, prices, note } = this.meeting.languages.estimate;
    const { usage } = this.meeting.desk.state.value;
    const amount = (value: number) => (prices ? money(value, prices.currency) : number(value));
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
                  spent.money === undefined ? interpreter.tokens(number(spent.tokens)) : amount(spent.money),
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
      ${check({
        checked: !this.meeting.room.preferences.pictures,
        label: interpreter.refusePictures,
        how: interpreter.refusePicturesHow,
        changed: (checked) => this.#wish({ is: 'pictures', on: !checked }),
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
                ${earVoiceSpanMs === undefined ? nothing : html`· ${interpreter.span(number(earVoiceSpanMs / 1000, 1))}`}
                ${queueMs >= NOTICEABLE_MS ? html`· ${interpreter.behind(number(queueMs / 1000, 1))}` : nothing}
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
    checkStyle,
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
