/** `<booth-page>`: which screen stands where: the home page, what comes before joining, the meeting, and what ended it. */
import { css, html, LitElement, nothing } from 'lit';
import { WishEvent } from '../media/action.ts';
import type { Visit } from '../media/app-state.ts';
import type { Reason } from '../media/reason.ts';
import { remember } from '../media/remembered.ts';
import './home.ts';
import './lobby.ts';
import { type Locale, speakLocale } from './locale.ts';
import './meeting.ts';
import { told } from './localized.ts';
import { trouble } from './notice.ts';
import { shared } from './shared.ts';
import { Watching } from './watching.ts';
import { words } from './words.ts';

export class BoothPage extends LitElement {
  static override properties = { visit: { attribute: false }, misnamed: { attribute: false } };
  /** Missing on the home page. */
  declare visit: Visit | undefined;
  /** What the address has for a room's name, and cannot be one. */
  declare misnamed: string | undefined;

  constructor() {
    super();
    new Watching(this, () => [this.visit?.state, this.visit?.state.value.meeting?.room.state]);
    this.addEventListener(WishEvent.type, (event) => {
      if (!(event instanceof WishEvent)) return;
      if (event.wish.is === 'locale') speakFromNowOn(event.wish.code);
      else this.visit?.wish(event.wish);
    });
  }

  override render() {
    const { visit } = this;
    if (!visit)
      return html`<booth-home .typed=${this.misnamed ?? ''} .wrong=${this.misnamed !== undefined}></booth-home>`;
    const { prospect, problem, meeting, ...shown } = visit.state.value;
    if (!prospect) return problem ? stopped(words().stopped.unreachable, problem) : nothing;
    if (!meeting) return html`<booth-lobby .visit=${visit}></booth-lobby>`;
    const { connection } = meeting.room.state.value;
    if (connection.is === 'ended' && connection.why !== 'left') {
      return stopped(words().stopped[connection.why], connection.reason);
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

const stopped = (title: string, reason: Reason) => html`
  <main>
    ${trouble(html`
      <div role="alert">
        <h1>${title}</h1>
        <p>${told(reason)}</p>
      </div>
      <button type="button" @click=${() => location.reload()}>${words().stopped.again}</button>
    `)}
  </main>
`;

function speakFromNowOn(code: Locale): void {
  remember(localStorage, { locale: code });
  speakLocale(code, document.documentElement);
}

customElements.define('booth-page', BoothPage);
