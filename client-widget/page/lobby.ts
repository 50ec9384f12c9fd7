/** `<booth-lobby>`: the screen before joining: name, languages, camera and microphone, and who processes speech. */

import { cleanDisplayName } from '@mediasoup-booth/protocol';
import { css, html, LitElement, nothing, type PropertyValues } from 'lit';
import { FileText, Hourglass, Languages, LoaderCircle } from 'lucide';
import { type Action, ActionEvent } from '../meeting/action.ts';
import type { AppState, EngineOffers } from '../meeting/app-state.ts';
import { followedLanguage, type LanguageChoice, understood } from '../meeting/language-offers.ts';
import type { RoomAccess } from '../meeting/rest.ts';
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
import { StoreController } from './store-controller.ts';

class BoothLobby extends LitElement {
  static override properties = { app: { attribute: false }, typedName: { state: true } };
  declare app: AppState;
  declare protected typedName: string | undefined;

  constructor() {
    super();
    this.typedName = undefined;
    new StoreController(this, () => [this.app.state]);
  }

  protected override firstUpdated(_: PropertyValues): void {
    if (this.app.state.value.name === '') this.#nameField?.focus();
  }

  get #nameField(): HTMLInputElement | null {
    return this.renderRoot.querySelector('#name');
  }

  #dispatch(action: Action): void {
    this.dispatchEvent(new ActionEvent(action));
  }

  readonly #chosen = (choice: Partial<LanguageChoice>) => this.#dispatch({ is: 'choose', choice });

  #join(event: SubmitEvent): void {
    event.preventDefault();
    // A person without a name joins as a guest: one click is enough.
    const name = cleanDisplayName(this.#nameField?.value ?? '') || pageTexts().lobby.guest;
    this.#dispatch({ is: 'join', name });
  }

  override render() {
    const { engine, leftRoom, choice } = this.app.state.value;
    if (!engine) return nothing;
    return html`
      <main>
        <header>
          <p class="quiet">Booth</p>
          <h1>${this.app.room}</h1>
          ${pageLanguage(this)}
        </header>
        ${leftRoom ? goodbye(leftRoom, engine, choice) : nothing}
        <booth-preview
          role="group"
          aria-label=${pageTexts().lobby.devices}
          .app=${this.app}
          .name=${this.typedName ?? this.app.state.value.name}
        ></booth-preview>
        ${this.#form(engine)}
      </main>
    `;
  }

  #form({ offers, languages }: EngineOffers) {
    const { name, choice, problem, joining, waiting } = this.app.state.value;
    const texts = pageTexts().lobby;
    return html`
      <form @submit=${this.#join}>
        <label for="name">${texts.name}</label>
        <input
          type="text"
          id="name"
          maxlength="64"
          placeholder=${texts.guest}
          autocomplete="name"
          .value=${name}
          @input=${(event: Event) => {
            this.typedName = (event.currentTarget as HTMLInputElement).value;
          }}
        />
        <label for="speak">${texts.speak}</label>
        <div>${speakSelect(offers, choice, this.#chosen)} ${notUnderstood(choice, languages)}</div>
        <label for="hear">${texts.hear}</label>
        ${hearSelect(offers, choice, this.#chosen)}
        <label for="read">${texts.read}</label>
        ${readSelect(offers, choice, this.#chosen)}
        <div class="wide said">
          <p class="engine"><booth-icon .icon=${Languages}></booth-icon> <bdi>${languages.engine.label}</bdi></p>
          <p class="quiet">${texts.synthetic}</p>
          <p class="quiet">${retentionNotice(languages)}</p>
        </div>
        ${problem ? html`<div class="wide">${trouble(html`<p role="alert">${localizedReason(problem)}</p>`)}</div>` : nothing}
        ${waiting ? this.#waiting() : nothing}
        <button class="primary wide" ?hidden=${waiting} ?disabled=${joining}>
          ${joining ? html`<booth-icon class="spin" .icon=${LoaderCircle}></booth-icon> ${texts.joining}` : texts.join}
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
        <button type="button" @click=${() => this.#dispatch({ is: 'stopWaiting' })}>${door.stopWaiting}</button>
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

function retentionNotice({ transcriptHours }: EngineOffers['languages']) {
  const texts = pageTexts().lobby;
  return transcriptHours > 0 ? html`${texts.kept(transcriptHours)} ${texts.keptUnless}` : texts.notKept;
}

function notUnderstood({ speaks }: LanguageChoice, languages: EngineOffers['languages']) {
  if (speaks === null || understood(speaks, languages)) return nothing;
  const offline = languages.engine.kind === 'offline';
  return html`<p class="small hint" role="status">${pageTexts().lobby.notUnderstood(languageName(speaks), offline)}</p>`;
}

const goodbye = (access: RoomAccess, { offers }: EngineOffers, choice: LanguageChoice) =>
  html`<div class="wide">${notice(
    FileText,
    html`
      <p><strong>${pageTexts().lobby.left}</strong> ${pageTexts().lobby.leftHow}</p>
      <booth-downloads
        .access=${access}
        .languages=${offers.reads.map(({ code }) => code)}
        .language=${followedLanguage(choice) ?? 'original'}
      ></booth-downloads>
    `,
  )}</div>`;

customElements.define('booth-lobby', BoothLobby);
