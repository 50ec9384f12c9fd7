/** `<booth-host>`: what only a host may do: order how the meeting is interpreted, bound what that costs, settle what holds in the room, mute and remove people. */
import { css, html, LitElement, nothing } from 'lit';
import type { Meeting } from '../meeting/meeting.ts';
import { trouble } from './notice.ts';
import './interpreter-settings.ts';
import './room-people.ts';
import './room-settings.ts';
import { pageTexts } from '../i18n/page-texts.ts';
import { localizedReason } from './localized-reason.ts';
import { fields, shared } from './shared.ts';
import { Watching } from './store-controller.ts';

export class BoothHost extends LitElement {
  static override properties = { meeting: { attribute: false } };
  declare meeting: Meeting;

  constructor() {
    super();
    new Watching(this, () => [this.meeting.desk.state]);
  }

  override render() {
    const { problem } = this.meeting.desk.state.value;
    return html`
      <h2>${pageTexts().host.title}</h2>
      <booth-order .meeting=${this.meeting}></booth-order>
      ${this.#budget()}
      <booth-rules .meeting=${this.meeting}></booth-rules>
      ${problem ? trouble(html`<p role="alert">${localizedReason(problem)}</p>`) : nothing}
      <booth-room-people .meeting=${this.meeting}></booth-room-people>
    `;
  }

  /** What costs nothing has no budget; where prices are not known it is one of tokens. */
  #budget() {
    const { engine, estimate } = this.meeting.languages;
    const { interpreter } = this.meeting.desk.state.value;
    if (engine.kind === 'offline' || !interpreter) return nothing;
    const { host } = pageTexts();
    const kind = estimate.prices ? 'money' : 'tokens';
    const bounded = (event: SubmitEvent) => {
      event.preventDefault();
      const typed = Number(new FormData(event.currentTarget as HTMLFormElement).get('budget'));
      void this.meeting.desk.limit(typed > 0 ? { [kind]: typed } : null);
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
