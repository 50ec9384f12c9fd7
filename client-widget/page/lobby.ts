/** `<booth-lobby>`: before joining. What I speak, hear and read, whether I am seen and heard, and who processes speech. */
import { css, html, LitElement, nothing, type PropertyValues } from 'lit';
import { FileText, Hourglass, Languages, LoaderCircle } from 'lucide';
import { type Wish, WishEvent } from '../meeting/action.ts';
import type { Prospect, Visit } from '../meeting/app-state.ts';
import { type Choice, followed, understood } from '../meeting/language-offers.ts';
import type { Pass } from '../meeting/rest.ts';
import { hearSelect, readSelect, speakSelect } from './choices.ts';
import './downloads.ts';
import './icon.ts';
import { languageName } from '../i18n/language-names.ts';
import { notice, trouble } from './notice.ts';
import { pageLanguage } from './page-language.ts';
import './preview.ts';
import { pageTexts } from '../i18n/page-texts.ts';
import { localizedReason } from './localized-reason.ts';
import { shared } from './shared.ts';
import { Watching } from './store-controller.ts';

export class BoothLobby extends LitElement {
  static override properties = { visit: { attribute: false }, typedName: { state: true } };
  declare visit: Visit;
  declare protected typedName: string | undefined;

  constructor() {
    super();
    this.typedName = undefined;
    new Watching(this, () => [this.visit.state]);
  }

  protected override firstUpdated(_: PropertyValues): void {
    if (this.visit.state.value.name === '') this.#nameField?.focus();
  }

  get #nameField(): HTMLInputElement | null {
    return this.renderRoot.querySelector('#name');
  }

  #wish(wish: Wish): void {
    this.dispatchEvent(new WishEvent(wish));
  }

  readonly #chosen = (choice: Partial<Choice>) => this.#wish({ is: 'choose', choice });

  #join(event: SubmitEvent): void {
    event.preventDefault();
    // Who does not say their name comes in all the same: one click is enough.
    const name = this.#nameField?.value.trim() || pageTexts().lobby.guest;
    this.#wish({ is: 'join', name });
  }

  override render() {
    const { prospect, left, choice } = this.visit.state.value;
    if (!prospect) return nothing;
    return html`
      <main>
        <header>
          <p class="quiet">Booth</p>
          <h1>${this.visit.room}</h1>
          ${pageLanguage(this)}
        </header>
        ${left ? goodbye(left, prospect, choice) : nothing}
        <booth-preview
          role="group"
          aria-label=${pageTexts().lobby.devices}
          .visit=${this.visit}
          .name=${this.typedName ?? this.visit.state.value.name}
        ></booth-preview>
        ${this.#form(prospect)}
      </main>
    `;
  }

  #form({ offers, languages }: Prospect) {
    const { name, choice, problem, joining, waiting } = this.visit.state.value;
    const say = pageTexts().lobby;
    return html`
      <form @submit=${this.#join}>
        <label for="name">${say.name}</label>
        <input
          type="text"
          id="name"
          maxlength="64"
          placeholder=${say.guest}
          autocomplete="name"
          .value=${name}
          @input=${(event: Event) => {
            this.typedName = (event.currentTarget as HTMLInputElement).value;
          }}
        />
        <label for="speak">${say.speak}</label>
        <div>${speakSelect(offers, choice, this.#chosen)} ${notUnderstood(choice, languages)}</div>
        <label for="hear">${say.hear}</label>
        ${hearSelect(offers, choice, this.#chosen)}
        <label for="read">${say.read}</label>
        ${readSelect(offers, choice, this.#chosen)}
        <div class="wide said">
          <p class="engine"><booth-icon .icon=${Languages}></booth-icon> <bdi>${languages.engine.label}</bdi></p>
          <p class="quiet">${say.synthetic}</p>
          <p class="quiet">${kept(languages)}</p>
        </div>
        ${problem ? html`<div class="wide">${trouble(html`<p role="alert">${localizedReason(problem)}</p>`)}</div>` : nothing}
        ${waiting ? this.#waiting() : nothing}
        <button class="primary wide" ?hidden=${waiting} ?disabled=${joining}>
          ${joining ? html`<booth-icon class="spin" .icon=${LoaderCircle}></booth-icon> ${say.joining}` : say.join}
        </button>
      </form>
    `;
  }

  #waiting() {
    const { door } = pageTexts();
    return html`<div class="wide">${notice(
      Hourglass,
      html`
        <div role="status">
          <p><strong>${door.waiting}</strong></p>
          <p>${door.waitingHow}</p>
        </div>
        <button type="button" @click=${() => this.#wish({ is: 'stopWaiting' })}>${door.stopWaiting}</button>
      `,
    )}</div>`;
  }

  static override styles = [
    shared,
    css`
      main {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: 1.5rem;
        align-content: center;
        min-block-size: 100dvh;
        max-inline-size: 30rem;
        margin-inline: auto;
        padding: 1rem;
      }

      header {
        display: grid;
        grid-template-columns: minmax(0, 1fr) auto;
        align-items: end;
      }

      header > p {
        grid-column: 1 / -1;
      }

      h1 {
        font-size: 1.75rem;
        line-height: 1.2;
        overflow-wrap: anywhere;
      }

      form {
        display: grid;
        grid-template-columns: auto minmax(0, 1fr);
        gap: 0.75rem 1rem;
        align-items: start;
        align-content: start;
      }

      form > label {
        padding-block: 0.66rem;
      }

      .hint {
        margin-block-start: 0.25rem;
      }

      .wide {
        grid-column: 1 / -1;
      }

      .engine {
        display: flex;
        gap: 0.5rem;
      }

      .engine booth-icon {
        margin-block-start: 0.1em;
        color: var(--ink-quiet);
      }

      .said p + p {
        margin-block-start: 0.25rem;
      }

      @media (min-width: 48rem) {
        main {
          max-inline-size: 64rem;
          grid-template-columns: minmax(0, 1.15fr) minmax(0, 1fr);
          column-gap: 3rem;
          padding: 2rem;
        }
        header {
          grid-column: 1 / -1;
        }
      }

      @media (prefers-reduced-motion: no-preference) {
        .spin {
          animation: spin 1s linear infinite;
        }
      }

      @keyframes spin {
        to {
          transform: rotate(1turn);
        }
      }
    `,
  ];
}

function kept({ transcriptHours }: Prospect['languages']) {
  const say = pageTexts().lobby;
  return transcriptHours > 0 ? html`${say.kept(transcriptHours)} ${say.keptUnless}` : say.notKept;
}

function notUnderstood({ speaks }: Choice, languages: Prospect['languages']) {
  if (speaks === null || understood(speaks, languages)) return nothing;
  const offline = languages.engine.kind === 'offline';
  return html`<p class="small hint" role="status">${pageTexts().lobby.notUnderstood(languageName(speaks), offline)}</p>`;
}

const goodbye = (pass: Pass, { offers }: Prospect, choice: Choice) =>
  html`<div class="wide">${notice(
    FileText,
    html`
      <p><strong>${pageTexts().lobby.left}</strong> ${pageTexts().lobby.leftHow}</p>
      <booth-downloads
        .pass=${pass}
        .languages=${offers.reads.map(({ code }) => code)}
        .language=${followed(choice) ?? 'original'}
      ></booth-downloads>
    `,
  )}</div>`;

customElements.define('booth-lobby', BoothLobby);
