/** `<booth-tile>`: one person or their shared screen: video or initials, name, and why they are not interpreted. */
import { css, html, LitElement, nothing } from 'lit';
import { CircleAlert, MicOff, MonitorUp } from 'lucide';
import './icon.ts';
import { pageTexts } from '../i18n/page-texts.ts';
import { initials, video } from './picture.ts';
import { shared } from './shared.ts';
import { StoreController } from './store-controller.ts';

class BoothTile extends LitElement {
  static override properties = {
    name: {},
    detail: {},
    notice: {},
    track: { attribute: false },
    muted: { type: Boolean },
    screen: { type: Boolean, reflect: true },
    mirrored: { type: Boolean, reflect: true },
    speaking: { type: Boolean, reflect: true },
    listenersBehind: { type: Number, attribute: 'listeners-behind' },
  };

  declare name: string;
  /** The language they speak. */
  declare detail: string;
  /** Why they are not interpreted. */
  declare notice: string;
  declare track: MediaStreamTrack | undefined;
  declare muted: boolean;
  declare screen: boolean;
  declare mirrored: boolean;
  declare speaking: boolean;
  /** How many listeners still hear or wait for the translation of their words. */
  declare listenersBehind: number;

  constructor() {
    super();
    this.name = '';
    this.detail = '';
    this.notice = '';
    this.muted = false;
    this.screen = false;
    this.mirrored = false;
    this.speaking = false;
    this.listenersBehind = 0;
    new StoreController(this);
  }

  override render() {
    const { picture, screen, muted, speaking, stillListening } = pageTexts().tile;
    return html`
      ${
        this.track
          ? video(this.track, (this.screen ? screen : picture)(this.name))
          : html`<span class="initials" aria-hidden="true">${initials(this.name)}</span>`
      }
      ${
        this.notice
          ? html`<p class="said"><booth-icon .icon=${CircleAlert}></booth-icon> <span>${this.notice}</span></p>`
          : nothing
      }
      <p class="label">
        ${this.muted ? html`<booth-icon .icon=${MicOff}></booth-icon><span class="visually-hidden">${muted},</span>` : nothing}
        ${this.screen ? html`<booth-icon .icon=${MonitorUp}></booth-icon>` : nothing}
        <span class="name"><bdi>${this.name}</bdi></span>
        ${this.detail ? html`<span class="quiet detail">${this.detail}</span>` : nothing}
        ${this.speaking ? html`<span class="visually-hidden">, ${speaking}</span>` : nothing}
      </p>
      ${
        this.listenersBehind > 0
          ? html`<p class="listeners-behind"><i aria-hidden="true"></i><span class="words" ?hidden=${this.speaking}>${stillListening(this.listenersBehind)}</span>
            <span class="count" aria-hidden="true">${this.listenersBehind}</span></p>`
          : nothing
      }
    `;
  }

  static override styles = [
    shared,
    css`
      :host {
        position: relative;
        display: grid;
        place-items: center;
        min-inline-size: 0;
        min-block-size: 0;
        border-radius: var(--radius-large);
        background: var(--surface);
        overflow: hidden;
        container-type: size;
      }

      /* Over picture and background alike: who speaks. */
      :host::after {
        content: '';
        position: absolute;
        inset: 0;
        border: 3px solid transparent;
        border-radius: inherit;
        transition: border-color var(--motion);
        pointer-events: none;
      }

      @media (forced-colors: active) {
        :host::after {
          border: 1px solid CanvasText;
        }
      }

      :host([speaking])::after {
        border-width: 3px;
        border-color: var(--floor);
      }

      video {
        position: absolute;
        inset: 0;
        inline-size: 100%;
        block-size: 100%;
        object-fit: cover;
      }

      :host([screen]) video {
        object-fit: contain;
      }

      :host([mirrored]) video {
        transform: scaleX(-1);
      }

      .initials {
        font-size: clamp(1.25rem, 22cqmin, 5rem);
        font-weight: 600;
        color: var(--ink-quiet);
      }

      .label,
      .said,
      .listeners-behind {
        position: absolute;
        display: flex;
        align-items: center;
        gap: 0.375rem;
        max-inline-size: calc(100% - 1rem);
        padding: 0.125rem 0.5rem;
        border-radius: var(--radius);
        background: var(--paper);
      }

      .label {
        inset-block-end: 0.5rem;
        inset-inline-start: 0.5rem;
      }

      .said {
        inset-block-start: 0.5rem;
        inset-inline: 0.5rem auto;
        align-items: flex-start;
        font-size: 0.8125rem;
      }

      .listeners-behind {
        inset-block-end: 0.5rem;
        inset-inline-end: 0.5rem;
        color: var(--interpreted);
      }

      /* Amber: what they said is being interpreted. */
      .listeners-behind i {
        inline-size: 0.75rem;
        block-size: 0.75rem;
        margin-block: 0.375rem;
        border: 2px solid var(--interpreted);
        border-radius: 50%;
      }

      :host([listeners-behind])::before {
        content: '';
        position: absolute;
        z-index: 1;
        inset: 3px;
        border: 3px solid var(--interpreted);
        border-radius: calc(var(--radius-large) - 3px);
        pointer-events: none;
      }

      .name {
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }

      .detail {
        white-space: nowrap;
      }

      @container (max-height: 6rem) {
        .initials {
          display: none;
        }
      }

      .count {
        display: none;
      }

      /* Small tiles have room for signs; the words are there for who cannot see them. */
      @container (max-width: 16rem) {
        .said,
        .listeners-behind {
          inset-block: 0.5rem auto;
        }

        .said span,
        .listeners-behind .words {
          position: absolute;
          inline-size: 1px;
          block-size: 1px;
          overflow: hidden;
          clip-path: inset(50%);
        }

        .count {
          display: inline;
        }
      }

      @container (max-width: 11rem) {
        .detail {
          display: none;
        }
      }
    `,
  ];
}

customElements.define('booth-tile', BoothTile);
