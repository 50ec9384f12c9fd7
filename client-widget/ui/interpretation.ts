/** `<booth-interpretation>`: the lamp in the bar, and behind it what the interpreter does and what I let it do. */
import { css, html, LitElement, nothing } from 'lit';
import type { Status } from '../../protocol/room-messages.ts';
import '../channels/booth-lamp.ts';
import { lampOf, wordOf } from '../channels/lamp.ts';
import type { Meeting } from '../media/meeting.ts';
import type { Choice } from '../media/offers.ts';
import { WishEvent } from '../media/wish.ts';
import { speakSelect } from './choices.ts';
import { languageName } from './language-names.ts';
import { panel, shared } from './shared.ts';
import { Watching } from './watching.ts';

export class BoothInterpretation extends LitElement {
  static override properties = { meeting: { attribute: false }, choice: { attribute: false } };
  declare meeting: Meeting;
  declare choice: Choice;

  constructor() {
    super();
    new Watching(this, () => [this.meeting.room.state]);
  }

  override render() {
    const { state, preferences } = this.meeting.room;
    const lamp = lampOf(state.value, preferences, languageName);
    return html`
      <button type="button" popovertarget="panel" title="Interpreter: ${lamp.word}">
        <booth-lamp .state=${lamp.state}></booth-lamp><span class="word">Interpreter</span>
      </button>
      <div id="panel" class="panel" popover role="dialog" aria-label="Interpreter">
        <booth-lamp .state=${lamp.state} .word=${lamp.word}></booth-lamp>
        <div>
          <p>${state.value.room?.engine.label}</p>
          <p class="quiet small">The voice you hear may be synthetic.</p>
        </div>
        <div class="field">
          <label for="speak">I speak</label>
          ${speakSelect(this.meeting.offers, this.choice, (choice) => this.dispatchEvent(new WishEvent({ is: 'choose', choice })))}
        </div>
        ${this.#consent(preferences.interpret)} ${this.#statuses([...state.value.statuses.values()])}
      </div>
    `;
  }

  #consent(interpret: boolean) {
    const changed = (event: Event) => {
      const { checked } = event.currentTarget as HTMLInputElement;
      this.dispatchEvent(new WishEvent({ is: 'interpret', on: !checked }));
    };
    return html`
      <label class="check">
        <input type="checkbox" .checked=${!interpret} @change=${changed} />
        <span>Don’t interpret me<br /><span class="quiet small">No interpreter listens to my microphone.</span></span>
      </label>
    `;
  }

  #statuses(statuses: Status[]) {
    if (statuses.length === 0) return nothing;
    const sorted = statuses.sort(
      (a, b) => a.language.localeCompare(b.language) || a.speaker.name.localeCompare(b.speaker.name),
    );
    return html`
      <ul aria-label="What is interpreted">
        ${sorted.map(
          ({ language, speaker, state, message, listeners }) => html`
            <li>
              <span>${speaker.name} → ${languageName(language)}</span>
              <span class="quiet">${wordOf(state)} · ${listeners === 1 ? '1 listener' : `${listeners} listeners`}</span>
              ${message ? html`<span class="small">${message}</span>` : nothing}
            </li>
          `,
        )}
      </ul>
    `;
  }

  static override styles = [
    shared,
    panel,
    css`
      :host {
        display: contents;
      }

      .panel {
        position: fixed;
        inset: auto 0.75rem 4.75rem auto;
      }

      .field {
        display: grid;
        gap: 0.25rem;
      }

      .check {
        display: flex;
        gap: 0.75rem;
        align-items: flex-start;
        cursor: pointer;
      }

      input {
        flex: none;
        inline-size: 1.25rem;
        block-size: 1.25rem;
        margin: 0.1rem 0 0;
        accent-color: var(--ink);
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
        .panel {
          inset-block-end: 8rem;
        }
      }
    `,
  ];
}

customElements.define('booth-interpretation', BoothInterpretation);
