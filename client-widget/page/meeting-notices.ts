/**
 * `<booth-meeting-notices>`: problems in this meeting, what Booth does about them, and what the person can do. Empty while there are none.
 */
import { css, html, LitElement, nothing } from 'lit';
import { FileText, Headphones, Hourglass, Languages, Mic, MicOff, RefreshCw, Volume2 } from 'lucide';
import { hasWebRtc } from '../media/browser-room.ts';
import type { LocalDevice, LocalSource } from '../media/local-media.ts';
import { ActionEvent } from '../meeting/action.ts';
import type { MeetingSession } from '../meeting/meeting.ts';
import { unavailableReasons } from './interpreter-status.ts';
import './icon.ts';
import { ownName } from '../i18n/language-names.ts';
import { pageTexts } from '../i18n/page-texts.ts';
import { localizedReason, withMeaning } from './localized-reason.ts';
import { notice, trouble } from './notice.ts';
import { formatTime } from './number-format.ts';
import { shared } from './shared.ts';
import { StoreController } from './store-controller.ts';

class BoothMeetingNotices extends LitElement {
  static override properties = {
    meeting: { attribute: false },
    listensOnly: { type: Boolean },
    dismissed: { state: true },
  };
  declare meeting: MeetingSession;
  /** Another tab of this browser has the microphone. */
  declare listensOnly: boolean;
  /** Notices that the person has dismissed; a new problem shows again. */
  declare protected dismissed: ReadonlySet<unknown>;

  constructor() {
    super();
    this.listensOnly = false;
    this.dismissed = new Set();
    new StoreController(this, () => {
      const { room, local, playback, mutedByHost, unheardSpeech } = this.meeting;
      const shown = [room.state, room.refusal, room.mediaBlocked, local.state, playback.blocked, mutedByHost];
      return [...shown, unheardSpeech.seconds];
    });
  }

  readonly #openMicrophone = () => this.dispatchEvent(new ActionEvent({ is: 'microphone', on: true }));

  override render() {
    const { microphone, camera } = this.meeting.local.state.value;
    return html`
      ${this.#connection()} ${this.#unheard()} ${this.#mediaBlocked()} ${this.#expiry()} ${this.#transcript()} ${this.#transcriptFailing()}
      ${this.#refusal()} ${this.#silence()} ${this.#interpreter()} ${this.#unavailable()}
      ${this.#otherTab()} ${this.#otherLanguage()} ${this.#tooQuiet(microphone)}
      ${this.#device('microphone', microphone)} ${this.#device('camera', camera)}
      ${this.#mutedBySystem(microphone)} ${this.#mutedByHost()}
    `;
  }

