/** `<booth-waiting-room>`: the people who wait to be let in, for a host to admit or refuse. Empty while there are none. */

import type { WaitingView } from '@mediasoup-booth/protocol';
import { css, html, LitElement, nothing, type PropertyValues } from 'lit';
import { DoorOpen, UserCheck, UserX } from 'lucide';
import type { MeetingSession } from '../meeting/meeting.ts';
import './icon.ts';
import { pageTexts } from '../i18n/page-texts.ts';
import { shared } from './shared.ts';
import { StoreController } from './store-controller.ts';

class BoothWaitingRoom extends LitElement {
  static override properties = { meeting: { attribute: false } };
  declare meeting: MeetingSession;

  constructor() {
    super();
    new StoreController(this, () => [this.meeting.room.state]);
  }

  protected override updated(_: PropertyValues): void {
    this.toggleAttribute('empty', this.meeting.room.state.value.waiting.length === 0);
  }

  readonly #admit = ({ id }: WaitingView) => this.meeting.room.command('host.admit', { participantId: id });
  readonly #refuse = ({ id }: WaitingView) => this.meeting.room.command('host.deny', { participantId: id });

  override render() {
    const { waiting } = this.meeting.room.state.value;
    const { door } = pageTexts();
    return html`
      <p role="status" class=${waiting.length === 0 ? 'visually-hidden' : ''}>
        ${
          waiting.length === 0
            ? nothing
            : html`<booth-icon .icon=${DoorOpen}></booth-icon> <strong>${door.count(waiting.length)}</strong>`
        }
      </p>
      ${
        waiting.length > 1
          ? html`<button type="button" @click=${() => waiting.forEach(this.#admit)}>${door.admitAll}</button>`
          : nothing
      }
      ${waiting.length === 0 ? nothing : html`<ul aria-label=${door.list}>${waiting.map((guest) => this.#guest(guest))}</ul>`}
    `;
  }

  #guest(guest: WaitingView) {
    const { door } = pageTexts();
    return html`
      <li>
        <span><bdi>${guest.name}</bdi>${guest.hidden ? html` <span class="quiet small">${door.unseen}</span>` : nothing}</span>
        <button type="button" aria-label=${door.admit(guest.name)} @click=${() => this.#admit(guest)}>
          <booth-icon .icon=${UserCheck}></booth-icon> ${door.admitShort}
        </button>
        <button
          type="button"
          aria-label=${door.refuse(guest.name)}
          title=${door.refuse(guest.name)}
          @click=${() => this.#refuse(guest)}
        >
          <booth-icon .icon=${UserX}></booth-icon>
        </button>
      </li>
    `;
  }

  static override styles = [
    shared,
    css`
      :host {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        justify-content: space-between;
        gap: 0.5rem;
      }

      :host([empty]) {
        display: contents;
      }

      ul {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(min(100%, 19rem), 1fr));
        gap: 0.5rem 2rem;
        inline-size: 100%;
        /* Two rows and a half: that there are more is seen. */
        max-block-size: 8rem;
        margin: 0;
        padding: 0.25rem;
        overflow-y: auto;
        list-style: none;
      }

      li {
        display: flex;
        align-items: center;
        gap: 0.5rem;
      }

      li > span {
        flex: 1;
        min-inline-size: 0;
        overflow-wrap: anywhere;
      }

      li button {
        padding: 0 0.75rem;
      }
    `,
  ];
}

customElements.define('booth-waiting-room', BoothWaitingRoom);
