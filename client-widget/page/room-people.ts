/** `<booth-room-people>`: the participants, those too who only listen unseen, for a host to mute or remove. */

import type { ParticipantView } from '@mediasoup-booth/protocol';
import { css, html, LitElement, nothing } from 'lit';
import { MicOff, UserX } from 'lucide';
import type { MeetingSession } from '../meeting/meeting.ts';
import './icon.ts';
import { pageTexts } from '../i18n/page-texts.ts';
import { shared } from './shared.ts';
import { StoreController } from './store-controller.ts';

class BoothRoomPeople extends LitElement {
  static override properties = { meeting: { attribute: false }, leaving: { state: true } };
  declare meeting: MeetingSession;
  /** The id of the participant whose removal awaits a second click. */
  declare protected leaving: string | undefined;

  constructor() {
    super();
    this.leaving = undefined;
    new StoreController(this, () => [this.meeting.room.state]);
  }

  override render() {
    const { others, readers } = this.meeting.room.state.value;
    const people = [...others.values()].filter(({ kind }) => kind === 'person');
    if (people.length === 0 && readers === 0) return nothing;
    return html`
      <h3>${pageTexts().host.people}</h3>
      <ul>${people.map((person) => this.#person(person))}</ul>
      ${readers > 0 ? html`<p class="quiet">${pageTexts().host.readers(readers)}</p>` : nothing}
    `;
  }

  #person({ id, name, hidden, producers }: ParticipantView) {
    const { host } = pageTexts();
    const { room } = this.meeting;
    const voice = producers.find(({ source, paused }) => source === 'microphone' && !paused);
    const sure = this.leaving === id;
    const remove = () => {
      if (sure) room.command('host.remove', { participantId: id });
      this.leaving = sure ? undefined : id;
    };
    return html`
      <li>
        <bdi>${name}${hidden ? html` <span class="quiet">(${pageTexts().door.unseen})</span>` : nothing}</bdi>
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
    css`
      :host {
        display: grid;
        gap: 0.75rem;
      }

      h3 {
        font-size: 0.9375rem;
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

customElements.define('booth-room-people', BoothRoomPeople);
