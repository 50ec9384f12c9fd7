/** `<booth-preview>`: how others will see and hear this person: camera, microphone level, and problems of both. */
import { css, html, LitElement, nothing } from 'lit';
import { Headphones, Mic, MicOff, Video, VideoOff } from 'lucide';
import { isHeard, type LocalDevice } from '../media/local-media.ts';
import { type Action, ActionEvent } from '../meeting/action.ts';
import type { AppState } from '../meeting/app-state.ts';
import './devices.ts';
import './icon.ts';
import { pageTexts } from '../i18n/page-texts.ts';
import type { MicrophoneLevel } from '../media/microphone-level.ts';
import { notice, trouble } from './notice.ts';
import { initials, video } from './picture.ts';
import { shared } from './shared.ts';
import { StoreController } from './store-controller.ts';

class BoothPreview extends LitElement {
  static override properties = { app: { attribute: false }, name: {} };
  declare app: AppState;
  /** The name as it is typed. */
  declare name: string;

  constructor() {
    super();
    this.name = '';
    new StoreController(this, () => {
      const { state, local, level } = this.app;
      return [state, local.state, level.silent, level.suspended];
    });
  }

  #dispatch(action: Action): void {
    this.dispatchEvent(new ActionEvent(action));
  }

  override render() {
    return html`
      ${this.#preview()} ${this.#meter()}
      <booth-devices .local=${this.app.local} .deviceIds=${this.app.state.value.deviceIds}></booth-devices>
      ${this.#notices()}
    `;
  }

  #preview() {
    const { camera } = this.app.local.state.value;
    const { listensOnly } = this.app.state.value;
    return html`
      <div class="preview">
        ${
          camera.is === 'on'
            ? video(camera.track, pageTexts().lobby.ownPicture)
            : html`<span class="initials" aria-hidden="true">${initials(this.name)}</span>`
        }
        ${this.app.local.available && !listensOnly ? this.#buttons() : nothing}
      </div>
    `;
  }

  #buttons() {
    const { camera, microphone } = this.app.local.state.value;
    const micOn = isHeard(microphone);
    const cameraOn = camera.is === 'on';
    return html`
      <div class="buttons">
        <button type="button" @click=${() => this.#dispatch({ is: 'microphone', on: !micOn })}>
          <booth-icon .icon=${micOn ? Mic : MicOff}></booth-icon> ${micOn ? pageTexts().device.mute : pageTexts().device.unmute}
        </button>
        <button type="button" @click=${() => this.#dispatch({ is: 'camera', on: !cameraOn })}>
          <booth-icon .icon=${cameraOn ? Video : VideoOff}></booth-icon> ${cameraOn ? pageTexts().device.cameraOff : pageTexts().device.cameraOn}
        </button>
      </div>
    `;
  }

  #meter() {
    const { microphone } = this.app.local.state.value;
    if (microphone.is === 'opening') return html`<p class="quiet">${pageTexts().lobby.asking}</p>`;
    if (microphone.is !== 'on') return nothing;
    return html`
      <div class="meter">
        <booth-icon .icon=${isHeard(microphone) ? Mic : MicOff}></booth-icon>
        <booth-level .source=${this.app.level}></booth-level>
      </div>
      <p class="quiet small" role="status">${this.#meterWords(microphone)}</p>
    `;
  }

  #meterWords({ muted, mutedBySystem, track }: Extract<LocalDevice, { is: 'on' }>) {
    const { suspended, silent } = this.app.level;
    const texts = pageTexts().lobby;
    if (mutedBySystem) return pageTexts().device.mutedBySystem;
    if (muted) return texts.muted;
    if (suspended.value) return texts.asleep;
    if (!silent.value) return texts.saySomething;
    return html`<strong>${texts.silent}</strong> ${texts.silentHow(track.label)}`;
  }

  #notices() {
    const { microphone, camera } = this.app.local.state.value;
    if (this.app.state.value.listensOnly) return this.#otherTab();
    return html`${this.#trouble('microphone', microphone)} ${this.#trouble('camera', camera)}`;
  }

  #otherTab() {
    return notice(
      Headphones,
      html`
        <p>
          <strong>${pageTexts().lobby.otherTab}</strong> ${pageTexts().lobby.otherTabHow}
        </p>
        <button type="button" @click=${() => this.#dispatch({ is: 'microphone', on: true })}>
          <booth-icon .icon=${Mic}></booth-icon> ${pageTexts().lobby.microphoneAnyway}
        </button>
      `,
    );
  }

  #trouble(source: 'microphone' | 'camera', device: LocalDevice) {
    if (device.is !== 'trouble') return nothing;
    const { local } = this.app;
    const again = html`<button type="button" @click=${() => local.open(source)}>${pageTexts().page.again}</button>`;
    return trouble(
      html`<p role="status">${pageTexts().device.trouble[device.why](source)}</p>${local.available ? again : nothing}`,
    );
  }

  static override styles = [
    shared,
    css`
      :host {
        display: grid;
        gap: 0.75rem;
        align-content: start;
      }

      .preview {
        position: relative;
        display: grid;
        place-items: center;
        aspect-ratio: 16 / 9;
        border-radius: var(--radius-large);
        background: var(--surface);
        overflow: hidden;
      }

      @media (forced-colors: active) {
        .preview {
          border: 1px solid CanvasText;
        }
      }

      .preview video {
        position: absolute;
        inset: 0;
        inline-size: 100%;
        block-size: 100%;
        object-fit: cover;
        transform: scaleX(-1);
      }

      .initials {
        font-size: 3rem;
        font-weight: 600;
        color: var(--ink-quiet);
        margin-block-end: 2.5rem;
      }

      .buttons {
        position: absolute;
        inset-block-end: 0.75rem;
        display: flex;
        gap: 0.5rem;
      }

      .buttons button {
        background: var(--paper);
      }

      .meter {
        display: flex;
        align-items: center;
        gap: 0.75rem;
      }

      .meter booth-level {
        flex: 1;
      }
    `,
  ];
}

customElements.define('booth-preview', BoothPreview);

const BARS = 12;

/** `<booth-level>`: a meter of the microphone's level. */
class BoothLevel extends LitElement {
  static override properties = { source: { attribute: false } };
  declare source: MicrophoneLevel | undefined;

  constructor() {
    super();
    new StoreController(this, () => [this.source?.level]);
  }

  override render() {
    const level = this.source?.level.value ?? 0;
    const lit = Math.round(level * BARS);
    return html`
      <div role="meter" aria-label=${pageTexts().device.level} aria-valuemin="0" aria-valuemax="100" aria-valuenow=${Math.round(level * 100)}>
        ${Array.from({ length: BARS }, (_, i) => html`<i ?data-lit=${i < lit}></i>`)}
      </div>
    `;
  }

  static override styles = css`
    :host {
      display: block;
    }
    div {
      display: flex;
      gap: 0.25rem;
    }
    i {
      flex: 1;
      block-size: 0.75rem;
      border-radius: 0.125rem;
      background: var(--edge);
    }
    i[data-lit] {
      background: var(--ink);
    }
    @media (forced-colors: active) {
      i {
        border: 1px solid CanvasText;
        background: Canvas;
      }
      i[data-lit] {
        background: Highlight;
      }
    }
  `;
}

customElements.define('booth-level', BoothLevel);
