/** `<booth-home>`: the home page, where a person names a room to open. */
import { css, html, LitElement, nothing } from 'lit';
import { pageTexts } from '../i18n/page-texts.ts';
import { operatorCredential } from '../meeting/operator-sign-in.ts';
import { roomNamePattern } from '../meeting/room-link.ts';
import { ownServer } from '../sources/own-server.ts';
import { pageLanguage } from './page-language.ts';
import { inlineCode, shared } from './shared.ts';
import { StoreController } from './store-controller.ts';

class BoothHome extends LitElement {
  static override properties = { typed: {}, wrong: { type: Boolean } };
  /** The initial text of the field. */
  declare typed: string;
  /** The text is no valid room name. */
  declare wrong: boolean;

  constructor() {
    super();
    this.typed = '';
    this.wrong = false;
    new StoreController(this);
  }

  #open(event: SubmitEvent): void {
    event.preventDefault();
    const typed = String(new FormData(event.currentTarget as HTMLFormElement).get('room') ?? '');
    const name = typed.trim().replace(/\s+/g, '-');
    this.wrong = !roomNamePattern.test(name);
    if (!this.wrong) location.assign(`${ownServer()}/room/${name}`);
  }

  override render() {
    const { lead, room, open, wrong, rule, any, demoBefore, demoAfter } = pageTexts().home;
    return html`
      <main>
        <h1>Booth</h1>
        <p class="lead">${lead}</p>
        ${operatorCredential(localStorage) === undefined ? html`<p role="note">${pageTexts().reasons.inviteNeeded}</p>` : nothing}
        <form @submit=${this.#open} novalidate>
          <label for="room">${room}</label>
          <div class="field">
            <input
              type="text"
              id="room"
              name="room"
              placeholder="team"
              maxlength="64"
              .value=${this.typed}
              autocomplete="off"
              autocapitalize="off"
              spellcheck="false"
              autofocus
              aria-invalid=${this.wrong}
              aria-describedby="room-note"
            />
            <button class="primary">${open}</button>
          </div>
          <p id="room-note" class="small ${this.wrong ? '' : 'quiet'}" role=${this.wrong ? 'alert' : 'note'}>
            ${this.wrong ? wrong(rule) : any(rule)}
          </p>
        </form>
        <p class="quiet">
          ${demoBefore} <bdi><code>npm run demo</code></bdi> ${demoAfter}
        </p>
        ${pageLanguage(this)}
      </main>
    `;
  }

  static override styles = [
    shared,
    inlineCode,
    css`
      main {
        display: grid;
        gap: 1.5rem;
        align-content: center;
        min-block-size: 100dvh;
        max-inline-size: 30rem;
        margin-inline: auto;
        padding: 1.5rem;
      }
      h1 {
        font-size: 2rem;
        line-height: 1.2;
      }
      .lead {
        font-size: 1.125rem;
      }
      form {
        display: grid;
        gap: 0.5rem;
      }
      .field {
        display: flex;
        gap: 0.5rem;
      }
    `,
  ];
}

customElements.define('booth-home', BoothHome);
