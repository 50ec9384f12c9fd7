/** `<booth-troubles>`: what is wrong in this meeting, or seems so, what Booth does about it, and what I can do. Empty while all is well. */
import { css, html, LitElement, nothing } from 'lit';
import { FileText, Headphones, Hourglass, Languages, Mic, MicOff, RefreshCw, Volume2 } from 'lucide';
import { hindrances } from '../channels/interpreter-status.ts';
import { WishEvent } from '../media/action.ts';
import type { LocalDevice, LocalSource } from '../media/local-media.ts';
import type { Meeting } from '../media/meeting.ts';
import './icon.ts';
import { ownName } from './language-names.ts';
import { explained, told } from './localized.ts';
import { notice, trouble } from './notice.ts';
import { shared } from './shared.ts';
import { Watching } from './watching.ts';
import { words } from './words.ts';

export class BoothTroubles extends LitElement {
  static override properties = { meeting: { attribute: false }, listensOnly: { type: Boolean }, read: { state: true } };
  declare meeting: Meeting;
  /** Another tab of this browser has the microphone. */
  declare listensOnly: boolean;
  /** What was put away. What goes wrong anew is told anew. */
  declare protected read: ReadonlySet<unknown>;

  constructor() {
    super();
    this.listensOnly = false;
    this.read = new Set();
    new Watching(this, () => {
      const { room, local, playback, silenced } = this.meeting;
      return [room.state, room.refusal, local.state, playback.blocked, silenced];
    });
  }

  readonly #openMicrophone = () => this.dispatchEvent(new WishEvent({ is: 'microphone', on: true }));
  readonly #openCamera = () => this.dispatchEvent(new WishEvent({ is: 'camera', on: true }));

  override render() {
    const { microphone, camera } = this.meeting.local.state.value;
    return html`
      ${this.#connection()} ${this.#transcript()} ${this.#refusal()} ${this.#silence()} ${this.#interpreter()} ${this.#hindrances()}
      ${this.#otherTab()} ${this.#otherLanguage()}
      ${this.#device('microphone', microphone, this.#openMicrophone)} ${this.#device('camera', camera, this.#openCamera)}
      ${this.#silenced()}
    `;
  }

  readonly #putAway = (what: unknown) => () => {
    this.read = new Set([...this.read, what]);
  };

  #connection() {
    const { connection } = this.meeting.room.state.value;
    if (connection.is === 'waiting') {
      const { waiting, waitingHow } = words().door;
      return notice(Hourglass, html`<p role="status"><strong>${waiting}</strong> ${waitingHow}</p>`);
    }
    if (connection.is !== 'rejoining') return nothing;
    return trouble(html`
      <p role="status"><strong>${told(connection.reason)}</strong> ${words().trouble.comingBack}</p>
      <button type="button" @click=${() => this.meeting.room.hurry()}>
        <booth-icon .icon=${RefreshCw}></booth-icon> ${words().trouble.tryNow}
      </button>
    `);
  }

  #refusal() {
    const { value } = this.meeting.room.refusal;
    return value && !this.read.has(value)
      ? trouble(html`<p role="status">${told(value)}</p>`, this.#putAway(value))
      : nothing;
  }

  /** What a host has done about what is written down, while I was here. */
  #transcript() {
    const { room, transcriptTurns, deletions } = this.meeting.room.state.value;
    const { lobby, transcript } = words();
    const switched =
      room?.transcript === 'on' ? `${transcript.on} ${lobby.kept(room.transcriptHours)}` : transcript.off;
    const line = (what: string, times: number, text: string) => {
      const key = `${what} ${times}`;
      if (times === 0 || this.read.has(key)) return nothing;
      return notice(FileText, html`<p role="status">${text}</p>`, this.#putAway(key));
    };
    return [line('switched', transcriptTurns, switched), line('deleted', deletions, transcript.deleted)];
  }

  #silence() {
    const { playback } = this.meeting;
    if (!playback.blocked.value) return nothing;
    return notice(
      Volume2,
      html`
        <p role="status">${words().trouble.silentPage}</p>
        <button type="button" @click=${() => playback.unlock()}>${words().trouble.hear}</button>
      `,
    );
  }

  #interpreter() {
    const interpretation = this.meeting.room.state.value.room?.interpretation;
    if (interpretation?.state !== 'failed') return nothing;
    const { message } = interpretation;
    const { interpreterFailed } = words().trouble;
    const why = message === undefined ? interpreterFailed : explained(interpreterFailed, message);
    return trouble(html`<p role="status">${why}</p>`);
  }

  #hindrances() {
    const { state, preferences } = this.meeting.room;
    return hindrances(state.value, preferences, this.meeting.understands)
      .filter((why) => !this.read.has(why))
      .map((why) => {
        const { notAvailable } = words().trouble;
        return trouble(html`<p role="status">${explained(notAvailable, why)}</p>`, this.#putAway(why));
      });
  }

  #otherTab() {
    if (!this.listensOnly || this.read.has('other tab')) return nothing;
    return notice(
      Headphones,
      html`
        <p>${words().trouble.otherTab}</p>
        <button type="button" @click=${this.#openMicrophone}>
          <booth-icon .icon=${Mic}></booth-icon> ${words().lobby.microphoneAnyway}
        </button>
      `,
      this.#putAway('other tab'),
    );
  }

  /** Asked once for each language. */
  #otherLanguage() {
    const { suggested, you } = this.meeting.room.state.value;
    if (!suggested || !you?.speaks || this.read.has(suggested)) return nothing;
    const { seemsToSpeak, change, keep } = words().trouble;
    const speak = () => this.dispatchEvent(new WishEvent({ is: 'choose', choice: { speaks: suggested } }));
    return notice(
      Languages,
      html`
        <p role="status">${seemsToSpeak(ownName(suggested))}</p>
        <div class="answers">
          <button type="button" @click=${speak}>${change(ownName(suggested))}</button>
          <button type="button" @click=${this.#putAway(suggested)}>${keep(ownName(you.speaks))}</button>
        </div>
      `,
    );
  }

  #silenced() {
    if (!this.meeting.silenced.value) return nothing;
    return notice(
      MicOff,
      html`
        <p role="status">${words().trouble.mutedByHost}</p>
        <button type="button" @click=${this.#openMicrophone}>${words().device.unmute}</button>
      `,
    );
  }

  #device(source: LocalSource, device: LocalDevice, open: () => void) {
    if (device.is !== 'trouble' || this.read.has(device)) return nothing;
    const again = html`<button type="button" @click=${open}>${words().page.again}</button>`;
    const told = html`<p role="status">${words().device.trouble[device.why](source)}</p>${this.meeting.local.available ? again : nothing}`;
    return trouble(told, this.#putAway(device));
  }

  static override styles = [
    shared,
    css`
      :host {
        display: contents;
      }

      .answers {
        display: flex;
        flex-wrap: wrap;
        gap: 0.5rem;
      }

      /* Side by side on a phone. */
      .answers button {
        padding-inline: 0.75rem;
      }
    `,
  ];
}

customElements.define('booth-troubles', BoothTroubles);
