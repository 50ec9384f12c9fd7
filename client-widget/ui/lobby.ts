/** `<booth-lobby>`: before joining. What I speak, hear and read, whether I am seen and heard, and who processes speech. */

import { css, html, LitElement, nothing, type PropertyValues } from 'lit';
import { CircleAlert, Headphones, Languages, LoaderCircle, Mic, MicOff, Video, VideoOff } from 'lucide';
import type { LanguagesResponse } from '../../protocol/rest.ts';
import type { LocalDevice, LocalMedia, LocalSource } from '../media/local-media.ts';
import { type Choice, type Offers, understood } from '../media/offers.ts';
import type { OwnLevel } from '../media/own-level.ts';
import { hearSelect, readSelect, speakSelect } from './choices.ts';
import './icon.ts';
import { initials } from './initials.ts';
import { languageName } from './language-names.ts';
import './level.ts';
import { shared } from './shared.ts';
import { video } from './video.ts';
import { Watching } from './watching.ts';

export class BoothLobby extends LitElement {
  static override properties = {
    room: {},
    name: {},
    choice: { attribute: false },
    offers: { attribute: false },
    languages: { attribute: false },
    local: { attribute: false },
    level: { attribute: false },
    secondTab: { type: Boolean },
    joining: { type: Boolean },
    problem: {},
  };

  declare room: string;
  declare name: string;
  declare choice: Choice;
  declare offers: Offers;
  declare languages: LanguagesResponse;
  declare local: LocalMedia;
  declare level: OwnLevel;
  /** Another tab of this browser speaks in this room. */
  declare secondTab: boolean;
  declare joining: boolean;
  /** Why joining did not work. */
  declare problem: string;

  constructor() {
    super();
    this.secondTab = false;
    this.joining = false;
    this.problem = '';
    new Watching(this, () => [this.local?.state, this.level?.silent, this.level?.asleep]);
  }

  protected override firstUpdated(_: PropertyValues): void {
    if (this.name === '') this.renderRoot.querySelector<HTMLInputElement>('#name')?.focus();
  }

