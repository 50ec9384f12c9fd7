/** `<booth-room-settings>`: a host's settings for the room: waiting room and transcript. */
import { css, html, LitElement, nothing } from 'lit';
import { Trash2 } from 'lucide';
import type { MeetingSession } from '../meeting/meeting.ts';
import { checkbox, checkboxStyles } from './checkbox.ts';
import './icon.ts';
import { shared } from './shared.ts';
import './waiting-room.ts';
import { pageTexts } from '../i18n/page-texts.ts';
import { StoreController } from './store-controller.ts';

class BoothRoomSettings extends LitElement {
  static override properties = { meeting: { attribute: false }, sure: { state: true } };
  declare meeting: MeetingSession;
  /** The first click has been made; deleting takes a second one. */
  declare protected sure: boolean;

  constructor() {
    super();
    this.sure = false;
    new StoreController(this, () => [this.meeting.room.state, this.meeting.hostControls.state]);
  }

  #delete(): void {
    if (this.sure) void this.meeting.hostControls.deleteTranscript();
    this.sure = !this.sure;
  }

  override render() {
    const { room } = this.meeting.room.state.value;
    const { door } = pageTexts();
    return html`
      ${checkbox({
        checked: room?.waitingRoom ?? false,
        label: door.waitingRoom,
        how: door.waitingRoomHow,
        changed: (waitingRoom) => void this.meeting.hostControls.updateRoom({ waitingRoom }),
      })}
      <booth-waiting-room .meeting=${this.meeting}></booth-waiting-room>
      ${room && room.transcript !== 'never' ? this.#transcript(room.transcript === 'on') : nothing}
    `;
  }

  #transcript(on: boolean) {
    const { transcript } = pageTexts();
    return html`
      ${checkbox({
        checked: on,
        label: transcript.keep,
        how: transcript.keepHow,
        changed: (keeps) => void this.meeting.hostControls.updateRoom({ transcript: keeps }),
      })}
      <div>
        <button
          type="button"
          class=${this.sure ? 'sure' : ''}
          ?disabled=${this.meeting.hostControls.state.value.busy}
          @click=${this.#delete}
        >
          <booth-icon .icon=${Trash2}></booth-icon> ${this.sure ? transcript.deleteNow : transcript.delete}
        </button>
        ${this.sure ? html`<p class="small" role="status">${transcript.deleteHow}</p>` : nothing}
      </div>
    `;
  }

  static override styles = [
    shared,
    checkboxStyles,
    css`
      :host {
        display: grid;
        gap: 0.75rem;
      }

      .sure {
        border-color: var(--alert);
        color: var(--alert);
      }

      .sure + p {
        margin-block-start: 0.5rem;
      }
    `,
  ];
}

customElements.define('booth-room-settings', BoothRoomSettings);
