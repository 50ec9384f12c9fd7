/** `<booth-page>`: selects the screen: home page, lobby, meeting, or why it ended. */
import { css, html, LitElement, nothing } from 'lit';
import type { ErrorReason } from '../media/error-reason.ts';
import { ActionEvent } from '../meeting/action.ts';
import type { AppState } from '../meeting/app-state.ts';
import './home.ts';
import './lobby.ts';
import './meeting.ts';
import { pageTexts } from '../i18n/page-texts.ts';
import { localizedReason } from './localized-reason.ts';
import { trouble } from './notice.ts';
import { switchLocale } from './page-language.ts';
import { shared } from './shared.ts';
import { StoreController } from './store-controller.ts';

export class BoothPage extends LitElement {
  static override properties = { app: { attribute: false }, misnamed: { attribute: false } };
  /** Undefined on the home page. */
  declare app: AppState | undefined;
  /** The invalid room name in the address; undefined: there is none. */
  declare misnamed: string | undefined;

  constructor() {
    super();
    new StoreController(this, () => [this.app?.state, this.app?.state.value.meeting?.room.state]);
    this.addEventListener(ActionEvent.type, (event) => {
      if (!(event instanceof ActionEvent)) return;
      if (event.action.is === 'locale') void switchLocale(event.action.code);
      else this.app?.dispatch(event.action);
    });
  }

  override render() {
    const { app } = this;
    if (!app)
      return html`<booth-home .typed=${this.misnamed ?? ''} .wrong=${this.misnamed !== undefined}></booth-home>`;
    const { engine, problem, meeting, ...shown } = app.state.value;
    if (!engine) return problem ? stopped(pageTexts().stopped.unreachable, problem) : nothing;
    if (!meeting) return html`<booth-lobby .app=${app}></booth-lobby>`;
    const { connection } = meeting.room.state.value;
    if (connection.is === 'ended' && connection.why !== 'left') {
      return stopped(pageTexts().stopped[connection.why], connection.reason);
    }
    return html`<booth-meeting .meeting=${meeting} .shown=${shown}></booth-meeting>`;
  }

  static override styles = [
    shared,
    css`
      :host {
        display: block;
      }

      main {
        display: grid;
        align-content: center;
        min-block-size: 100dvh;
        max-inline-size: 32rem;
        margin-inline: auto;
        padding: 1rem;
      }

      [role='alert'] {
        display: grid;
        gap: 0.5rem;
      }

      h1 {
        font-size: 1.125rem;
      }
    `,
  ];
}

const stopped = (title: string, reason: ErrorReason) => html`
  <main>
    ${trouble(html`
      <div role="alert">
        <h1>${title}</h1>
        <p>${localizedReason(reason)}</p>
      </div>
      <button type="button" @click=${() => location.reload()}>${pageTexts().stopped.again}</button>
    `)}
  </main>
`;

customElements.define('booth-page', BoothPage);
