/**
 * `<booth-channels>`: the sound of a room on any page, original or interpreted. Needs a `room` and a `token`, or a meeting that the page
 * has joined by itself, given to `attach`. Reconnects by itself.
 */

import type { HeardLanguage, LanguageCode } from '@mediasoup-booth/protocol';
import { html, LitElement, nothing, type PropertyValues } from 'lit';
import { loadWidgetTexts, localized, t } from '../i18n/translate.ts';
import { PlaybackLevel } from '../media/audio-levels.ts';
import { boundedBalance, loadBalance, saveBalance, USUAL_BALANCE_DB } from '../media/balance.ts';
import type { ErrorReason } from '../media/error-reason.ts';
import { MAX_DELAY_MS } from '../media/frame-delay-buffer.ts';
import { Playback } from '../media/playback.ts';
import { type AttachDelay, delayAttacher, maxReceiverDelayMs } from '../media/receiver-delay.ts';
import { serverAddress, type TokenProvider, type WidgetConnection } from '../sources/caption-source.ts';
import { connectionOf } from '../sources/connection.ts';
import { fetchAudibleLanguages, mayBeOffered } from '../sources/languages.ts';
import { ownServer } from '../sources/own-server.ts';
import { type AttachedMeeting, AttachedPlaybackSource } from './attached-playback.ts';
import { balanceSlider, delaySlider, languageList } from './channel-controls.ts';
import { channelStyles } from './channel-styles.ts';
import { type PlaybackSource, silenceReason } from './playback-source.ts';

const LEVEL_EVERY_MS = 100;
/** A change of these reconnects. */
const connecting = ['server', 'room', 'token', 'getToken'] as const;

/** An open source and its playback. */
interface OpenPlayback {
  source: PlaybackSource;
  playback: Playback;
  close(): void;
}

export class BoothChannels extends LitElement {
  static override styles = channelStyles;
  static override properties = {
    server: {},
    room: {},
    token: {},
    getToken: { attribute: false },
    language: {},
    balance: { type: Number },
    delay: { type: Number },
    muted: { type: Boolean },
  };

  declare server: string;
  declare room: string | undefined;
  declare token: string | undefined;
  declare getToken: TokenProvider | undefined;
  declare language: HeardLanguage;
  declare balance: number;
  declare delay: number;
  declare muted: boolean;

