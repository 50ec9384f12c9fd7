/** `<booth-host>`: the host's controls: interpreter, budget, room settings and participants. */
import { css, html, LitElement, nothing } from 'lit';
import type { MeetingSession } from '../meeting/meeting.ts';
import { trouble } from './notice.ts';
import './interpreter-settings.ts';
import './room-people.ts';
import './room-settings.ts';
import { pageTexts } from '../i18n/page-texts.ts';
import { localizedReason } from './localized-reason.ts';
import { fields, shared } from './shared.ts';
import { StoreController } from './store-controller.ts';

class BoothHost extends LitElement {
  static override properties = { meeting: { attribute: false } };
  declare meeting: MeetingSession;

  constructor() {
    super();
    new StoreController(this, () => [this.meeting.hostControls.state]);
  }

  override render() {
    const { problem } = this.meeting.hostControls.state.value;
    return html`
      <h2>${pageTexts().host.title}</h2>
      <booth-interpreter-settings .meeting=${this.meeting}></booth-interpreter-settings>
      ${this.#budget()}
      <booth-room-settings .meeting=${this.meeting}></booth-room-settings>
      ${problem ? trouble(html`<p role="alert">${localizedReason(problem)}</p>`) : nothing}
      <booth-room-people .meeting=${this.meeting}></booth-room-people>
    `;
  }

  /** The budget of the interpreter, in money or, without known prices, in tokens. The offline engine costs nothing and has none. */
  #budget() {
    const { engine, estimate } = this.meeting.languages;
    const { interpreter } = this.meeting.hostControls.state.value;
    if (engine.kind === 'offline' || !interpreter) return nothing;
    const { host } = pageTexts();
    const kind = estimate.prices ? 'money' : 'tokens';
    const bounded = (event: SubmitEvent) => {
      event.preventDefault();
      const typed = Number(new FormData(event.currentTarget as HTMLFormElement).get('budget'));
      void this.meeting.hostControls.setBudget(typed > 0 ? { [kind]: typed } : null);
    };
    return html`
      <form @submit=${bounded} class="field">
        <label for="budget">${host.budget(estimate.prices?.currency ?? host.tokens)}</label>
        <div class="row">
          <input
            type="number"
            id="budget"
            name="budget"
            min="0"
            step=${kind === 'money' ? 0.01 : 1}
            placeholder=${host.noBudget}
            .value=${String(interpreter.budget?.[kind] ?? '')}
          />
          <button>${host.set}</button>
        </div>
      </form>
    `;
  }

  static override styles = [
    shared,
    fields,
    css`
      :host {
        display: grid;
        gap: 0.75rem;
        padding-block-start: 1rem;
        border-block-start: 1px solid var(--edge);
      }

      h2 {
        font-size: 0.9375rem;
      }

      bdi {
        overflow-wrap: anywhere;
      }
    `,
  ];
}

customElements.define('booth-host', BoothHost);
