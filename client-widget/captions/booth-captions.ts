/**
 * `<booth-captions>`: the captions of a room on any page. Needs a `room` and a `token`, or a message channel given to `attach`. Reconnects
 * by itself. Renders at most once per frame, however many captions arrive.
 */

import type { CaptionMessage, HeardLanguage, LanguageCode, ReadLanguages } from '@mediasoup-booth/protocol';
import { html, LitElement, nothing, type PropertyValues } from 'lit';
import { loadWidgetTexts, t } from '../i18n/translate.ts';
import { attachedSource, type MessageChannelLike } from '../sources/attached-source.ts';
import type { LiveSource, TokenProvider, WidgetConnection } from '../sources/caption-source.ts';
import { serverAddress } from '../sources/caption-source.ts';
import { ownServer } from '../sources/own-server.ts';
import { combineSources, serverSource } from '../sources/server-source.ts';
import type { FitsLine } from './caption-block.ts';
import { CaptionPresenter } from './caption-presenter.ts';
import { captionStyles } from './caption-styles.ts';
import type * as Controls from './controls.ts';
import { renderNotices, renderUtterances, textMeasureOf } from './render-captions.ts';
import { announce, announcementOf, CONTENT_FILTERED_TEXT } from './screen-reader.ts';
import { type CaptionPlacement, clampedSize, loadViewerSettings, saveViewerSettings } from './viewer-settings.ts';
import { WakeLock } from './wake-lock.ts';

const MOST_LINES = 4;
/** A change of these reconnects; a change of the first four clears the captions as well. */
const connecting = ['server', 'room', 'language', 'both', 'token', 'getToken', 'via'] as const;
const showing = connecting.slice(0, 4);

export class BoothCaptions extends LitElement {
  static override styles = captionStyles;
  static override properties = {
    server: {},
    room: {},
    token: {},
    getToken: { attribute: false },
    language: {},
    both: { type: Boolean },
    via: {},
    showSpeaker: { type: Boolean, attribute: 'show-speaker' },
    lines: { type: Number },
    size: { type: Number },
    place: { reflect: true },
    tentative: {},
    controls: {},
    history: { type: Boolean, reflect: true },
    languages: { attribute: false },
  };

  declare server: string;
  declare room: string | undefined;
  declare token: string | undefined;
  declare getToken: TokenProvider | undefined;
  declare language: HeardLanguage | undefined;
  declare both: boolean;
  declare via: 'events' | 'webrtc';
  declare showSpeaker: boolean;
  declare lines: number;
  declare size: number;
  declare place: CaptionPlacement;
  declare tentative: 'on' | 'off';
  declare controls: 'on' | 'open' | 'off';
  declare history: boolean;
  declare languages: readonly LanguageCode[] | undefined;

