/** `<booth-host>`: what only a host may do: have the meeting interpreted or not and how, bound what that costs, settle what holds in the room, mute and remove people. */
import { css, html, LitElement, nothing } from 'lit';
import { MicOff, UserX } from 'lucide';
import type { InterpreterRequest } from '../../protocol/rest.ts';
import type { ParticipantView, PictureMode } from '../../protocol/rooms.ts';
import type { Meeting } from '../media/meeting.ts';
import { checkStyle } from './check.ts';
import './icon.ts';
import { ownName } from './language-names.ts';
import { trouble } from './notice.ts';
import './rules.ts';
import { select } from './select.ts';
import { shared } from './shared.ts';
import { isShown } from './tiles.ts';
import { told } from './told.ts';
import { Watching } from './watching.ts';
import { words } from './words.ts';

const modes: readonly PictureMode[] = ['off', 'onChange', 'fixed'];

export class BoothHost extends LitElement {
  static override properties = {
    meeting: { attribute: false },
    wanted: { state: true },
    leaving: { state: true },
  };
  declare meeting: Meeting;
  /** What is changed here and not sent yet. */
  declare protected wanted: Partial<InterpreterRequest>;
  /** Who is to be removed, once that is confirmed. */
  declare protected leaving: string | undefined;

  constructor() {
    super();
    this.wanted = {};
    this.leaving = undefined;
    new Watching(this, () => [this.meeting.room.state, this.meeting.desk.state]);
  }

  get #order(): InterpreterRequest {
    const { interpreter } = this.meeting.desk.state.value;
    const { pictures } = this.meeting.room.state.value.room?.interpretation ?? {};
    const { languages = 'auto', budget } = interpreter ?? {};
    return { languages, ...(budget && { budget }), ...(pictures && { pictures }), ...this.wanted };
  }

  #send(): void {
    void this.meeting.desk.send(this.#order);
    this.wanted = {};
  }

  override render() {
    const { busy, problem } = this.meeting.desk.state.value;
    const { host } = words();
    const isOn = this.meeting.room.state.value.room?.interpretation.state !== 'off';
    return html`
      <h2>${host.title}</h2>
      <label class="check">
        <input
          type="checkbox"
          .checked=${isOn}
          ?disabled=${busy}
          @change=${() => (isOn ? void this.meeting.desk.dismiss() : this.#send())}
        />
        <span>${host.on}</span>
      </label>
      ${this.#languages()} ${this.#pictures()}
      ${
        Object.keys(this.wanted).length > 0
          ? html`<button type="button" class="primary" ?disabled=${busy} @click=${this.#send}>${host.apply}</button>`
          : nothing
      }
      ${this.#budget()} <booth-rules .meeting=${this.meeting}></booth-rules> ${problem ? trouble(html`<p role="alert">${told(problem)}</p>`) : nothing} ${this.#people()}
    `;
  }

  #languages() {
    const { host } = words();
    const { languages } = this.#order;
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

  /** The offline engine looks at nothing. */
  #pictures() {
    if (this.meeting.languages.engine.kind === 'offline') return nothing;
    const { host } = words();
    return html`
      <div class="field">
        <label for="pictures">${host.pictures}</label>
        ${select({
          id: 'pictures',
          value: this.#order.pictures ?? 'off',
          options: modes.map((mode) => ({ value: mode, label: host.pictureModes[mode] })),
          chosen: (mode) => {
            const pictures = modes.find((one) => one === mode);
            if (pictures) this.wanted = { ...this.wanted, pictures };
          },
        })}
      </div>
    `;
  }

  /** What costs nothing has no budget; where prices are not known it is one of tokens. */
  #budget() {
    const { engine, estimate } = this.meeting.languages;
    const { interpreter } = this.meeting.desk.state.value;
    if (engine.kind === 'offline' || !interpreter) return nothing;
    const { host } = words();
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

  #people() {
    const { others } = this.meeting.room.state.value;
    const people = [...others.values()].filter(isShown);
    if (people.length === 0) return nothing;
    return html`
      <h3>${words().host.people}</h3>
      <ul>${people.map((person) => this.#person(person))}</ul>
    `;
  }

  #person({ id, name, producers }: ParticipantView) {
    const { host } = words();
    const { room } = this.meeting;
    const voice = producers.find(({ source, paused }) => source === 'microphone' && !paused);
    const sure = this.leaving === id;
    const remove = () => {
      if (sure) room.command('host.remove', { participantId: id });
      this.leaving = sure ? undefined : id;
    };
    return html`
      <li>
        <bdi>${name}</bdi>
        <button
          type="button"
          aria-label=${host.mute(name)}
          title=${host.mute(name)}
          ?disabled=${!voice}
          @click=${() => voice && room.command('host.mute', { producerId: voice.id })}
        >
          <booth-icon .icon=${MicOff}></booth-icon>
        </button>
        <button
          type="button"
          class=${sure ? 'sure' : ''}
          aria-label=${sure ? host.removeNow(name) : host.remove(name)}
          title=${host.remove(name)}
          @click=${remove}
        >
          <booth-icon .icon=${UserX}></booth-icon>${sure ? html`<span>${host.removeNow(name)}</span>` : nothing}
        </button>
      </li>
    `;
  }

  static override styles = [
    shared,
    checkStyle,
    css`
      :host {
        display: grid;
        gap: 0.75rem;
        padding-block-start: 1rem;
        border-block-start: 1px solid var(--edge);
      }

      h2,
      h3 {
        font-size: 0.9375rem;
      }

      .field {
        display: grid;
        gap: 0.25rem;
      }

      .row,
      .codes {
        display: flex;
        flex-wrap: wrap;
        gap: 0.5rem 1rem;
      }

      .row input {
        flex: 1;
        min-inline-size: 0;
      }

      ul {
        display: grid;
        gap: 0.5rem;
        margin: 0;
        padding: 0;
        list-style: none;
      }

      li {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 0.5rem;
      }

      bdi {
        flex: 1;
        overflow-wrap: anywhere;
      }

      li button {
        padding: 0 0.75rem;
      }

      .sure {
        border-color: var(--alert);
        color: var(--alert);
      }
    `,
  ];
}

customElements.define('booth-host', BoothHost);
