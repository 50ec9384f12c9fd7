/** `<booth-bar>`: what a person does in a meeting: speak, be seen, share, choose what to hear and read, leave. */
import { css, html, LitElement } from 'lit';
import { LogOut, Mic, MicOff, MonitorUp, MonitorX, Video, VideoOff } from 'lucide';
import type { BoothHear } from '../channels/booth-hear.ts';
import '../channels/booth-hear.ts';
import type { Meeting } from '../media/meeting.ts';
import type { Choice } from '../media/offers.ts';
import { type Wish, WishEvent } from '../media/wish.ts';
import { readSelect } from './choices.ts';
import './icon.ts';
import './interpretation.ts';
import { ownName } from './language-names.ts';
import { openList } from './select.ts';
import { shared } from './shared.ts';
import { Watching } from './watching.ts';

export class BoothBar extends LitElement {
  static override properties = { meeting: { attribute: false }, choice: { attribute: false } };
  declare meeting: Meeting;
  declare choice: Choice;

  constructor() {
    super();
    new Watching(this, () => [this.meeting.local.state]);
  }

  #wish(wish: Wish): void {
    this.dispatchEvent(new WishEvent(wish));
  }

  toggleMicrophone(): void {
    const { microphone } = this.meeting.local.state.value;
    this.#wish({ is: 'microphone', on: microphone.is !== 'on' || microphone.muted });
  }

  toggleCamera(): void {
    this.#wish({ is: 'camera', on: this.meeting.local.state.value.camera.is !== 'on' });
  }

  openHear(): void {
    this.renderRoot.querySelector<BoothHear>('booth-hear')?.focus();
  }

  openRead(): void {
    openList(this.renderRoot.querySelector('#read'));
  }

  override render() {
    return html`
      <div class="devices" role="group" aria-label="Microphone and camera" ?hidden=${!this.meeting.local.available}>
        ${this.#devices()}
      </div>
      <div class="languages">
        <booth-hear .source=${this.meeting}></booth-hear>
        <div class="read">
          <label for="read">Read</label>
          ${readSelect(this.meeting.offers, this.choice, (choice) => this.#wish({ is: 'choose', choice }), ownName)}
        </div>
      </div>
      <div class="rest">
        <booth-interpretation .meeting=${this.meeting} .choice=${this.choice}></booth-interpretation>
        <button type="button" title="Leave the room" @click=${() => this.#wish({ is: 'leave' })}>
          <booth-icon .icon=${LogOut}></booth-icon><span>Leave</span>
        </button>
      </div>
    `;
  }

  #devices() {
    const { camera, microphone, screen } = this.meeting.local.state.value;
    const micOn = microphone.is === 'on' && !microphone.muted;
    const cameraOn = camera.is === 'on';
    const sharing = screen.is === 'on';
    const share = sharing ? 'Stop sharing' : 'Share';
    return html`
      <button
        type="button"
        class=${micOn ? '' : 'muted'}
        aria-label=${micOn ? 'Mute' : 'Unmute'}
        title="Microphone (m)"
        @click=${() => this.toggleMicrophone()}
      >
        <booth-icon .icon=${micOn ? Mic : MicOff}></booth-icon><span>${micOn ? 'Mute' : 'Unmute'}</span>
      </button>
      <button
        type="button"
        aria-label=${cameraOn ? 'Camera off' : 'Camera on'}
        title="Camera (v)"
        @click=${() => this.toggleCamera()}
      >
        <booth-icon .icon=${cameraOn ? Video : VideoOff}></booth-icon><span>Camera</span>
      </button>
      <button
        type="button"
        ?hidden=${!this.meeting.local.canShare}
        aria-label=${share}
        title="Share a screen"
        @click=${() => this.#wish({ is: 'screen', on: !sharing })}
      >
        <booth-icon .icon=${sharing ? MonitorX : MonitorUp}></booth-icon><span>${share}</span>
      </button>
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
        gap: 0.5rem 1rem;
      }

      .devices,
      .rest,
      .languages {
        display: flex;
        gap: 0.5rem;
        min-inline-size: 0;
      }

      .languages {
        flex: 1 1 20rem;
        max-inline-size: 36rem;
        gap: 1rem;
      }

      .languages > * {
        flex: 1 1 0;
      }

      .read {
        display: flex;
        align-items: center;
        gap: 0.5rem;
        min-inline-size: 0;
      }

      .rest {
        margin-inline-start: auto;
      }

      .select {
        flex: 1;
      }

      label {
        color: var(--ink-quiet);
      }

      .muted booth-icon {
        color: var(--alert);
      }

      @media (max-width: 64rem) {
        button span {
          display: none;
        }
        button {
          padding: 0;
          min-inline-size: 2.75rem;
        }
      }

      /* A phone: languages in a row of their own, buttons where a thumb is. */
      @media (max-width: 40rem) {
        .read {
          flex-direction: column;
          align-items: stretch;
          gap: 0.125rem;
        }
        label {
          font-size: 0.8125rem;
        }
        .languages {
          order: -1;
          flex-basis: 100%;
          max-inline-size: none;
        }
        button {
          min-inline-size: 3.25rem;
        }
      }
    `,
  ];
}

customElements.define('booth-bar', BoothBar);
