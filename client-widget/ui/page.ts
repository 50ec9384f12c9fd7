/**
 * `<booth-page>`: which screen stands where: the home page, what comes before joining, the meeting, and what comes after.
 * It owns what outlives one of these: the person's choices, their microphone and camera.
 */

import { css, html, LitElement, nothing } from 'lit';
import { CircleAlert } from 'lucide';
import type { LanguagesResponse } from '../../protocol/rest.ts';
import type { Link } from '../media/link.ts';
import { LocalMedia } from '../media/local-media.ts';
import { Meeting } from '../media/meeting.ts';
import { type Choice, firstChoice, type Offers, offered, offers, readsOf } from '../media/offers.ts';
import { OwnLevel } from '../media/own-level.ts';
import { remember, remembered } from '../media/remembered.ts';
import { askInvite, askLanguages, enter } from '../media/rest.ts';
import { claimRoom, isClaimed } from '../media/tabs.ts';
import './home.ts';
import './icon.ts';
import './lobby.ts';
import './meeting.ts';
import { shared } from './shared.ts';
import { Watching } from './watching.ts';

/** What the engine can do, asked for when the page opens. */
interface Engine {
  languages: LanguagesResponse;
  offers: Offers;
}

export class BoothPage extends LitElement {
  static override properties = {
    link: { attribute: false },
    engine: { state: true },
    choice: { state: true },
    meeting: { state: true },
    inviteLink: { state: true },
    problem: { state: true },
    joining: { state: true },
    secondTab: { state: true },
    captionSize: { state: true },
  };

  declare link: Link;
  declare protected engine: Engine | undefined;
  declare protected choice: Choice | undefined;
  declare protected meeting: Meeting | undefined;
  declare protected inviteLink: string;
  declare protected problem: string;
  declare protected joining: boolean;
  declare protected secondTab: boolean;
  declare protected captionSize: number;
  readonly #known = remembered(localStorage);
  readonly #local = new LocalMedia(navigator.mediaDevices);
  readonly #level = new OwnLevel(this.#local);
  #name = this.#known.name ?? '';
  /** The person wants to speak although another tab does. */
  #insisted = false;

