/** `<booth-downloads>`: downloads the transcript in a chosen language and format. */

import type { HeardLanguage, LanguageCode, TranscriptFormat } from '@mediasoup-booth/protocol';
import { css, html, LitElement, nothing } from 'lit';
import { Download } from 'lucide';
import { type ErrorReason, errorReasonOf } from '../media/error-reason.ts';
import { downloadTranscript, type RoomAccess } from '../meeting/rest.ts';
import './icon.ts';
import { ownName } from '../i18n/language-names.ts';
import { pageTexts } from '../i18n/page-texts.ts';
import { localizedReason } from './localized-reason.ts';
import { select } from './select.ts';
import { shared } from './shared.ts';
import { StoreController } from './store-controller.ts';

const formats: readonly TranscriptFormat[] = ['txt', 'srt', 'vtt', 'json'];

class BoothDownloads extends LitElement {
  static override properties = {
    access: { attribute: false },
    languages: { attribute: false },
    language: {},
    problem: { state: true },
  };
  declare access: RoomAccess;
  /** Languages into which somebody may have been interpreted. */
  declare languages: readonly LanguageCode[];
  declare language: HeardLanguage;
  declare protected problem: ErrorReason | undefined;

  constructor() {
    super();
    this.languages = [];
    this.language = 'original';
    this.problem = undefined;
    new StoreController(this);
  }

  async #save(format: TranscriptFormat): Promise<void> {
    this.problem = undefined;
    try {
      offer(
        await downloadTranscript(this.access, this.language, format),
        `${this.access.room}.${this.language}.${format}`,
      );
    } catch (error) {
      this.problem = errorReasonOf(error);
    }
  }

  override render() {
    const texts = pageTexts();
    return html`
      ${select({
        id: 'language',
        label: texts.transcript.language,
        value: this.language,
        options: [
          { value: 'original', label: texts.choice.original },
          ...this.languages.map((code) => ({ value: code, label: ownName(code) })),
        ],
        chosen: (language) => {
          this.language = language;
        },
      })}
      <div role="group" aria-label=${texts.transcript.download}>
        <booth-icon .icon=${Download}></booth-icon>
        ${formats.map(
          (format) =>
            html`<button type="button" title="${texts.transcript.download}: ${format}" @click=${() => this.#save(format)}>
              ${format.toUpperCase()}
            </button>`,
        )}
      </div>
      ${this.problem ? html`<p class="small" role="alert">${localizedReason(this.problem)}</p>` : nothing}
    `;
  }

  static override styles = [
    shared,
    css`
      :host {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 0.5rem;
      }

      .select {
        flex: 1 1 8rem;
      }

      div {
        display: flex;
        align-items: center;
        gap: 0.25rem;
      }

      button {
        padding: 0 0.625rem;
      }

      p {
        flex-basis: 100%;
      }
    `,
  ];
}

/** Saves a file as a clicked link would: only the page's own request can carry the token in a header. */
function offer(file: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

customElements.define('booth-downloads', BoothDownloads);