  #tell<T>(type: string, detail: T): void {
    this.dispatchEvent(new CustomEvent<T>(type, { detail, bubbles: true, composed: true }));
  }

  #chosen = (choice: Partial<Choice>) => this.#tell('booth-choice', choice);

  #join(event: SubmitEvent): void {
    event.preventDefault();
    const input = this.renderRoot.querySelector<HTMLInputElement>('#name');
    const name = input?.value.trim() ?? '';
    if (name === '') input?.focus();
    else this.#tell('booth-join', name);
  }

  override render() {
    const { label } = this.languages.engine;
    return html`
      <main>
        <header>
          <p class="quiet">Booth</p>
          <h1>${this.room}</h1>
        </header>
        <section aria-label="Camera and microphone">${this.#preview()} ${this.#microphone()} ${this.#notices()}</section>
        <form @submit=${this.#join}>
          <label for="name">Name</label>
          <input type="text" id="name" maxlength="64" required autocomplete="name" .value=${this.name} />
          <label for="speak">I speak</label>
          <div>${speakSelect(this.offers, this.choice, this.#chosen)} ${this.#notUnderstood()}</div>
          <label for="hear">I hear</label>
          ${hearSelect(this.offers, this.choice, this.#chosen)}
          <label for="read">I read</label>
          ${readSelect(this.offers, this.choice, this.#chosen)}
          <div class="wide said">
            <p data-part="engine"><booth-icon .icon=${Languages}></booth-icon> <span>${label}</span></p>
            <p class="quiet">The voice you hear may be synthetic.</p>
          </div>
          ${this.problem ? this.#notice('alert', html`<p role="alert">${this.problem}</p>`, 'wide') : nothing}
          <button class="primary wide" ?disabled=${this.joining}>
            ${this.joining ? html`<booth-icon class="spin" .icon=${LoaderCircle}></booth-icon> Joining…` : 'Join'}
          </button>
        </form>
      </main>
    `;
  }

  #preview() {
    const { camera } = this.local.state.value;
    return html`
      <div class="preview">
        ${
          camera.is === 'on'
            ? video(camera.track, 'Your camera, as others will see it')
            : html`<span class="initials" aria-hidden="true">${initials(this.name)}</span>`
        }
        ${this.local.available && !this.secondTab ? this.#buttons() : nothing}
      </div>
    `;
  }

  #buttons() {
    const { camera, microphone } = this.local.state.value;
    const micOn = microphone.is === 'on' && !microphone.muted;
    return html`
      <div class="buttons">
        <button type="button" aria-pressed=${micOn} @click=${() => this.#tell('booth-microphone', !micOn)}>
          <booth-icon .icon=${micOn ? Mic : MicOff}></booth-icon> ${micOn ? 'Mute' : 'Unmute'}
        </button>
        <button type="button" aria-pressed=${camera.is === 'on'} @click=${() => this.#tell('booth-camera', camera.is !== 'on')}>
          <booth-icon .icon=${camera.is === 'on' ? Video : VideoOff}></booth-icon>
          ${camera.is === 'on' ? 'Camera off' : 'Camera on'}
        </button>
      </div>
    `;
  }

  #microphone() {
    const { microphone } = this.local.state.value;
    if (microphone.is === 'opening') return html`<p class="quiet">Asking the browser for the microphone…</p>`;
    if (microphone.is !== 'on') return nothing;
    return html`
      <div class="meter">
        <booth-icon .icon=${microphone.muted ? MicOff : Mic}></booth-icon>
        <booth-level .source=${this.level}></booth-level>
      </div>
      <p class="quiet small hint" role="status">
        ${this.#microphoneWords(microphone)}
      </p>
    `;
  }

  #microphoneWords({ muted, track }: Extract<LocalDevice, { is: 'on' }>) {
    if (muted) return 'You are muted.';
    if (this.level.asleep.value) return 'Click anywhere to see whether the microphone works.';
    if (!this.level.silent.value) return 'Say something: the bar should move.';
    return html`<strong>No sound for 5 s.</strong> Say something. If nothing moves: check that “${track.label}” is the right microphone, and
      that it is not muted on the device itself.`;
  }

  #notices() {
    if (this.secondTab) {
      return this.#notice(
        '',
        html`<p>
            <strong>You are in this room in another tab.</strong> Two tabs hear each other, so this one listens only. Headphones on? Then
            it may speak as well.
          </p>
          <button type="button" @click=${() => this.#tell('booth-microphone', true)}>
            <booth-icon .icon=${Mic}></booth-icon> Turn the microphone on anyway
          </button>`,
        '',
        Headphones,
      );
    }
    const { microphone, camera } = this.local.state.value;
    return html`${this.#trouble('microphone', microphone)} ${this.#trouble('camera', camera)}`;
  }

  #trouble(source: LocalSource, device: LocalDevice) {
    if (device.is !== 'trouble') return nothing;
    return this.#notice(
      'alert',
      html`<p role="status">${device.message}${
        this.local.available && source === 'microphone' ? ' Until then you can listen and read.' : ''
      }</p>
        ${
          this.local.available
            ? html`<button type="button" @click=${() => this.#tell(`booth-${source}`, true)}>Try again</button>`
            : nothing
        }`,
    );
  }

  #notUnderstood() {
    const { speaks } = this.choice;
    if (speaks === null || understood(speaks, this.languages)) return nothing;
    const { kind } = this.languages.engine;
    return html`<p class="small hint" role="status" data-part="not-understood">
      ${kind === 'offline' ? 'The offline engine' : 'The engine'} does not understand ${languageName(speaks)}: people will hear you, but nobody
      will interpret what you say.
    </p>`;
  }

  #notice(kind: string, content: unknown, place = '', icon = CircleAlert) {
    return html`<div class="notice ${kind} ${place}"><booth-icon .icon=${icon}></booth-icon><div>${content}</div></div>`;
  }

  static override styles = [
    shared,
    css`
      main {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: 1.5rem;
        align-content: center;
        min-block-size: 100dvh;
        max-inline-size: 30rem;
        margin-inline: auto;
        padding: 1rem;
      }

      h1 {
        font-size: 1.75rem;
        line-height: 1.2;
        overflow-wrap: anywhere;
      }

      section {
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

      .hint {
        margin-block-start: 0.25rem;
      }

      form {
        display: grid;
        grid-template-columns: auto minmax(0, 1fr);
        gap: 0.75rem 1rem;
        align-items: start;
        align-content: start;
      }

      form > label {
        padding-block: 0.66rem;
      }

      .wide {
        grid-column: 1 / -1;
      }

      .said p {
        display: flex;
        gap: 0.5rem;
      }

      .said p + p {
        margin-block-start: 0.25rem;
      }

      .said booth-icon {
        margin-block-start: 0.1em;
        color: var(--ink-quiet);
      }

      @media (min-width: 48rem) {
        main {
          max-inline-size: 64rem;
          grid-template-columns: minmax(0, 1.15fr) minmax(0, 1fr);
          column-gap: 3rem;
          padding: 2rem;
        }
        header {
          grid-column: 1 / -1;
        }
      }

      .spin {
        animation: spin 1s linear infinite;
      }

      @keyframes spin {
        to {
          transform: rotate(1turn);
        }
      }

      @media (prefers-reduced-motion: reduce) {
        .spin {
          animation: none;
        }
      }
    `,
  ];
}

customElements.define('booth-lobby', BoothLobby);
