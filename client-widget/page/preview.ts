/** `<booth-preview>`: how others will see and hear me: my camera, my microphone's level, and what is wrong with either. */
import { css, html, LitElement, nothing } from 'lit';
import { Headphones, Mic, MicOff, Video, VideoOff } from 'lucide';
import type { LocalDevice } from '../media/local-media.ts';
import { type Wish, WishEvent } from '../meeting/action.ts';
import type { Visit } from '../meeting/app-state.ts';
import './devices.ts';
import './icon.ts';
import { initials } from './initials.ts';
import './level.ts';
import { pageTexts } from '../i18n/page-texts.ts';
import { notice, trouble } from './notice.ts';
import { shared } from './shared.ts';
import { video } from './video.ts';
import { Watching } from './store-controller.ts';

export class BoothPreview extends LitElement {
  static override properties = { visit: { attribute: false }, name: {} };
  declare visit: Visit;
  /** As it is typed. */
  declare name: string;

  constructor() {
    super();
    this.name = '';
    new Watching(this, () => {
      const { state, local, level } = this.visit;
      return [state, local.state, level.silent, level.asleep];
    });
  }

  #wish(wish: Wish): void {
    this.dispatchEvent(new WishEvent(wish));
  }

  override render() {
    return html`
      ${this.#preview()} ${this.#meter()}
      <booth-devices .local=${this.visit.local} .picked=${this.visit.state.value.picked}></booth-devices>
      ${this.#notices()}
    `;
  }

  #preview() {
    const { camera } = this.visit.local.state.value;
    const { listensOnly } = this.visit.state.value;
    return html`
      <div class="preview">
        ${
          camera.is === 'on'
            ? video(camera.track, pageTexts().lobby.ownPicture)
            : html`<span class="initials" aria-hidden="true">${initials(this.name)}</span>`
        }
        ${this.visit.local.available && !listensOnly ? this.#buttons() : nothing}
      </div>
    `;
  }

  #buttons() {
    const { camera, microphone } = this.visit.local.state.value;
    const micOn = microphone.is === 'on' && !microphone.muted;
    const cameraOn = camera.is === 'on';
    return html`
      <div class="buttons">
        <button type="button" @click=${() => this.#wish({ is: 'microphone', on: !micOn })}>
          <booth-icon .icon=${micOn ? Mic : MicOff}></booth-icon> ${micOn ? pageTexts().device.mute : pageTexts().device.unmute}
        </button>
        <button type="button" @click=${() => this.#wish({ is: 'camera', on: !cameraOn })}>
          <booth-icon .icon=${cameraOn ? Video : VideoOff}></booth-icon> ${cameraOn ? pageTexts().device.cameraOff : pageTexts().device.cameraOn}
        </button>
      </div>
    `;
  }

  #meter() {
    const { microphone } = this.visit.local.state.value;
    if (microphone.is === 'opening') return html`<p class="quiet">${pageTexts().lobby.asking}</p>`;
    if (microphone.is !== 'on') return nothing;
    return html`
      <div class="meter">
        <booth-icon .icon=${microphone.muted ? MicOff : Mic}></booth-icon>
        <booth-level .source=${this.visit.level}></booth-level>
      </div>
      <p class="quiet small" role="status">${this.#meterWords(microphone)}</p>
    `;
  }

  #meterWords({ muted, track }: Extract<LocalDevice, { is: 'on' }>) {
    const { asleep, silent } = this.visit.level;
    const say = pageTexts().lobby;
    if (muted) return say.muted;
    if (asleep.value) return say.asleep;
    if (!silent.value) return say.saySomething;
    return html`<strong>${say.silent}</strong> ${say.silentHow(track.label)}`;
  }

  #notices() {
    const { microphone, camera } = this.visit.local.state.value;
    if (this.visit.state.value.listensOnly) return this.#otherTab();
    return html`${this.#trouble('microphone', microphone)} ${this.#trouble('camera', camera)}`;
  }

  #otherTab() {
    return notice(
      Headphones,
      html`
        <p>
          <strong>${pageTexts().lobby.otherTab}</strong> ${pageTexts().lobby.otherTabHow}
        </p>
        <button type="button" @click=${() => this.#wish({ is: 'microphone', on: true })}>
          <booth-icon .icon=${Mic}></booth-icon> ${pageTexts().lobby.microphoneAnyway}
        </button>
      `,
    );
  }

  #trouble(source: 'microphone' | 'camera', device: LocalDevice) {
    if (device.is !== 'trouble') return nothing;
    const again = html`<button type="button" @click=${() => this.#wish({ is: source, on: true })}>${pageTexts().page.again}</button>`;
    return trouble(
      html`<p role="status">${pageTexts().device.trouble[device.why](source)}</p>${this.visit.local.available ? again : nothing}`,
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
        background: var(--stage);
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
