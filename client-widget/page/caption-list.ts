/**
 * `<booth-caption-list>`: the captions of the meeting in the languages that the person reads, newest at the bottom. Scrolling back is not
 * interrupted.
 */

import type { LanguageCode, ReadLanguages, RoomMessage } from '@mediasoup-booth/protocol';
import { css, html, LitElement, nothing, type PropertyValues } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { Ban, CircleCheck } from 'lucide';
import './icon.ts';
import { type CaptionLine, CaptionModel, type VisibleRow, visibleRows } from '../captions/caption-model.ts';
import { announce, announcementOf } from '../captions/screen-reader.ts';
import { locale } from '../i18n/locale.ts';
import { pageTexts } from '../i18n/page-texts.ts';
import type { CaptionSource } from '../sources/caption-source.ts';
import { shared } from './shared.ts';

class BoothCaptionList extends LitElement {
  static override properties = {
    source: { attribute: false },
    reads: { attribute: false },
    translates: { attribute: false },
  };

  declare source: CaptionSource | undefined;
  declare reads: ReadLanguages;
  /** Whether the engine translates between two languages; if so, the place of the translation is kept until it arrives. */
  declare translates: (from: LanguageCode, to: LanguageCode) => boolean;
  #model = new CaptionModel();
  #unsubscribe: (() => void) | undefined;

  constructor() {
    super();
    this.reads = [];
    this.translates = () => true;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#subscribe();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
  }

  protected override updated(): void {
    this.toggleAttribute('empty', this.renderRoot.querySelector('.row') === null);
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('source') && changed.get('source') !== undefined) {
      this.#model = new CaptionModel();
      this.#unsubscribe?.();
      this.#unsubscribe = undefined;
    }
    this.#subscribe();
  }

  #subscribe(): void {
    if (this.#unsubscribe || !this.source) return;
    let history = true;
    this.#unsubscribe = this.source.subscribe((message) => this.#add(message, history));
    history = false;
  }

  #add(message: RoomMessage, history: boolean): void {
    if (message.type !== 'caption' || !this.#model.add(message)) return;
    const text = history ? undefined : announcementOf(message, this.reads, pageTexts().transcript.refused);
    const region = this.renderRoot?.querySelector('[aria-live]');
    if (text && region) announce(region, text, message.language);
    this.requestUpdate();
  }

  override render() {
    const rows = visibleRows(this.#model.rows, this.reads, this.translates);
    return html`
      <div class="ground" role="region" aria-label=${pageTexts().meeting.captions} tabindex="0">
        <div class="rows">
          ${
            rows.length === 0
              ? html`<slot></slot>`
              : repeat(
                  rows,
                  ({ id }) => id,
                  (row) => this.#row(row),
                )
          }
        </div>
      </div>
      <div class="visually-hidden" aria-live="polite"></div>
    `;
  }

  #row({ speaker, first, original, translations, awaits }: VisibleRow) {
    const alone = translations.length === 0 && !awaits;
    return html`
      <div class="row" data-speaker=${speaker.id}>
        ${first ? html`<p class="name"><bdi>${speaker.name}</bdi></p>` : nothing}
        ${original ? line(original, alone ? 'large' : 'small') : nothing}
        ${translations.map((translation) => line(translation, 'large'))}
        ${awaits ? html`<p class="line large" aria-hidden="true">&nbsp;</p>` : nothing}
      </div>
    `;
  }

  static override styles = [
    shared,
    css`
      :host {
        display: block;
        min-block-size: 0;
        background: var(--paper);
        --size: calc(var(--caption-size) * var(--caption-scale, 1));
      }

      /* The last line stays in view by itself, and who scrolls back is not pulled forward. */
      .ground {
        display: flex;
        flex-direction: column-reverse;
        block-size: 100%;
        overflow-y: auto;
        overscroll-behavior: contain;
        padding: 0.75rem 1.25rem;
        /* A line that leaves upwards goes gently. */
        mask-image: linear-gradient(transparent, black 2rem);
        scrollbar-width: thin;
        scrollbar-color: var(--edge) transparent;
      }

      @media print {
        .ground {
          display: block;
          block-size: auto;
          overflow: visible;
          mask-image: none;
        }
      }

      .rows {
        inline-size: 100%;
        max-inline-size: 75rem;
        margin-inline: auto;
      }

      .row + .row {
        margin-block-start: 0.25rem;
      }

      .name {
        margin-block: 0.5rem 0.125rem;
        font-variant-caps: all-small-caps;
        font-weight: 600;
        font-size: 1.0625rem;
        letter-spacing: 0.04em;
        color: var(--ink-quiet);
      }

      .line {
        font-weight: 500;
        line-height: 1.35;
        overflow-wrap: anywhere;
        text-align: start;
        unicode-bidi: plaintext;
      }

      .large {
        font-size: var(--size);
      }

      .small {
        font-size: max(0.9375rem, var(--size) * 0.68);
        font-weight: 400;
      }

      .original {
        color: var(--floor);
      }

      .translation {
        color: var(--interpreted);
      }

      .tentative {
        color: var(--ink-quiet);
      }

      .correction {
        margin-inline-start: 0.5em;
        font-size: 0.8em;
        color: var(--interpreted);
      }

      .refusal {
        font-size: 0.8em;
        color: var(--ink-quiet);
      }

      .stable:not(:empty) ~ .refusal {
        margin-inline-start: 0.5em;
      }

      @media (forced-colors: active) {
        :host {
          border: 1px solid CanvasText;
        }
        .tentative {
          text-decoration: underline dotted;
        }
      }
    `,
  ];
}

function line(
  { language, kind, stable, tentative, correction, contentFiltered }: CaptionLine,
  size: 'large' | 'small',
) {
  return html`<p class="line ${size} ${kind}" lang=${language} dir="auto" data-kind=${kind} data-language=${language}
    ><span class="stable">${stable}</span><span class="tentative">${tentative}</span>${
      correction
        ? html`<span class="correction"
            ><booth-icon .icon=${CircleCheck}></booth-icon> <span class="visually-hidden" lang=${locale.value}>${pageTexts().transcript.corrected}</span> ${correction}</span
          >`
        : nothing
    }${contentFiltered ? html`<span class="refusal" lang=${locale.value}><booth-icon .icon=${Ban}></booth-icon> ${pageTexts().transcript.refused}</span>` : nothing}</p>`;
}

customElements.define('booth-caption-list', BoothCaptionList);
