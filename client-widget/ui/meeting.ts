/** `<booth-meeting>`: inside a room: who is here, what they say in my language, and the few things I can do about it. */
import { css, html, LitElement, nothing, type PropertyValues } from 'lit';
import '../captions/booth-caption-roll.ts';
import '../channels/booth-lamp.ts';
import { lampOf } from '../channels/lamp.ts';
import type { Meeting } from '../media/meeting.ts';
import { type Choice, readsOf } from '../media/offers.ts';
import { type CaptionSize, captionSizes, WishEvent } from '../media/wish.ts';
import type { BoothBar } from './bar.ts';
import './bar.ts';
import './invite.ts';
import './keys.ts';
import { languageName } from './language-names.ts';
import './people.ts';
import { shared } from './shared.ts';
import { isShown } from './tiles.ts';
import './troubles.ts';
import { Watching } from './watching.ts';

const captionScales: Record<CaptionSize, number> = { 0: 1, 1: 1.3, 2: 1.6 };

export class BoothMeeting extends LitElement {
  static override properties = {
    meeting: { attribute: false },
    choice: { attribute: false },
    inviteLink: {},
    listensOnly: { type: Boolean },
    captionSize: { type: Number },
  };

  declare meeting: Meeting;
  declare choice: Choice;
  declare inviteLink: string;
  declare listensOnly: boolean;
  declare captionSize: CaptionSize;

  constructor() {
    super();
    this.inviteLink = '';
    this.listensOnly = false;
    this.captionSize = 0;
    new Watching(this, () => [this.meeting.room.state]);
  }

  protected override updated(_: PropertyValues): void {
    this.style.setProperty('--caption-scale', String(captionScales[this.captionSize]));
  }

  get #bar(): BoothBar | null {
    return this.renderRoot.querySelector('booth-bar');
  }

  readonly #keys = [
    { key: 'm', meaning: 'Mute or unmute', act: () => this.#bar?.toggleMicrophone() },
    { key: 'v', meaning: 'Camera on or off', act: () => this.#bar?.toggleCamera() },
    { key: 'h', meaning: 'Choose what to hear', act: () => this.#bar?.openHear() },
    { key: 'r', meaning: 'Choose what to read', act: () => this.#bar?.openRead() },
    { key: 'c', meaning: 'Size of the captions', act: () => this.#resizeCaptions() },
  ];

  #resizeCaptions(): void {
    const size = captionSizes[(this.captionSize + 1) % captionSizes.length] ?? 0;
    this.dispatchEvent(new WishEvent({ is: 'captionSize', size }));
  }

  override render() {
    const { connection, others } = this.meeting.room.state.value;
    const alone = connection.is === 'joined' && ![...others.values()].some(isShown);
    return html`
      ${this.#header()}
      <main ?data-alone=${alone}>
        <section aria-label="Meeting">
          <booth-troubles .meeting=${this.meeting} .listensOnly=${this.listensOnly}></booth-troubles>
          <div class="people">
            <booth-people .meeting=${this.meeting}></booth-people>
            ${alone ? html`<booth-invite .link=${this.inviteLink}></booth-invite>` : nothing}
          </div>
        </section>
        <booth-caption-roll
          ?data-off=${this.choice.mode === 'off'}
          .source=${this.meeting.captions}
          .reads=${readsOf(this.choice)}
          .translates=${this.meeting.translates}
        >
          <p class="quiet">${this.#emptyWords()}</p>
        </booth-caption-roll>
      </main>
      <booth-bar .meeting=${this.meeting} .choice=${this.choice}></booth-bar>
      <booth-keys .keys=${this.#keys}></booth-keys>
    `;
  }

  #header() {
    const { state, preferences } = this.meeting.room;
    const lamp = lampOf(state.value, preferences, languageName);
    const { name, engine } = state.value.room ?? {};
    return html`
      <header>
        <h1><span class="quiet">Booth</span> ${name}</h1>
        <p class="quiet small engine">${engine?.label}</p>
        <booth-lamp role="status" .state=${lamp.state} .word=${lamp.word}></booth-lamp>
      </header>
    `;
  }

  #emptyWords(): string {
    if (this.choice.mode !== 'off') return 'What people say will stand here.';
    return this.choice.hears === 'original'
      ? 'Choose a language to hear or read, and an interpreter comes in.'
      : 'Choose what to read, and it will stand here.';
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

      header booth-lamp {
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

      booth-caption-roll {
        block-size: clamp(8rem, 30dvh, 17rem);
        border-radius: var(--radius-large);
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
        booth-caption-roll {
          block-size: 33dvh;
        }
      }

      /* A phone on its side: captions beside the picture. */
      @media (max-height: 30rem) and (orientation: landscape) {
        main {
          grid-template: minmax(0, 1fr) / minmax(0, 1fr) minmax(0, 1fr);
        }
        booth-caption-roll {
          block-size: auto;
        }
        .engine {
          display: none;
        }
      }

      /* Where nothing is read, or nobody else is there yet, the words keep to themselves. */
      booth-caption-roll[data-off],
      [data-alone] booth-caption-roll[empty] {
        block-size: auto;
      }
    `,
  ];
}

customElements.define('booth-meeting', BoothMeeting);
