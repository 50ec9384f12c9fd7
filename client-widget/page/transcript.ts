/**
 * `<booth-transcript>`: the transcript, original beside translation. Stays at the newest row unless the person scrolls back; can be
 * searched and downloaded.
 */

import type { HeardLanguage, RoomMessage, RoomView } from '@mediasoup-booth/protocol';
import { css, html, LitElement, nothing, type PropertyValues } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { X } from 'lucide';
import { ActionEvent } from '../meeting/action.ts';
import { followedLanguage, type LanguageChoice } from '../meeting/language-offers.ts';
import type { MeetingSession } from '../meeting/meeting.ts';
import { fetchTranscript } from '../meeting/rest.ts';
import { searchRows, type TranscriptRow, TranscriptRows, type TranscriptText } from '../meeting/transcript-rows.ts';
import './downloads.ts';
import './icon.ts';
import { pageTexts } from '../i18n/page-texts.ts';
import { shared } from './shared.ts';
import { StoreController } from './store-controller.ts';

class BoothTranscript extends LitElement {
  static override properties = {
    meeting: { attribute: false },
    choice: { attribute: false },
    wanted: { state: true },
  };
  declare meeting: MeetingSession;
  declare choice: LanguageChoice;
  /** The search text. */
  declare protected wanted: string;
  #rows = new TranscriptRows();
  #language: HeardLanguage | undefined;
  #deletions = 0;
  #unsubscribe: (() => void) | undefined;

  constructor() {
    super();
    this.wanted = '';
    new StoreController(this, () => [this.meeting.room.state]);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
  }

  protected override willUpdate(_: PropertyValues): void {
    const language = followedLanguage(this.choice);
    const { deletions } = this.meeting.room.state.value;
    if (this.#unsubscribe && language === this.#language && deletions === this.#deletions) return;
    this.#language = language;
    this.#deletions = deletions;
    this.#start();
  }

  protected override firstUpdated(_: PropertyValues): void {
    // Focuses the heading rather than the search field, which would take the page's keyboard shortcuts as text.
    this.renderRoot.querySelector('h2')?.focus();
  }

  #start(): void {
    this.#unsubscribe?.();
    const rows = new TranscriptRows();
    this.#rows = rows;
    this.#unsubscribe = this.meeting.captions.subscribe((message) => this.#push(message));
    for (const language of ['original', this.#language]) {
      if (language !== undefined && this.#keeps !== 'never') void this.#loadInto(rows, language);
    }
  }

  #push(message: RoomMessage): void {
    if (message.type !== 'caption' || !message.final) return;
    this.#rows.push(message, this.#language);
    this.requestUpdate();
  }

  /** Loads what the server recorded earlier. A language without a transcript yet is no error. */
  async #loadInto(rows: TranscriptRows, language: HeardLanguage): Promise<void> {
    const transcript = await fetchTranscript(this.meeting.access, language).catch(() => undefined);
    if (!transcript || rows !== this.#rows) return;
    rows.load(transcript.entries);
    this.requestUpdate();
  }

  get #hours(): number {
    return this.meeting.room.state.value.room?.transcriptHours ?? 0;
  }