  readonly #level = new PlaybackLevel();
  #attached: AttachedPlaybackSource | undefined;
  #open: OpenPlayback | undefined;
  /** Counts the connections, to recognise results that arrive too late. */
  #opened = 0;
  #state: WidgetConnection = { is: 'connecting' };
  #voices: readonly LanguageCode[] = [];
  /** Attaches the delay to the room's receivers; undefined: the browser cannot; null: the room was joined without a delay. */
  #attachDelay: AttachDelay | undefined | null = null;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor() {
    super();
    this.server = ownServer();
    this.language = 'original';
    this.balance = USUAL_BALANCE_DB;
    this.delay = 0;
    this.muted = false;
  }

  /** The state of the connection. */
  get state(): WidgetConnection {
    return this.#state;
  }

  /** Whether the browser waits for a gesture before it plays sound. */
  get blocked(): boolean {
    return this.#open?.playback.blocked.value ?? false;
  }

  /**
   * Plays the sounds of a meeting that the page has, instead of joining the room. Another call replaces them.
   * @throws {TypeError} where the argument has no `channels`
   */
  attach(meeting: AttachedMeeting): void {
    if (!Object(meeting).channels) throw new TypeError('attach takes a meeting: {channels: {es: track}}, and more.');
    const isNew = !this.#attached;
    this.#attached ??= new AttachedPlaybackSource(this.language);
    this.#attached.reconcile(meeting);
    this.#voices = this.#attached.languages;
    if (isNew) this.reconnect();
    this.requestUpdate();
  }

  detach(): void {
    this.#attached?.leave();
    this.#attached = undefined;
    this.reconnect();
  }

  /** Reconnects at once. */
  reconnect(): void {
    this.#close();
    if (this.isConnected) void this.#openSource();
  }

  /** Starts the sound; call it in a gesture, as a click on a button of the page. */
  unlock(): void {
    this.#open?.playback.unlock();
  }

  /**
   * Returns the hook for `onRtpReceiver` of the page's own mediasoup-client: receivers that pass through it can be delayed by up to 8 s.
   */
  async holder(): Promise<AttachDelay> {
    return (await delayAttacher()) ?? (() => undefined);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.balance = loadBalance() ?? this.balance;
    this.#timer = setInterval(() => this.#measure(), LEVEL_EVERY_MS);
    if (this.hasUpdated && !this.#open) this.reconnect();
    void loadWidgetTexts().then(() => this.requestUpdate());
    // A page that sets neither room nor token probably attaches a meeting later, hence the longer wait.
    setTimeout(() => this.#warnIfUnused(), this.room || this.token ? 1_000 : 10_000);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.#timer);
    // An element that moves in the document is back at once, and plays on.
    queueMicrotask(() => {
      if (this.isConnected) return;
      this.#close();
      this.#level.close();
    });
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (connecting.some((name) => changed.has(name))) this.reconnect();
    else if (changed.has('language')) void this.#switch();
    if (changed.has('balance')) this.#open?.playback.setBalance(this.balance);
    if (changed.has('muted')) this.#open?.playback.setMuted(this.muted);
    if (changed.has('delay')) this.#delay();
  }

  override render() {
    const notice = this.#notice;
    return html`
      <div class="box" part="box" role="group" aria-label=${t('Interpretation')}>
        <label>${t('Hear')} ${languageList(this.#voices, this.language, this.#selectLanguage)}</label>
        <meter part="level" aria-label=${t('Loudness')} title=${t('Loudness')} min="0" max="1" value="0"></meter>
        ${
          this.blocked
            ? html`<button part="button" class="wide" @click=${this.unlock}>${t('Turn the sound on')}</button>
                <p class="wide" part="notice" role="status">${t('The browser waits for a tap before it plays sound.')}</p>`
            : nothing
        }
        <p class="wide" part="notice" role="status" dir="auto" ?hidden=${!notice}>${notice && localized(notice)}</p>
        ${this.language === 'original' ? nothing : this.#translationControls()}
      </div>
    `;
  }

  #translationControls() {
    const delayed = (ms: number) => Object.assign(this, { delay: ms / 1000 });
    return html`
      ${balanceSlider(boundedBalance(this.balance), this.#setBalance)}
      ${this.#canDelay ? delaySlider(this.#delayMs, this.#longestMs, delayed) : nothing}
      <p class="wide quiet" part="disclosure">
        ${t('A machine translates, and the voice is synthetic.')} ${this.#attached?.isRough ? t('Offline engine · rough translation') : nothing}
      </p>
    `;
  }

  /** The reason why nothing can be heard; undefined: there is none. An attached meeting is assumed to have its channel soon. */
  get #notice(): ErrorReason | undefined {
    if (!this.#open) return this.#state.is === 'ended' ? this.#state : undefined;
    if (this.#attached?.notice) return this.#attached.notice;
    return silenceReason(this.#open.source, this.#attached !== undefined || mayBeOffered(this.language, this.#voices));
  }

  get #delayMs(): number {
    return Math.min(Math.max(this.delay * 1000 || 0, 0), MAX_DELAY_MS);
  }

  /** Whether the page or the listener has asked for a delay. */
  get #canDelay(): boolean {
    return this.#delayMs > 0 || this.hasAttribute('delay');
  }

  get #longestMs(): number {
    const receivers = this.#attached?.tracks.value.flatMap(({ receivers = [] }) => receivers) ?? [];
    return maxReceiverDelayMs(receivers, this.#attachDelay ?? undefined);
  }

  /** Applies the delay. A room that was joined without one is joined again, because a receiver can be delayed only from its beginning. */
  #delay(): void {
    if (!this.#attached && this.#attachDelay === null && this.#canDelay) this.reconnect();
    else this.#open?.playback.setDelay(this.#delayMs);
  }

  readonly #selectLanguage = (language: HeardLanguage) => {
    this.language = language;
    this.#emit('languagechange', { language });
  };

  readonly #setBalance = (balance: number) => {
    this.balance = balance;
    saveBalance(balance);
  };

  /** Fades the old channel out before the new one is received, so that nothing clicks. */
  async #switch(): Promise<void> {
    const open = this.#open;
    if (!open) return;
    await open.playback.fadeOutChannel();
    if (this.#open === open) open.source.update({ hears: this.language });
  }

  async #warnIfUnused(): Promise<void> {
    const { room, token, getToken } = this;
    const isGiven = this.#attached || (room && (getToken ?? token));
    if (this.isConnected && !isGiven)
      (await import('../sources/missing-attribute-warning.ts')).warnOfMissingAttributes(this);
  }

  async #openSource(): Promise<void> {
    const opened = ++this.#opened;
    if (this.#attached) {
      this.#attached.update({ hears: this.language });
      this.#play(this.#attached, () => undefined);
      return;
    }
    const { room, token, getToken } = this;
    const server = serverAddress(this.server);
    const tokenOf = getToken ?? (token ? () => token : undefined);
    if (!room || !tokenOf) return;
    this.#setState({ is: 'connecting' });
    this.#attachDelay = this.#canDelay ? undefined : null;
    try {
      const [{ listeningRoom }, attachDelay] = await Promise.all([
        import('../sources/listening-room.ts'),
        this.#attachDelay === undefined ? delayAttacher() : null,
      ]);
      if (opened !== this.#opened) return;
      this.#attachDelay = attachDelay;
      const source = listeningRoom({
        ...{ server, room, token: tokenOf, renewable: getToken !== undefined },
        ...{ hears: this.language, attachDelay: attachDelay ?? undefined },
      });
      this.#play(source, () => source.leave());
    } catch {
      if (opened === this.#opened)
        this.#setState({ is: 'ended', message: 'Sound could not be loaded: reload the page.', code: '' });
    }
  }

  #play(source: PlaybackSource, leave: () => void): void {
    const playback = new Playback(source, this.renderRoot);
    playback.setBalance(this.balance);
    playback.setMuted(this.muted);
    playback.setDelay(this.#delayMs);
    const endings = [
      source.state.watch(({ connection }) => this.#setState(connectionOf(connection))),
      source.tracks.watch(() => this.requestUpdate()),
      playback.blocked.watch((blocked) => {
        this.requestUpdate();
        this.#emit('sound', { blocked });
      }),
    ];
    this.#open = {
      source,
      playback,
      close() {
        for (const end of endings) end();
        playback.close();
        leave();
      },
    };
    this.#setState(connectionOf(source.state.value.connection));
  }

  #close(): void {
    this.#opened++;
    this.#open?.close();
    this.#open = undefined;
  }

  #measure(): void {
    const meter = this.renderRoot.querySelector('meter');
    if (meter && this.#open) meter.value = this.#level.of(this.#open.source.tracks.value, this.#open.playback);
  }

  #setState(state: WidgetConnection): void {
    const isNews = JSON.stringify(state) !== JSON.stringify(this.#state);
    this.#state = state;
    this.requestUpdate();
    if (isNews) this.#emit('state', state);
    if (isNews && state.is === 'live' && !this.#attached) void this.#loadVoices();
  }

  async #loadVoices(): Promise<void> {
    const opened = this.#opened;
    const voices = await fetchAudibleLanguages(serverAddress(this.server));
    if (opened !== this.#opened) return;
    this.#voices = voices;
    this.requestUpdate();
  }

  #emit(type: 'state' | 'languagechange' | 'sound', detail: object): void {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

// A page may load the script twice.
if (!customElements.get('booth-channels')) customElements.define('booth-channels', BoothChannels);
