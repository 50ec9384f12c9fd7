/** `<booth-order>`: whether a meeting is interpreted, into which languages, and whether pictures are looked at: as a host orders it. */
import { css, html, LitElement, nothing } from 'lit';
import type { InterpreterRequest } from '../../protocol/rest.ts';
import type { PictureMode } from '../../protocol/rooms.ts';
import type { Meeting } from '../media/meeting.ts';
import { checkStyle } from './check.ts';
import { ownName } from './language-names.ts';
import { select } from './select.ts';
import { fields, shared } from './shared.ts';
import { Watching } from './watching.ts';
import { words } from './words.ts';

const modes: readonly PictureMode[] = ['off', 'onChange', 'fixed'];

export class BoothOrder extends LitElement {
  static override properties = { meeting: { attribute: false }, wanted: { state: true } };
  declare meeting: Meeting;
  /** What is changed here and not sent yet. */
  declare protected wanted: Partial<InterpreterRequest>;

  constructor() {
    super();
    this.wanted = {};
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
    const { busy } = this.meeting.desk.state.value;
    const { host } = words();
    const isOn = this.meeting.room.state.value.room?.interpretation.state !== 'off';
    return html`
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

  static override styles = [
    shared,
    checkStyle,
    fields,
    css`
      :host {
        display: grid;
        gap: 0.75rem;
      }
    `,
  ];
}

customElements.define('booth-order', BoothOrder);
