/**
 * `<booth-listen-bar>`: the controls below the captions on a phone: the channel in the language that is read, and a QR code for other
 * phones.
 */

import type { HeardLanguage, LanguageCode } from '@mediasoup-booth/protocol';
import { css, html, LitElement, nothing, svg } from 'lit';
import type { BoothCaptions } from '../captions/booth-captions.ts';
import { languageName } from '../i18n/language-names.ts';
import { t } from '../i18n/translate.ts';
import { isLocal, type QrCode, qrCode } from '../meeting/qr-code.ts';
import { fetchReadableLanguages, mayBeOffered } from '../sources/languages.ts';

export class ListenBar extends LitElement {
  static override properties = {
    captions: { attribute: false },
    language: {},
    link: {},
    balance: { attribute: false },
    hears: { state: true },
    code: { state: true },
    offered: { state: true },
  };
  declare captions: BoothCaptions;
  declare language: HeardLanguage;
  /** The link to this page, with the token or invite that lets others in. */
  declare link: string;
  /** The balance in dB; NaN: the default. */
  declare balance: number;
  declare protected hears: boolean;
  declare protected code: QrCode | undefined;
  /** The languages that the server translates into; empty: not known. */
  declare protected offered: readonly LanguageCode[];

  constructor() {
    super();
    this.language = 'original';
    this.link = '';
    this.balance = Number.NaN;
    this.hears = false;
    this.code = undefined;
    this.offered = [];
  }

  override render() {
    return html`
      <div class="bar">
        <button aria-pressed=${this.hears} @click=${this.#toggleVoice}>${t(this.hears ? 'Stop listening' : 'Listen')}</button>
        <button aria-expanded=${this.code !== undefined} @click=${this.#toggleCode}>${t('QR code')}</button>
      </div>
      ${mayBeOffered(this.language, this.offered) ? nothing : html`<p role="status">${t('There is no translation into % here: only what is said in it is shown.').replace('%', languageName(this.language))}</p>`}
      ${this.hears ? this.#voice() : nothing} ${this.code ? this.#code(this.code) : nothing}
    `;
  }

  #voice() {
    const { server, room, token, getToken } = this.captions;
    return html`
      <booth-channels
        .server=${server}
        .room=${room}
        .token=${token}
        .getToken=${getToken}
        .language=${this.language}
        balance=${Number.isFinite(this.balance) ? this.balance : nothing}
      ></booth-channels>
    `;
  }

  #code({ size, path }: QrCode) {
    return html`
      <svg role="img" aria-label=${t('This page as a QR code')} viewBox="-2 -2 ${size + 4} ${size + 4}">
        ${svg`<path d=${path} />`}
      </svg>
      <p>${t('Point another phone at it to read and listen there.')}</p>
      ${isLocal(this.link) ? html`<p>${t('It works on this computer. For phones in your network, start Booth with')} <code dir="ltr">--lan</code></p>` : nothing}
    `;
  }

  async #toggleVoice(): Promise<void> {
    if (!this.hears) await import('../channels/booth-channels.ts');
    this.hears = !this.hears;
  }

  async #toggleCode(): Promise<void> {
    this.code = this.code ? undefined : await qrCode(this.link);
  }

  protected override async firstUpdated(): Promise<void> {
    this.offered = await fetchReadableLanguages(this.captions.server);
  }

  protected override async willUpdate(changed: Map<PropertyKey, unknown>): Promise<void> {
    if (changed.has('link') && this.code) this.code = await qrCode(this.link);
  }

  static override styles = css`
    :host {
      display: grid;
      justify-items: center;
      gap: 0.5rem;
      padding: 0.5rem 0.75rem calc(0.75rem + env(safe-area-inset-bottom));
      color: var(--ink);
      --booth-channels-font: var(--sans);
      --booth-channels-paper: transparent;
    }
    .bar {
      display: flex;
      gap: 0.5rem;
    }
    booth-channels {
      inline-size: min(100%, 26rem);
    }
    button {
      min-block-size: 2.75rem;
      padding: 0 1.25rem;
      border: 1px solid var(--edge);
      border-radius: var(--radius);
      background: var(--surface);
      color: inherit;
      font: inherit;
      cursor: pointer;
    }
    button[aria-pressed='true'] {
      border-color: var(--interpreted);
    }
    :focus-visible {
      outline: 2px solid var(--ink);
      outline-offset: 2px;
    }
    svg {
      inline-size: min(16rem, 60vmin);
      border-radius: var(--radius);
      background: white;
      fill: black;
      shape-rendering: crispEdges;
    }
    p {
      margin: 0;
      color: var(--ink-quiet);
      text-align: center;
    }
  `;
}

customElements.define('booth-listen-bar', ListenBar);
