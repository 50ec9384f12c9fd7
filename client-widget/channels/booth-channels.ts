/**
 * `<booth-channels>`: hear a room as it is, or in a language, on any page. It needs a `room` and a `token`, or what a page that is in
 * the meeting by itself `attach`es; it comes back by itself when the connection is lost.
 */
import { html, LitElement, nothing, type PropertyValues } from 'lit';
import type { HeardLanguage, LanguageCode } from '../../protocol/languages.ts';
import { loadWidgetTexts, localized, t } from '../i18n/translate.ts';
import { boundedBalance, USUAL_BALANCE_DB } from '../media/balance.ts';
import { LONGEST_HELD_MS } from '../media/frame-delay-buffer.ts';
import { type Hold, holder, longestHeldMs } from '../media/hold.ts';
import { Playback } from '../media/playback.ts';
import type { Reason } from '../media/reason.ts';
import type { Connection, TokenOf } from '../sources/caption-source.ts';
import { connectionOf } from '../sources/connection.ts';
import { audible, mayBeOffered } from '../sources/languages.ts';
import { originOf } from '../sources/origin.ts';
import { AttachedHearing, type AttachedMeeting } from './attached-playback.ts';
import { look } from './channel-styles.ts';
import { atGesture } from './gesture.ts';
import { HeardLevel } from './heard-level.ts';
import { type Hearing, silenceOf } from './playback-source.ts';
import { languageList } from './language-list.ts';
import { rememberBalance, rememberedBalance } from './remembered.ts';
import { balanceSlider, delaySlider } from './channel-controls.ts';

const LEVEL_EVERY_MS = 100;
/** A change of these is another connection. */
const connecting = ['server', 'room', 'token', 'getToken'] as const;

/** A hearing that is open, and what makes it sound. */
interface Open {
  hearing: Hearing;
  playback: Playback;
  close(): void;
}

export class BoothChannels extends LitElement {
  static override styles = look;
  static override properties = {
    server: {},
    room: {},
    token: {},
    getToken: { attribute: false },
    language: {},
    balance: { type: Number },
    delay: { type: Number },
  };

  declare server: string;
  declare room: string | undefined;
  declare token: string | undefined;
  declare getToken: TokenOf | undefined;
  declare language: HeardLanguage;
  declare balance: number;
  declare delay: number;