  get #keeps(): RoomView['transcript'] {
    return this.meeting.room.state.value.room?.transcript ?? 'never';
  }

  override render() {
    const texts = pageTexts();
    const { transcript } = texts;
    const rows = this.#rows.rows;
    const found = searchRows(rows, this.wanted);
    const close = () => this.dispatchEvent(new ActionEvent({ is: 'transcript', open: false }));
    return html`
      <section aria-labelledby="title" @keydown=${(event: KeyboardEvent) => event.key === 'Escape' && close()}>
        <header>
          <h2 id="title" tabindex="-1">${transcript.title}</h2>
          <button type="button" class="dismiss" aria-label=${texts.page.close} @click=${close}>
            <booth-icon .icon=${X}></booth-icon>
          </button>
        </header>
        <input
          type="search"
          aria-label=${transcript.search}
          placeholder=${transcript.search}
          @input=${(event: Event) => {
            this.wanted = (event.currentTarget as HTMLInputElement).value;
          }}
        />
        <p class="quiet small" role="status">${this.wanted.trim() ? transcript.found(found.length) : ''}</p>
        <div class="ground" tabindex="0" role="group" aria-labelledby="title">
          ${
            rows.length === 0
              ? html`<p class="quiet">${transcript.empty}</p>`
              : html`<ol>${repeat(found, ({ id }) => id, row)}</ol>`
          }
        </div>
        <footer>
          <p class="quiet small">
            ${this.#hours > 0 ? texts.lobby.kept(this.#hours) : texts.lobby.notKept}
            ${this.#keeps === 'off' ? transcript.earlier : nothing}
          </p>
          ${this.#keeps === 'never' ? nothing : this.#downloads()}
        </footer>
      </section>
    `;
  }

  #downloads() {
    const { access, offers } = this.meeting;
    return html`<booth-downloads
      .access=${access}
      .languages=${offers.reads.map(({ code }) => code)}
      .language=${this.#language ?? 'original'}
    ></booth-downloads>`;
  }

  static override styles = [
    shared,
    css`
      :host {
        display: block;
        min-block-size: 0;
      }

      section {
        display: grid;
        grid-template-rows: auto auto auto minmax(0, 1fr) auto;
        gap: 0.5rem;
        block-size: 100%;
        padding: 1rem;
      }

      header {
        display: flex;
        align-items: center;
      }

      h2 {
        font-size: 1.0625rem;
        /* Nothing can be done with it: it only says where one is. */
        outline: none;
      }

      /* The last line stays in view by itself, and who scrolls back is not pulled forward. */
      .ground {
        display: flex;
        flex-direction: column-reverse;
        overflow-y: auto;
        overscroll-behavior: contain;
        scrollbar-width: thin;
        scrollbar-color: var(--edge) transparent;
      }

      ol {
        display: grid;
        gap: 0.75rem;
        margin: 0 0 auto;
        padding: 0;
        list-style: none;
      }

      .ground > p {
        margin-block-end: auto;
      }

      .name {
        color: var(--ink-quiet);
        font-size: 0.8125rem;
      }

      .sides {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(10rem, 1fr));
        gap: 0.125rem 1rem;
      }

      .original {
        color: var(--floor);
      }

      .translation {
        color: var(--ink);
      }

      /* At 400 % all of it scrolls. */
      @media (max-height: 26rem) {
        section {
          grid-template-rows: none;
          align-content: start;
          overflow-y: auto;
        }
        .ground {
          display: block;
          overflow-y: visible;
        }
      }

      @media print {
        section {
          display: block;
        }
        .ground {
          display: block;
          overflow: visible;
        }
        li {
          break-inside: avoid;
        }
        .dismiss,
        input,
        footer {
          display: none;
        }
      }

      footer {
        display: grid;
        gap: 0.5rem;
        padding-block-start: 0.75rem;
        border-block-start: 1px solid var(--edge);
      }
    `,
  ];
}

const row = ({ speaker, start, original, translation }: TranscriptRow) => html`
  <li>
    <p class="name"><bdi>${speaker.name}</bdi> · <time>${clock(start)}</time></p>
    <div class="sides">
      ${original ? said('original', original) : nothing} ${translation ? said('translation', translation) : nothing}
    </div>
  </li>
`;

const said = (side: 'original' | 'translation', { language, text, contentFiltered: refused }: TranscriptText) => html`
  <p class=${side} lang=${language} dir="auto">${text} ${refused ? html`(${pageTexts().transcript.refused})` : nothing}</p>
`;

/** Formats the time since the start of the meeting as `3:07`, after an hour as `1:02:03`. */
function clock(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const two = (n: number) => String(n).padStart(2, '0');
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

customElements.define('booth-transcript', BoothTranscript);
