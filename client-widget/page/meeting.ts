/** `<booth-meeting>`: the screen of the meeting: people, captions, transcript and controls. */
import { css, html, LitElement, nothing, type PropertyValues } from 'lit';
import './caption-list.ts';
import './booth-interpreter-status.ts';
import { ActionEvent, type CaptionSize, captionSizes } from '../meeting/action.ts';
import type { AppSnapshot } from '../meeting/app-state.ts';
import { readsOf } from '../meeting/language-offers.ts';
import type { MeetingSession } from '../meeting/meeting.ts';
import type { BoothBar } from './bar.ts';
import { interpreterStatusOf } from './interpreter-status.ts';
import './bar.ts';
import './invite.ts';
import './keys.ts';
import { languageName } from '../i18n/language-names.ts';
import type { Key } from './keys.ts';
import './people.ts';
import { shared } from './shared.ts';
import { hasTile } from './tiles.ts';
import './transcript.ts';
import './meeting-notices.ts';
import './waiting-room.ts';
import { pageTexts } from '../i18n/page-texts.ts';
import { StoreController } from './store-controller.ts';

const captionScales: Record<CaptionSize, number> = { 0: 1, 1: 1.3, 2: 1.6 };

class BoothMeeting extends LitElement {
  static override properties = { meeting: { attribute: false }, shown: { attribute: false } };

  declare meeting: MeetingSession;
  /** The part of the app's state that is shown. */
  declare shown: Pick<AppSnapshot, 'choice' | 'listensOnly' | 'captionSize' | 'showsTranscript' | 'deviceIds'>;

  constructor() {
    super();
    new StoreController(this, () => [this.meeting.room.state]);
  }

  protected override firstUpdated(_: PropertyValues): void {
    // On a small screen the button that led here was scrolled to.
    window.scrollTo(0, 0);
  }

  protected override updated(_: PropertyValues): void {
    this.style.setProperty('--caption-scale', String(captionScales[this.shown.captionSize]));
  }