  readonly #level = new HeardLevel();
  #attached: AttachedHearing | undefined;
  #open: Open | undefined;
  /** Counts what was opened, so that what comes too late is known. */
  #opened = 0;
  #state: Connection = { is: 'connecting' };
  #voices: readonly LanguageCode[] = [];
  /** What it joined with; null: it was not asked for a delay. */
  #hold: Hold | undefined | null = null;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor() {
    super();
    this.server = new URL(import.meta.url).origin;
    this.language = 'original';
    this.balance = USUAL_BALANCE_DB;
    this.delay = 0;
  }

  /** How the connection is doing. */
  get state(): Connection {
    return this.#state;
  }

  /** Whether the browser waits for a gesture before it lets anything sound. */
  get blocked(): boolean {
    return this.#open?.playback.blocked.value ?? false;
  }

  /** Lets what the page has be heard, instead of joining the room. Called again, it takes the place of what was there. */
  attach(meeting: AttachedMeeting): void {
    if (!Object(meeting).channels) throw new TypeError('attach takes a meeting: {channels: {es: track}}, and more.');
    const isNew = !this.#attached;
    this.#attached ??= new AttachedHearing(this.language);
    this.#attached.follow(meeting);
    this.#voices = this.#attached.languages;
    if (isNew) this.reconnect();
    this.requestUpdate();
  }

  detach(): void {
    this.#attached?.leave();
    this.#attached = undefined;
    this.reconnect();
  }

  /** Begins anew, at once. */
  reconnect(): void {
    this.#close();
    if (this.isConnected) void this.#begin();
  }

  /** Lets it sound: for a gesture on a button of the page. */
  unlock(): void {
    this.#open?.playback.unlock();
  }

  /** For `onRtpReceiver` of a page's own mediasoup-client: what passes through it can be delayed for longer. */
  async holder(): Promise<Hold> {
    return (await holder()) ?? (() => undefined);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.balance = rememberedBalance() ?? this.balance;
    this.#timer = setInterval(() => this.#measure(), LEVEL_EVERY_MS);
    if (this.hasUpdated) this.reconnect();
    void loadWidgetTexts().then(() => this.requestUpdate());
    // To one that has neither, the page attaches something, when it has it.
    setTimeout(() => this.#check(), this.room || this.token ? 1_000 : 10_000);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.#timer);
    this.#close();
    this.#level.close();
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (connecting.some((name) => changed.has(name))) this.reconnect();
    else if (changed.has('language')) void this.#switch();
    if (changed.has('balance')) this.#open?.playback.balance(this.balance);
    if (changed.has('delay')) this.#delay();
  }

  override render() {
    const notice = this.#notice;
    return html`
      <div class="box" part="box" role="group" aria-label=${t('Interpretation')}>
        <label>${t('Hear')} ${languageList(this.#voices, this.language, this.#choose)}</label>
        <meter part="level" aria-label=${t('Loudness')} min="0" max="1" value="0"></meter>
        ${
          this.blocked
            ? html`<button part="button" class="wide" @click=${this.unlock}>${t('Turn the sound on')}</button>
                <p class="wide" part="notice" role="status">${t('The browser waits for a tap before it plays sound.')}</p>`
            : nothing
        }
        <p class="wide" part="notice" role="status" dir="auto" ?hidden=${!notice}>${notice && localized(notice)}</p>
        ${this.language === 'original' ? nothing : this.#ofTranslations()}
      </div>
    `;
  }

  #ofTranslations() {
    const delayed = (ms: number) => Object.assign(this, { delay: ms / 1000 });
    return html`
      ${balanceSlider(boundedBalance(this.balance), this.#weigh)}
      ${this.#mayDelay ? delaySlider(this.#delayMs, this.#longestMs, delayed) : nothing}
      <p class="wide quiet" part="disclosure">${t('A machine translates, and the voice is synthetic.')}</p>
    `;
  }

  /** What a page attaches is there, or will be. */
  get #notice(): Reason | undefined {
    if (!this.#open) return this.#state.is === 'ended' ? this.#state : undefined;
    return silenceOf(this.#open.hearing, this.#attached !== undefined || mayBeOffered(this.language, this.#voices));
  }

  get #delayMs(): number {
    return Math.min(Math.max(this.delay * 1000 || 0, 0), LONGEST_HELD_MS);
  }

  /** The page, or the listener, has asked for it. */
  get #mayDelay(): boolean {
    return this.#delayMs > 0 || this.hasAttribute('delay');
  }

  get #longestMs(): number {
    const receivers = this.#attached?.tracks.value.flatMap(({ receivers = [] }) => receivers) ?? [];
    return longestHeldMs(receivers, this.#hold ?? undefined);
  }

  /** Who joined without it being asked for joins anew, for what comes can be held back only from its beginning. */
  #delay(): void {
    if (!this.#attached && this.#hold === null && this.#mayDelay) this.reconnect();
    else this.#open?.playback.delay(this.#delayMs);
  }

  readonly #choose = (language: HeardLanguage) => {
    this.language = language;
    this.#tell('languagechange', { language });
  };

  readonly #weigh = (balance: number) => {
    this.balance = balance;
    rememberBalance(balance);
  };

  /** The old channel goes before the new one comes, so that nothing clicks. */
  async #switch(): Promise<void> {
    const open = this.#open;
    if (!open) return;
    await open.playback.hush();
    if (this.#open === open) open.hearing.update({ hears: this.language });
  }

  async #check(): Promise<void> {
    const { room, token, getToken } = this;
    const isGiven = this.#attached || (room && (getToken ?? token));
    if (this.isConnected && !isGiven) (await import('../sources/missing.ts')).warnOfMissing(this);
  }

  async #begin(): Promise<void> {
    const opened = ++this.#opened;
    if (this.#attached) {
      this.#attached.update({ hears: this.language });
      this.#hear(this.#attached, () => undefined);
      return;
    }
    const { room, token, getToken } = this;
    const server = originOf(this.server);
    const tokenOf = getToken ?? (token ? () => token : undefined);
    if (!room || !tokenOf) return;
    this.#tellState({ is: 'connecting' });
    this.#hold = this.#mayDelay ? undefined : null;
    try {
      const [{ heard }, hold] = await Promise.all([
        import('../sources/heard.ts'),
        this.#hold === undefined ? holder() : null,
      ]);
      if (opened !== this.#opened) return;
      this.#hold = hold;
      const hearing = heard({
        ...{ server, room, token: tokenOf, renewable: getToken !== undefined },
        ...{ hears: this.language, hold: hold ?? undefined },
      });
      this.#hear(hearing, () => hearing.leave());
    } catch {
      if (opened === this.#opened)
        this.#tellState({ is: 'ended', message: 'Sound could not be loaded: reload the page.', code: '' });
    }
  }

  #hear(hearing: Hearing, leave: () => void): void {
    const playback = new Playback(hearing, this.renderRoot);
    playback.balance(this.balance);
    playback.delay(this.#delayMs);
    const unlock = () => this.unlock();
    const endings = [
      hearing.state.watch(({ connection }) => this.#tellState(connectionOf(connection))),
      hearing.tracks.watch(() => this.requestUpdate()),
      playback.blocked.watch((blocked) => {
        atGesture(blocked, unlock);
        this.requestUpdate();
        this.#tell('sound', { blocked });
      }),
    ];
    this.#open = {
      hearing,
      playback,
      close() {
        for (const end of endings) end();
        atGesture(false, unlock);
        playback.close();
        leave();
      },
    };
    this.#tellState(connectionOf(hearing.state.value.connection));
  }

  #close(): void {
    this.#opened++;
    this.#open?.close();
    this.#open = undefined;
  }

  #measure(): void {
    const meter = this.renderRoot.querySelector('meter');
    if (meter && this.#open) meter.value = this.#level.of(this.#open.hearing.tracks.value, this.#open.playback);
  }

  #tellState(state: Connection): void {
    const isNews = JSON.stringify(state) !== JSON.stringify(this.#state);
    this.#state = state;
    this.requestUpdate();
    if (isNews) this.#tell('state', state);
    if (isNews && state.is === 'live' && !this.#attached) void this.#askVoices();
  }

  async #askVoices(): Promise<void> {
    const opened = this.#opened;
    const voices = await audible(originOf(this.server));
    if (opened !== this.#opened) return;
    this.#voices = voices;
    this.requestUpdate();
  }

  #tell(type: 'state' | 'languagechange' | 'sound', detail: object): void {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

// A page that loads it twice has it once.
if (!customElements.get('booth-channels')) customElements.define('booth-channels', BoothChannels);
