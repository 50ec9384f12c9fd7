/** `<booth-bar>`: the meeting's controls: microphone, camera, screen, languages, interpreter, transcript, settings, leave. */
import { css, html, LitElement, nothing } from 'lit';
import { FileText, LogOut, Mic, MicOff, MonitorUp, MonitorX, Settings, UserPlus, Video, VideoOff } from 'lucide';
import type { BoothChannelSelect } from './channel-select.ts';
import './channel-select.ts';
import { isHeard } from '../media/local-media.ts';
import { type Action, ActionEvent } from '../meeting/action.ts';
import type { AppSnapshot } from '../meeting/app-state.ts';
import type { LanguageChoice } from '../meeting/language-offers.ts';
import type { MeetingSession } from '../meeting/meeting.ts';
import { readSelect } from './choices.ts';
import './devices.ts';
import './icon.ts';
import './interpretation.ts';
import './invite.ts';
import { ownName } from '../i18n/language-names.ts';
import { pageTexts } from '../i18n/page-texts.ts';
import { pageLanguage } from './page-language.ts';
import { openList } from './select.ts';
import { panel, panelAboveBar, shared } from './shared.ts';
import { StoreController } from './store-controller.ts';

export class BoothBar extends LitElement {
  static override properties = {
    meeting: { attribute: false },
    choice: { attribute: false },
    deviceIds: { attribute: false },
    alone: { type: Boolean },
    transcript: { type: Boolean },
  };
  declare meeting: MeetingSession;
  declare choice: LanguageChoice;
  declare deviceIds: AppSnapshot['deviceIds'];
  /** True while nobody else is here, when the invite is on the page already. */
  declare alone: boolean;
  /** Whether the transcript is shown. */
  declare transcript: boolean;

  constructor() {
    super();
    this.alone = false;
    this.transcript = false;
    new StoreController(this, () => [this.meeting.local.state, this.meeting.invitation.state]);
  }

  #dispatch(action: Action): void {
    this.dispatchEvent(new ActionEvent(action));
  }

  toggleMicrophone(): void {
    this.#dispatch({ is: 'microphone', on: !isHeard(this.meeting.local.state.value.microphone) });
  }

  toggleCamera(): void {
    this.#dispatch({ is: 'camera', on: this.meeting.local.state.value.camera.is !== 'on' });
  }

  toggleTranscript(): void {
    this.#dispatch({ is: 'transcript', open: !this.transcript });
  }

  openHear(): void {
    this.renderRoot.querySelector<BoothChannelSelect>('booth-channel-select')?.focus();
  }

  openRead(): void {
    openList(this.renderRoot.querySelector('#read'));
  }

  override render() {
    const texts = pageTexts();
    return html`
      <div class="devices" role="group" aria-label=${texts.lobby.devices} ?hidden=${!this.meeting.local.available}>
        ${this.#devices()}
      </div>
      <div class="languages">
        <booth-channel-select .source=${this.meeting}></booth-channel-select>
        <div class="read">
          <label for="read">${texts.choice.read}</label>
          ${readSelect(this.meeting.offers, this.choice, (choice) => this.#dispatch({ is: 'choose', choice }), ownName)}
        </div>
      </div>
      <div class="rest">
        <booth-interpretation .meeting=${this.meeting} .choice=${this.choice}></booth-interpretation>
        ${this.meeting.invitation.state.value.offered && !this.alone ? this.#invitation() : nothing}
        <button
          type="button"
          title="${texts.transcript.title} (t)"
          aria-label=${texts.transcript.title}
          aria-pressed=${this.transcript}
          @click=${() => this.toggleTranscript()}
        >
          <booth-icon .icon=${FileText}></booth-icon>
        </button>
        <button type="button" popovertarget="settings" title=${texts.device.settings} aria-label=${texts.device.settings}>
          <booth-icon .icon=${Settings}></booth-icon>
        </button>
        <div id="settings" class="panel" popover role="dialog" aria-label=${texts.device.settings}>
          <booth-devices .local=${this.meeting.local} .deviceIds=${this.deviceIds}></booth-devices>
          ${pageLanguage(this)}
        </div>
        <button
          type="button"
          title=${texts.meeting.leaveHow}
          aria-label=${texts.meeting.leave}
          @click=${() => this.#dispatch({ is: 'leave' })}
        >
          <booth-icon class="directed" .icon=${LogOut}></booth-icon><span>${texts.meeting.leave}</span>
        </button>
      </div>
    `;
  }

  #invitation() {
    const { inviteHow } = pageTexts().invite;
    return html`
      <button type="button" popovertarget="invitation" title=${inviteHow} aria-label=${inviteHow}>
        <booth-icon .icon=${UserPlus}></booth-icon>
      </button>
      <div id="invitation" class="panel" popover role="dialog" aria-label=${inviteHow}>
        <booth-invite .invitation=${this.meeting.invitation} brief></booth-invite>
      </div>
    `;
  }

  #devices() {
    const texts = pageTexts().device;
    const { camera, microphone, screen } = this.meeting.local.state.value;
    const micOn = isHeard(microphone);
    const cameraOn = camera.is === 'on';
    const sharing = screen.is === 'on';
    const share = sharing ? texts.stopSharing : texts.share;
    return html`
      <button
        type="button"
        class=${micOn ? '' : 'muted'}
        aria-label=${micOn ? texts.mute : texts.unmute}
        title="${texts.microphone} (m)"
        @click=${() => this.toggleMicrophone()}
      >
        <booth-icon .icon=${micOn ? Mic : MicOff}></booth-icon><span>${micOn ? texts.mute : texts.unmute}</span>
      </button>
      <button
        type="button"
        aria-label=${cameraOn ? texts.cameraOff : texts.cameraOn}
        title="${texts.camera} (v)"
        @click=${() => this.toggleCamera()}
      >
        <booth-icon .icon=${cameraOn ? Video : VideoOff}></booth-icon><span>${texts.camera}</span>
      </button>
      <button
        type="button"
        ?hidden=${!this.meeting.local.canShare}
        aria-label=${share}
        title=${texts.shareHow}
        @click=${() => this.#dispatch({ is: 'screen', on: !sharing })}
      >
        <booth-icon .icon=${sharing ? MonitorX : MonitorUp}></booth-icon><span>${share}</span>
      </button>
    `;
  }

  static override styles = [
    shared,
    panel,
    panelAboveBar,
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

      [aria-pressed='true'] {
        border-color: var(--ink);
      }

      button:not(:has(span)) {
        padding: 0;
        min-inline-size: 2.75rem;
      }

      :host(:dir(rtl)) .directed {
        transform: scaleX(-1);
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
        .devices,
        .rest {
          display: contents;
        }
        .devices > button,
        .rest > button {
          flex: 1 1 2.25rem;
          min-inline-size: 0;
        }
        :host {
          gap: 0.5rem 0.25rem;
        }
      }
    `,
  ];
}

customElements.define('booth-bar', BoothBar);