  get #bar(): BoothBar | null {
    return this.renderRoot.querySelector('booth-bar');
  }

  get #keys(): Key[] {
    const texts = pageTexts().keys;
    return [
      { key: 'm', meaning: texts.mute, act: () => this.#bar?.toggleMicrophone() },
      { key: 'v', meaning: texts.camera, act: () => this.#bar?.toggleCamera() },
      { key: 'h', meaning: texts.hear, act: () => this.#bar?.openHear() },
      { key: 'r', meaning: texts.read, act: () => this.#bar?.openRead() },
      { key: 'c', meaning: texts.captions, act: () => this.#resizeCaptions() },
      { key: 't', meaning: texts.transcript, act: () => this.#bar?.toggleTranscript() },
    ];
  }

  #resizeCaptions(): void {
    const size = captionSizes[(this.shown.captionSize + 1) % captionSizes.length] ?? 0;
    this.dispatchEvent(new ActionEvent({ is: 'captionSize', size }));
  }

  override render() {
    const { connection, others } = this.meeting.room.state.value;
    const { choice, listensOnly, showsTranscript, deviceIds } = this.shown;
    const alone = connection.is === 'joined' && ![...others.values()].some(hasTile);
    return html`
      ${this.#header()}
      <main ?data-alone=${alone} ?data-transcript=${showsTranscript}>
        <section aria-label=${pageTexts().meeting.label}>
          <booth-meeting-notices .meeting=${this.meeting} .listensOnly=${listensOnly}></booth-meeting-notices>
          ${this.meeting.isHost ? html`<booth-waiting-room .meeting=${this.meeting}></booth-waiting-room>` : nothing}
          <div class="people">
            <booth-people .meeting=${this.meeting}></booth-people>
            ${alone ? html`<booth-invite .invitation=${this.meeting.invitation}></booth-invite>` : nothing}
          </div>
        </section>
        <booth-caption-list
          ?data-off=${choice.mode === 'off'}
          .source=${this.meeting.captions}
          .reads=${readsOf(choice)}
          .translates=${this.meeting.translates}
        >
          <p class="quiet">${this.#emptyWords()}</p>
        </booth-caption-list>
        ${showsTranscript ? html`<booth-transcript .meeting=${this.meeting} .choice=${choice}></booth-transcript>` : nothing}
      </main>
      <booth-bar
        role="region"
        aria-label=${pageTexts().meeting.controls}
        .meeting=${this.meeting}
        .choice=${choice}
        .deviceIds=${deviceIds}
        ?alone=${alone}
        ?transcript=${showsTranscript}
      ></booth-bar>
      <booth-keys .keys=${this.#keys}></booth-keys>
    `;
  }

  #header() {
    const { state, preferences } = this.meeting.room;
    const status = interpreterStatusOf(state.value, preferences, languageName, pageTexts().interpreterStatus);
    const { name, engine } = state.value.room ?? {};
    return html`
      <header>
        <h1><span class="quiet">Booth</span> ${name}</h1>
        <p class="quiet small engine"><bdi>${engine?.label}</bdi></p>
        <booth-interpreter-status role="status" .state=${status.state} .text=${status.text}></booth-interpreter-status>
      </header>
    `;
  }

  #emptyWords(): string {
    const { mode, hears } = this.shown.choice;
    const { captionsHere, chooseEither, chooseRead } = pageTexts().meeting;
    if (mode !== 'off') return captionsHere;
    return hears === 'original' ? chooseEither : chooseRead;
  }

  static override styles = [
    shared,
    css`
      :host {
        display: grid;
        grid-template-rows: auto minmax(0, 1fr) auto;
        gap: 0.75rem;
        block-size: 100dvh;
        padding: 0.75rem max(0.75rem, env(safe-area-inset-right)) max(0.75rem, env(safe-area-inset-bottom))
          max(0.75rem, env(safe-area-inset-left));
      }

      header {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 0.125rem 1.5rem;
        min-inline-size: 0;
      }

      /* Who knocks is seen from everywhere in the page. */
      booth-waiting-room:not([empty]) {
        padding: 0.75rem 1rem;
        border: 1px solid var(--edge);
        border-radius: var(--radius);
        background: var(--surface);
      }

      booth-keys {
        position: absolute;
      }

      h1 {
        min-inline-size: 0;
        font-size: 1rem;
        font-weight: 600;
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }

      h1 .quiet {
        font-weight: 400;
      }

      header booth-interpreter-status {
        margin-inline-start: auto;
      }

      main {
        display: grid;
        grid-template-rows: minmax(0, 1fr) auto;
        gap: 0.75rem;
        min-block-size: 0;
      }

      section {
        display: flex;
        flex-direction: column;
        gap: 0.5rem;
        min-block-size: 0;
        overflow-y: auto;
      }

      .people {
        flex: 1 0 10rem;
        display: flex;
        flex-direction: column;
        gap: 0.75rem;
      }

      booth-people {
        flex: 1 0 10rem;
        min-inline-size: 0;
      }

      booth-invite {
        align-self: center;
        padding: 1rem;
      }

      booth-caption-list {
        block-size: clamp(8rem, 30dvh, 17rem);
        border-radius: var(--radius-large);
      }

      /* Beside the rest where there is room, else above it. */
      booth-transcript {
        border-radius: var(--radius-large);
        background: var(--background);
        border: 1px solid var(--edge);
      }

      @media (min-width: 64rem) {
        main[data-transcript] {
          grid-template-columns: minmax(0, 1fr) minmax(20rem, 30rem);
        }
        booth-transcript {
          grid-area: 1 / 2 / span 2;
        }
      }

      @media (max-width: 64rem) {
        booth-transcript {
          position: fixed;
          z-index: 2;
          inset: 0.75rem 0.75rem 5rem;
          box-shadow: var(--shadow);
        }
      }

      @media (min-width: 48rem) {
        [data-alone] .people {
          flex-direction: row;
        }
        booth-invite {
          flex: 0 1 30rem;
        }
      }

      /* A phone: captions take the lower third. */
      @media (max-width: 40rem) {
        .engine {
          order: 3;
          inline-size: 100%;
        }
        booth-caption-list {
          block-size: 33dvh;
        }
        booth-transcript {
          inset-block-end: 8.5rem;
        }
      }

      /* A phone on its side: captions beside the picture. */
      @media (max-height: 30rem) and (orientation: landscape) {
        main {
          grid-template: minmax(0, 1fr) / minmax(0, 1fr) minmax(0, 1fr);
        }
        booth-caption-list {
          block-size: auto;
        }
        .engine {
          display: none;
        }
      }

      /* A desktop at 400 %: the page scrolls, and captions have most of the screen; notices alone come before them. */
      @media (max-width: 30rem) and (max-height: 26rem), (max-height: 17rem) {
        :host {
          grid-template-rows: none;
          block-size: auto;
        }
        .engine {
          display: none;
        }
        main {
          display: flex;
          flex-direction: column;
        }
        section {
          display: contents;
        }
        booth-caption-list {
          order: 1;
          block-size: calc(100dvh - 4.5rem);
          min-block-size: 7rem;
        }
        .people {
          order: 2;
          flex: none;
        }
        booth-people {
          flex: none;
          block-size: 10rem;
        }
        booth-transcript {
          inset: 0.25rem;
        }
      }

      @media print {
        :host,
        main {
          display: block;
          block-size: auto;
        }
        section,
        [data-transcript] booth-caption-list,
        booth-bar,
        header booth-interpreter-status {
          display: none;
        }
        booth-caption-list {
          block-size: auto;
        }
        booth-transcript {
          position: static;
          border: none;
          box-shadow: none;
        }
      }

      /* Where nothing is read, or nobody else is there yet, the words keep to themselves. */
      booth-caption-list[data-off],
      [data-alone] booth-caption-list[empty] {
        block-size: auto;
      }
    `,
  ];
}

customElements.define('booth-meeting', BoothMeeting);