  readonly #dismiss = (what: unknown) => () => {
    this.dismissed = new Set([...this.dismissed, what]);
  };

  #connection() {
    const { connection } = this.meeting.room.state.value;
    if (connection.is === 'waiting') {
      const { waiting, waitingHow } = pageTexts().door;
      return notice(Hourglass, html`<p role="status"><strong>${waiting}</strong> ${waitingHow}</p>`);
    }
    if (connection.is === 'joined' && connection.unreachable) {
      const { unreachable, unreachableHow } = pageTexts().trouble;
      return trouble(html`<p role="status"><strong>${unreachable}</strong> ${unreachableHow}</p>`);
    }
    if (connection.is === 'joined' && connection.mediaLost)
      return trouble(html`<p role="status">${pageTexts().trouble.mediaLost}</p>`);
    if (connection.is !== 'rejoining') return nothing;
    return trouble(html`
      <p role="status"><strong>${localizedReason(connection.reason)}</strong> ${pageTexts().trouble.comingBack}</p>
      <button type="button" @click=${() => this.meeting.room.retryNow()}>
        <booth-icon .icon=${RefreshCw}></booth-icon> ${pageTexts().trouble.tryNow}
      </button>
    `);
  }

  /** Tells the person in time that their access ends, so that they can ask for another invite. */
  #expiry() {
    const { expires } = this.meeting.room.state.value;
    if (expires === undefined || this.dismissed.has(expires)) return nothing;
    return notice(
      Hourglass,
      html`<p role="status">${pageTexts().trouble.accessEnds(formatTime(expires))}</p>`,
      this.#dismiss(expires),
    );
  }

  /** A browser without WebRTC, or Firefox on the computer that Booth runs on: said until the page is opened elsewhere. */
  #mediaBlocked() {
    const { firefoxOnLoopback, firefoxHow } = pageTexts().trouble;
    if (!this.meeting.room.mediaBlocked.value) return nothing;
    if (!hasWebRtc()) return trouble(html`<p role="status">${pageTexts().reasons.unsupported}</p>`);
    return trouble(html`<p role="status"><strong>${firefoxOnLoopback}</strong> ${firefoxHow}</p>`);
  }

  /** What the person said while the connection was interrupted. */
  #unheard() {
    const { unheardSpeech } = this.meeting;
    const { value: seconds } = unheardSpeech.seconds;
    if (seconds === undefined) return nothing;
    return notice(MicOff, html`<p role="status">${pageTexts().trouble.unheard(seconds)}</p>`, () =>
      unheardSpeech.dismiss(),
    );
  }

  #refusal() {
    const { value } = this.meeting.room.refusal;
    return value && !this.dismissed.has(value)
      ? trouble(html`<p role="status">${localizedReason(value)}</p>`, this.#dismiss(value))
      : nothing;
  }

  /** Notices that a host has switched the transcript on or off, or deleted it, since this person joined. */
  #transcript() {
    const { room, transcriptTurns, deletions } = this.meeting.room.state.value;
    const { lobby, transcript } = pageTexts();
    const switched =
      room?.transcript === 'on' ? `${transcript.on} ${lobby.kept(room.transcriptHours)}` : transcript.off;
    const line = (what: string, times: number, text: string) => {
      const key = `${what} ${times}`;
      if (times === 0 || this.dismissed.has(key)) return nothing;
      return notice(FileText, html`<p role="status">${text}</p>`, this.#dismiss(key));
    };
    return [line('switched', transcriptTurns, switched), line('deleted', deletions, transcript.deleted)];
  }

  /** Tells hosts alone: others can do nothing about the server's disk. */
  #transcriptFailing() {
    const isFailing = this.meeting.room.state.value.room?.transcriptFailing ?? false;
    if (!isFailing || !this.meeting.isHost) return nothing;
    return trouble(html`<p role="status">${pageTexts().transcript.failing}</p>`);
  }

  #silence() {
    const { playback } = this.meeting;
    if (!playback.blocked.value) return nothing;
    return notice(
      Volume2,
      html`
        <p role="status">${pageTexts().trouble.silentPage}</p>
        <button type="button" @click=${() => playback.unlock()}>${pageTexts().trouble.hear}</button>
      `,
    );
  }

  #interpreter() {
    const interpretation = this.meeting.room.state.value.room?.interpretation;
    const { interpreterFailed, captionsMissing } = pageTexts().trouble;
    if (interpretation?.state === 'on' && interpretation.message !== undefined)
      return trouble(html`<p role="status">${withMeaning(captionsMissing, interpretation.message)}</p>`);
    if (interpretation?.state !== 'failed') return nothing;
    const { message } = interpretation;
    const why = message === undefined ? interpreterFailed : withMeaning(interpreterFailed, message);
    return trouble(html`<p role="status">${why}</p>`);
  }

  #unavailable() {
    const { state, preferences } = this.meeting.room;
    return unavailableReasons(state.value, preferences, this.meeting.understands)
      .filter((why) => !this.dismissed.has(why))
      .map((why) => {
        const { notAvailable } = pageTexts().trouble;
        return trouble(html`<p role="status">${withMeaning(notAvailable, why)}</p>`, this.#dismiss(why));
      });
  }

  #otherTab() {
    if (!this.listensOnly || this.dismissed.has('other tab')) return nothing;
    return notice(
      Headphones,
      html`
        <p>${pageTexts().trouble.otherTab}</p>
        <button type="button" @click=${this.#openMicrophone}>
          <booth-icon .icon=${Mic}></booth-icon> ${pageTexts().lobby.microphoneAnyway}
        </button>
      `,
      this.#dismiss('other tab'),
    );
  }

  /** Asks whether the person changes their language to the one they seem to speak; once for each language. */
  #otherLanguage() {
    const { suggested, you } = this.meeting.room.state.value;
    if (!suggested || !you?.speaks || this.dismissed.has(suggested)) return nothing;
    const { seemsToSpeak, change, keep } = pageTexts().trouble;
    const speak = () => this.dispatchEvent(new ActionEvent({ is: 'choose', choice: { speaks: suggested } }));
    return notice(
      Languages,
      html`
        <p role="status">${seemsToSpeak(ownName(suggested))}</p>
        <div class="answers">
          <button type="button" @click=${speak}>${change(ownName(suggested))}</button>
          <button type="button" @click=${this.#dismiss(suggested)}>${keep(ownName(you.speaks))}</button>
        </div>
      `,
    );
  }

  /** Says that the interpreter hardly hears this person and, to hosts, whom else it hardly hears. */
  #tooQuiet(microphone: LocalDevice) {
    const { tooQuiet, you, others } = this.meeting.room.state.value;
    const isOn = microphone.is === 'on' && !microphone.muted;
    const ids = [...tooQuiet].filter((id) => !this.dismissed.has(`too quiet ${id}`) && (id !== you?.id || isOn));
    const { youAreTooQuiet, isTooQuiet } = pageTexts().trouble;
    return ids.flatMap((id) => {
      const text = id === you?.id ? youAreTooQuiet : isTooQuiet(others.get(id)?.name ?? '');
      if (id !== you?.id && !others.has(id)) return [];
      return notice(Mic, html`<p role="status">${text}</p>`, this.#dismiss(`too quiet ${id}`));
    });
  }

  #mutedBySystem(microphone: LocalDevice) {
    if (microphone.is !== 'on' || !microphone.mutedBySystem) return nothing;
    return notice(MicOff, html`<p role="status">${pageTexts().device.mutedBySystem}</p>`);
  }

  #mutedByHost() {
    if (!this.meeting.mutedByHost.value) return nothing;
    return notice(
      MicOff,
      html`
        <p role="status">${pageTexts().trouble.mutedByHost}</p>
        <button type="button" @click=${this.#openMicrophone}>${pageTexts().device.unmute}</button>
      `,
    );
  }

  #device(source: LocalSource, device: LocalDevice) {
    if (device.is !== 'trouble' || this.dismissed.has(device)) return nothing;
    const { local } = this.meeting;
    // A microphone that was muted stays muted.
    const again = html`<button type="button" @click=${() => local.open(source)}>${pageTexts().page.again}</button>`;
    const text = html`<p role="status">${pageTexts().device.trouble[device.why](source)}</p>${local.available ? again : nothing}`;
    return trouble(text, this.#dismiss(device));
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

customElements.define('booth-meeting-notices', BoothMeetingNotices);
