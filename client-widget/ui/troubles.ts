/** `<booth-troubles>`: what is wrong in this meeting, what Booth does about it, and what I can do. Empty while all is well. */
import { css, html, LitElement, nothing } from 'lit';
import { Headphones, Mic, RefreshCw, Volume2 } from 'lucide';
import type { LocalDevice } from '../media/local-media.ts';
import type { Meeting } from '../media/meeting.ts';
import { WishEvent } from '../media/wish.ts';
import './icon.ts';
import { notice, trouble } from './notice.ts';
import { shared } from './shared.ts';
import { Watching } from './watching.ts';

export class BoothTroubles extends LitElement {
  static override properties = { meeting: { attribute: false }, listensOnly: { type: Boolean } };
  declare meeting: Meeting;
  /** Another tab of this browser has the microphone. */
  declare listensOnly: boolean;

  constructor() {
    super();
    this.listensOnly = false;
    new Watching(this, () => {
      const { room, local, playback } = this.meeting;
      return [room.state, local.state, playback.blocked];
    });
  }

  readonly #openMicrophone = () => this.dispatchEvent(new WishEvent({ is: 'microphone', on: true }));

  override render() {
    const { microphone, camera } = this.meeting.local.state.value;
    return html`${this.#connection()} ${this.#silence()} ${this.#interpreter()} ${this.#otherTab()} ${this.#microphone(microphone)}
    ${camera.is === 'trouble' ? trouble(html`<p role="status">${camera.message}</p>`) : nothing}`;
  }

  #connection() {
    const { connection } = this.meeting.room.state.value;
    if (connection.is !== 'rejoining') return nothing;
    return trouble(html`
      <p role="status"><strong>${connection.message}</strong> Coming back by itself; what was said stays here.</p>
      <button type="button" @click=${() => this.meeting.room.hurry()}>
        <booth-icon .icon=${RefreshCw}></booth-icon> Try now
      </button>
    `);
  }

  #silence() {
    const { playback } = this.meeting;
    if (!playback.blocked.value) return nothing;
    return notice(
      Volume2,
      html`
        <p role="status">The browser keeps this page silent until you touch it.</p>
        <button type="button" @click=${() => playback.unlock()}>Hear the meeting</button>
      `,
    );
  }

  #interpreter() {
    const interpretation = this.meeting.room.state.value.room?.interpretation;
    if (interpretation?.state !== 'failed') return nothing;
    const words = interpretation.message ?? 'The interpreter failed. People still hear each other.';
    return trouble(html`<p role="status">${words}</p>`);
  }

  #otherTab() {
    if (!this.listensOnly) return nothing;
    return notice(
      Headphones,
      html`
        <p>
          Another tab of this browser is in this room. Two tabs hear each other, so this one listens only. Headphones on? Then it may speak as
          well.
        </p>
        <button type="button" @click=${this.#openMicrophone}>
          <booth-icon .icon=${Mic}></booth-icon> Turn the microphone on anyway
        </button>
      `,
    );
  }

  #microphone(microphone: LocalDevice) {
    if (microphone.is !== 'trouble') return nothing;
    return trouble(html`
      <p role="status">${microphone.message}</p>
      ${
        this.meeting.local.available
          ? html`<button type="button" @click=${this.#openMicrophone}>Try again</button>`
          : nothing
      }
    `);
  }

  static override styles = [
    shared,
    css`
      :host {
        display: grid;
        gap: 0.5rem;
      }
    `,
  ];
}

customElements.define('booth-troubles', BoothTroubles);