  readonly #wakeLock = new WakeLock();
  readonly #channels = new Map<MessageChannelLike | LiveSource, LiveSource>();
  readonly #presenter = new CaptionPresenter({
    nowMs: () => performance.now(),
    readLanguages: () => this.#readLanguages,
    captioned: (caption, past) => this.#captioned(caption, past),
    connected: (connection) => this.#connected(connection),
    changed: () => this.requestUpdate(),
  });
  /** The module of the viewer's controls, while they are open. */
  #controlsModule: typeof Controls | undefined;
  /** Whether captions have been shown since the room and the language were chosen: the hint is for before that. */
  #hasShown = false;
  /** The languages that the server offers; of attached channels no server is asked. */
  #offered: readonly LanguageCode[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #fits: FitsLine = () => true;
  readonly #resized = new ResizeObserver(() => this.#measure());

  constructor() {
    super();
    this.server = ownServer();
    this.both = false;
    this.via = 'events';
    this.showSpeaker = false;
    this.lines = 2;
    this.size = 100;
    this.place = 'bottom';
    this.tentative = 'on';
    this.controls = 'on';
    this.history = false;
  }

  /** The state of the connection. */
  get state(): WidgetConnection {
    return this.#presenter.connection;
  }

  /** Shows captions from a message channel of the page instead of connecting to the server. Several may be attached. */
  attach(channel: MessageChannelLike | LiveSource): void {
    this.#channels.set(channel, attachedSource(channel));
    this.reconnect();
  }

  /** Detaches one channel, or all without an argument. */
  detach(channel?: MessageChannelLike | LiveSource): void {
    if (channel) this.#channels.delete(channel);
    else this.#channels.clear();
    this.reconnect();
  }

  /** Reconnects at once; captions that are shown stay. */
  reconnect(): void {
    this.#presenter.open(this.isConnected ? this.#source() : undefined);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    // What the viewer chose before takes precedence over the page's attributes.
    if (this.controls !== 'off') Object.assign(this, loadViewerSettings());
    if (this.hasUpdated) this.reconnect();
    void loadWidgetTexts().then(() => this.requestUpdate());
    // A page that sets neither room nor token probably attaches a channel later, hence the longer wait.
    setTimeout(() => this.#warnIfUnused(), this.room || this.token ? 1_000 : 10_000);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#presenter.close();
    this.#wakeLock.set(false);
    clearTimeout(this.#timer);
  }

  /** Waits for the next frame, which a hidden page does not have. */
  protected override async scheduleUpdate(): Promise<void> {
    if (!document.hidden) await new Promise(requestAnimationFrame);
    super.scheduleUpdate();
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    // Captions that arrived before the first render already belong to this room.
    if (this.hasUpdated && showing.some((name) => changed.has(name))) {
      this.#presenter.clear();
      this.#hasShown = false;
    }
    if (connecting.some((name) => changed.has(name))) this.reconnect();
    if (changed.has('controls') && this.controls === 'open') void this.#toggleChooser();
  }

  protected override firstUpdated(): void {
    for (const element of this.renderRoot.querySelectorAll('.rows, .probe')) this.#resized.observe(element);
  }

  protected override updated(): void {
    const box = this.renderRoot.querySelector<HTMLElement>('.box');
    box?.style.setProperty('--_scale', `${clampedSize(this.size) / 100}`);
    box?.style.setProperty('--_lines', `${this.#lineCount}`);
  }

  async #warnIfUnused(): Promise<void> {
    if (this.isConnected && !this.#source())
      (await import('../sources/missing-attribute-warning.ts')).warnOfMissingAttributes(this);
  }

  get #lineCount(): number {
    return Math.min(Math.max(Math.round(this.lines) || 1, 1), MOST_LINES);
  }

  get #readLanguages(): ReadLanguages {
    const language = this.language ?? this.#presenter.lastLanguage;
    if (language === undefined) return [];
    return this.both && language !== 'original' ? ['original', language] : [language];
  }

  override render() {
    const { utterances, notices, nextMs } = this.#presenter.now({
      lines: this.#lineCount,
      tentative: this.tentative !== 'off',
      history: this.history,
      fits: this.#fits,
    });
    this.#scheduleRender(nextMs);
    this.#hasShown ||= utterances.length > 0;
    const isEmpty = utterances.length + notices.length === 0;
    return html`
      ${this.controls === 'off' ? nothing : this.#controls()}
      <div
        class="box ${this.history ? 'history' : ''} ${isEmpty && this.#hasShown ? 'pause' : ''}"
        part="box ${isEmpty ? 'empty' : ''}"
        role="region"
        aria-label=${t('Captions')}
        tabindex=${this.history ? 0 : nothing}
        ?hidden=${isEmpty && this.state.is !== 'live'}
      >
        <div class="said">
          <div class="rows">
            ${
              isEmpty && !this.#hasShown
                ? html`<p class="hint" part="hint"><slot>${t(!this.language && this.languages ? 'Choose a language.' : 'Captions appear here when somebody speaks.')}</slot></p>`
                : renderUtterances(utterances, this.showSpeaker)
            }
          </div>
          ${renderNotices(notices)}
        </div>
        <span class="probe"></span>
        <span class="small probe"></span>
      </div>
      <div class="visually-hidden" aria-live="polite"></div>
    `;
  }

  #controls() {
    const open = this.#controlsModule !== undefined;
    return html`
      <div class="controls" part="controls" role="group" aria-label=${t('Captions')} ?open=${open}>
        ${this.#controlsModule?.controls(this, this.languages ?? this.#offered, (choice) => this.#choose(choice))}
        <button
          part="button"
          aria-label=${t('Language and size')}
          aria-expanded=${open}
          @click=${() => this.#toggleChooser()}
        >
          ${open ? '✕' : 'Aa'}
        </button>
      </div>
    `;
  }

  async #toggleChooser(): Promise<void> {
    if (this.#controlsModule) this.#controlsModule = undefined;
    else {
      const controlsModule = await import('./controls.ts');
      if (!this.languages && this.#channels.size === 0)
        this.#offered = await controlsModule.fetchReadableLanguages(serverAddress(this.server));
      this.#controlsModule = controlsModule;
      controlsModule.applyControlStyles(this.shadowRoot ?? document);
    }
    this.requestUpdate();
  }

  #choose(choice: Controls.ViewerChange): void {
    Object.assign(this, choice);
    const { size, place } = this;
    const { language } = choice;
    saveViewerSettings({ size, place });
    if (language !== undefined) this.#emit('languagechange', { language });
  }

  #scheduleRender(atMs: number): void {
    clearTimeout(this.#timer);
    if (Number.isFinite(atMs)) this.#timer = setTimeout(() => this.requestUpdate(), atMs - performance.now());
  }

  /** Measures the width and the font, on which line breaks depend. */
  #measure(): void {
    const rows = this.renderRoot.querySelector('.said');
    const [large, small] = this.renderRoot.querySelectorAll('.probe');
    // A hidden element has no width to measure.
    if (!rows?.clientWidth || !large || !small) return;
    const width = rows.clientWidth;
    const [largeWidth, smallWidth] = [textMeasureOf(large), textMeasureOf(small)];
    this.#fits = (text, isSmall) => (isSmall ? smallWidth : largeWidth)(text) <= width;
    this.requestUpdate();
  }

  #emit(type: 'caption' | 'state' | 'languagechange', detail: object): void {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  #captioned(caption: CaptionMessage, past: boolean): void {
    const text = past ? undefined : announcementOf(caption, this.#readLanguages, t(CONTENT_FILTERED_TEXT));
    const region = this.renderRoot.querySelector('[aria-live]');
    if (text && region) announce(region, text, caption.language);
    this.#emit('caption', caption);
  }

  #connected(connection: WidgetConnection): void {
    this.#wakeLock.set(connection.is === 'live' || connection.is === 'lost');
    this.#emit('state', connection);
  }

  #source(): LiveSource | undefined {
    if (this.#channels.size > 0) return combineSources([...this.#channels.values()]);
    const { server, room, token, getToken, via, language } = this;
    const tokenOf = getToken ?? (token ? () => token : undefined);
    if (!room || !tokenOf || !language) return undefined;
    return serverSource({
      server: serverAddress(server),
      room,
      reads: this.#readLanguages,
      token: tokenOf,
      renewable: getToken !== undefined,
      via,
    });
  }
}