  constructor() {
    super();
    this.inviteLink = '';
    this.problem = '';
    this.joining = false;
    this.secondTab = false;
    this.captionSize = this.#known.captionSize ?? 0;
    new Watching(this, () => [this.meeting?.room.state]);
    this.addEventListener('pointerdown', () => this.#level.resume());
    this.addEventListener('keydown', () => this.#level.resume());
    this.addEventListener('booth-choice', (event) => this.#choose((event as CustomEvent<Partial<Choice>>).detail));
    this.addEventListener('booth-microphone', (event) => this.#microphone((event as CustomEvent<boolean>).detail));
    this.addEventListener('booth-camera', (event) => this.#camera((event as CustomEvent<boolean>).detail));
    this.addEventListener('booth-screen', (event) => this.#screen((event as CustomEvent<boolean>).detail));
    this.addEventListener('booth-interpret', (event) => {
      this.meeting?.room.update({ interpret: (event as CustomEvent<boolean>).detail });
    });
    this.addEventListener('booth-caption-size', (event) => {
      this.captionSize = (event as CustomEvent<number>).detail;
      remember(localStorage, { captionSize: this.captionSize });
    });
    this.addEventListener('booth-join', (event) => void this.#join((event as CustomEvent<string>).detail));
    this.addEventListener('booth-leave', () => this.#leave());
    window.addEventListener('pagehide', () => this.meeting?.close());
  }

  override connectedCallback(): void {
    super.connectedCallback();
    if (this.link.room !== undefined) void this.#prepare(this.link.room);
  }

  async #prepare(room: string): Promise<void> {
    this.problem = '';
    try {
      const languages = await askLanguages();
      const can = offers(languages, navigator.languages);
      const first = firstChoice(languages, navigator.languages);
      this.choice = offered({ ...first, ...this.#known, ...this.link.choice }, can);
      this.secondTab = await isClaimed(room, navigator.locks);
      this.engine = { languages, offers: can };
    } catch (error) {
      this.problem = messageOf(error);
      return;
    }
    if (this.secondTab) return;
    await this.#local.open('microphone');
    if (this.#known.camera) await this.#local.open('camera');
  }

  #choose(change: Partial<Choice>): void {
    if (!this.choice) return;
    this.choice = { ...this.choice, ...change };
    remember(localStorage, this.choice);
    const { room } = this.meeting ?? {};
    if (change.speaks !== undefined) room?.update({ speaks: change.speaks });
    if (change.mode !== undefined) room?.update({ reads: readsOf(this.choice) });
  }

  #microphone(on: boolean): void {
    if (on && this.secondTab) this.#insisted = true;
    if (on) this.secondTab = false;
    this.#local.setMuted(!on);
    if (on) void this.#local.open('microphone');
  }

  #camera(on: boolean): void {
    remember(localStorage, { camera: on });
    if (on) void this.#local.open('camera');
    else this.#local.close('camera');
  }

  #screen(on: boolean): void {
    if (on) void this.#local.open('screen');
    else this.#local.close('screen');
  }

  async #join(name: string): Promise<void> {
    const { choice, engine } = this;
    const { room, invite } = this.link;
    if (!choice || !engine || room === undefined || this.joining) return;
    this.joining = true;
    this.problem = '';
    this.#name = name;
    remember(localStorage, { name, ...choice });
    const release = await this.#claim(room);
    const meeting = new Meeting({
      origin: location.origin.replace(/^http/, 'ws'),
      enter: async () => (await enter({ room, name, ...(invite !== undefined && { invite }) })).token,
      name,
      preferences: { speaks: choice.speaks, hears: choice.hears, reads: readsOf(choice), interpret: true },
      local: this.#local,
      ownLevel: this.#level,
      languages: engine.languages,
      offers: engine.offers,
      place: document.body,
      release,
    });
    try {
      await meeting.room.join();
      this.#follow(meeting);
      this.meeting = meeting;
      this.#askInvite(room, meeting.room.token ?? '');
    } catch (error) {
      meeting.close();
      this.problem = messageOf(error);
    } finally {
      this.joining = false;
    }
  }

  /** The tab that has the microphone has the room; another one listens, unless the person said otherwise. */
  async #claim(room: string): Promise<() => void> {
    const hasMicrophone = () => this.#local.state.value.microphone.is === 'on';
    const release = await claimRoom(room, navigator.locks).catch(() => undefined);
    if (release) return release;
    // The other tab joined while this one was choosing: its own microphone was opened before either knew.
    if (hasMicrophone() && !this.#insisted) {
      this.#local.close('microphone');
      this.secondTab = true;
    }
    return () => undefined;
  }

  /** What the person chooses to hear is remembered wherever they choose it. */
  #follow(meeting: Meeting): void {
    meeting.channels.watch(({ hears }) => this.#choose({ hears }));
  }

  #askInvite(room: string, token: string): void {
    askInvite(room, token).then(
      ({ link }) => {
        this.inviteLink = link;
      },
      () => {
        // Only hosts give out invites.
        this.inviteLink = '';
      },
    );
  }

  #leave(): void {
    this.meeting?.close();
    this.meeting = undefined;
    this.#local.closeAll();
    const { room } = this.link;
    if (room !== undefined) void this.#prepare(room);
  }

  override render() {
    if (this.link.room === undefined) return html`<booth-home></booth-home>`;
    const { meeting, engine, choice } = this;
    if (!engine || !choice) return this.problem ? this.#stopped('Booth cannot be reached', this.problem) : nothing;
    const connection = meeting?.room.state.value.connection;
    if (connection?.is === 'ended' && connection.why !== 'left')
      return this.#stopped(
        connection.why === 'replaced' ? 'You left this room' : 'You were not let in',
        connection.message,
      );
    if (meeting) {
      return html`<booth-meeting
        .meeting=${meeting}
        .choice=${choice}
        .link=${this.inviteLink}
        .listensOnly=${this.secondTab}
        .captionSize=${this.captionSize}
      ></booth-meeting>`;
    }
    return html`<booth-lobby
      .room=${this.link.room}
      .name=${this.#name}
      .choice=${choice}
      .offers=${engine.offers}
      .languages=${engine.languages}
      .local=${this.#local}
      .level=${this.#level}
      .secondTab=${this.secondTab}
      .joining=${this.joining}
      .problem=${this.problem}
    ></booth-lobby>`;
  }

  #stopped(title: string, message: string) {
    return html`
      <main>
        <div class="notice alert">
          <booth-icon .icon=${CircleAlert}></booth-icon>
          <div role="alert">
            <h1>${title}</h1>
            <p>${message}</p>
            <button type="button" @click=${() => location.reload()}>Try again</button>
          </div>
        </div>
      </main>
    `;
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
      h1 {
        font-size: 1.125rem;
      }
    `,
  ];
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : 'Something went wrong.');

customElements.define('booth-page', BoothPage);
