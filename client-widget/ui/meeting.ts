/** `<booth-meeting>`: inside a room: who is here, what they say in my language, and the few things I can do about it. */

import { css, html, LitElement, nothing, type PropertyValues } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import {
  CircleAlert,
  Headphones,
  Keyboard,
  LogOut,
  Mic,
  MicOff,
  MonitorUp,
  MonitorX,
  RefreshCw,
  Settings2,
  Video,
  VideoOff,
  Volume2,
} from 'lucide';
import type { LanguageCode } from '../../protocol/languages.ts';
import type { ParticipantView } from '../../protocol/rooms.ts';
import '../captions/booth-captions.ts';
import type { BoothChannels } from '../channels/booth-channels.ts';
import '../channels/booth-channels.ts';
import '../channels/booth-lamp.ts';
import { lampOf, wordOf } from '../channels/lamp.ts';
import type { Meeting } from '../media/meeting.ts';
import { type Choice, readsOf } from '../media/offers.ts';
import { readSelect, speakSelect } from './choices.ts';
import { columns } from './grid.ts';
import './icon.ts';
import './invite.ts';
import { languageName } from './language-names.ts';
import { shared } from './shared.ts';
import './tile.ts';
import { Watching } from './watching.ts';

interface Tile {
  key: string;
  name: string;
  detail: string;
  notice: string;
  track: MediaStreamTrack | undefined;
  muted: boolean;
  screen: boolean;
  mine: boolean;
  speaking: boolean;
}

const keys = [
  ['m', 'Mute or unmute'],
  ['v', 'Camera on or off'],
  ['h', 'What I hear'],
  ['r', 'What I read'],
  ['c', 'Size of the captions'],
  ['?', 'This list'],
] as const;

const captionScales = [1, 1.3, 1.6];

export class BoothMeeting extends LitElement {
  static override properties = {
    meeting: { attribute: false },
    choice: { attribute: false },
    link: {},
    listensOnly: { type: Boolean },
    captionSize: { type: Number },
  };

  declare meeting: Meeting;
  declare choice: Choice;
  /** The link for others; empty: none can be given out. */
  declare link: string;
  /** Another tab of this browser has the microphone. */
  declare listensOnly: boolean;
  declare captionSize: number;
  #resized = new ResizeObserver(() => this.#arrange());

  constructor() {
    super();
    this.link = '';
    this.listensOnly = false;
    this.captionSize = 0;
    new Watching(this, () => {
      const { room, local, speaking, playback } = this.meeting;
      return [room.state, room.tracks, local.state, speaking.ids, playback.blocked];
    });
  }

  override connectedCallback(): void {
    super.connectedCallback();
    document.addEventListener('keydown', this.#key);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    document.removeEventListener('keydown', this.#key);
    this.#resized.disconnect();
  }

  protected override firstUpdated(_: PropertyValues): void {
    const tiles = this.renderRoot.querySelector('.tiles');
    if (tiles) this.#resized.observe(tiles);
  }

  protected override updated(_: PropertyValues): void {
    this.#arrange();
    this.style.setProperty('--caption-scale', String(captionScales[this.captionSize] ?? 1));
  }

  #arrange(): void {
    const tiles = this.renderRoot.querySelector<HTMLElement>('.tiles');
    if (!tiles) return;
    const count = columns(tiles.childElementCount, tiles.clientWidth, tiles.clientHeight);
    tiles.style.setProperty('--columns', String(count));
  }

  #tell<T>(type: string, detail?: T): void {
    this.dispatchEvent(new CustomEvent(type, { detail, bubbles: true, composed: true }));
  }

  #key = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event)) return;
    const action: Record<string, () => void> = {
      m: () => this.#toggleMicrophone(),
      v: () => this.#toggleCamera(),
      h: () => this.renderRoot.querySelector<BoothChannels>('booth-channels')?.focus(),
      r: () => openList(this.renderRoot.querySelector<HTMLSelectElement>('#read')),
      c: () => this.#tell('booth-caption-size', (this.captionSize + 1) % captionScales.length),
      '?': () => this.#keys?.showModal(),
    };
    const act = action[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  };

  get #keys(): HTMLDialogElement | null {
    return this.renderRoot.querySelector<HTMLDialogElement>('#keys');
  }

  #toggleMicrophone(): void {
    const { microphone } = this.meeting.local.state.value;
    this.#tell('booth-microphone', microphone.is !== 'on' || microphone.muted);
  }

  #toggleCamera(): void {
    this.#tell('booth-camera', this.meeting.local.state.value.camera.is !== 'on');
  }

  override render() {
    const { room } = this.meeting;
    const { connection } = room.state.value;
    return html`
      ${this.#header()}
      <main>
        <div class="stage">
          ${this.#troubles()}
          <div class="tiles" role="list" aria-label="People in this room">
            ${repeat(
              this.#tiles(),
              ({ key }) => key,
              (tile) => html`
                <booth-tile
                  role="listitem"
                  data-participant=${tile.key}
                  .name=${tile.mine ? `${tile.name} (you)` : tile.name}
                  .detail=${tile.detail}
                  .notice=${tile.notice}
                  .track=${tile.track}
                  .muted=${tile.muted}
                  .screen=${tile.screen}
                  .mirrored=${tile.mine && !tile.screen}
                  .speaking=${tile.speaking}
                ></booth-tile>
              `,
            )}
          </div>
          ${
            connection.is === 'joined' && this.#people().length === 0
              ? html`<booth-invite .link=${this.link}></booth-invite>`
              : nothing
          }
        </div>
        <booth-captions
          ?data-empty=${this.choice.mode === 'off'}
          .source=${this.meeting.captions}
          .reads=${readsOf(this.choice)}
          .translates=${this.meeting.translates}
        >
          <p class="quiet">${this.#emptyWords()}</p>
        </booth-captions>
      </main>
      ${this.#bar()} ${this.#panel()} ${this.#help()}
    `;
  }

  #header() {
    const { state, preferences } = this.meeting.room;
    const { state: lamp, word } = lampOf(state.value, preferences, languageName);
    const engine = state.value.room?.engine ?? this.meeting.languages.engine;
    return html`
      <header>
        <h1><span class="quiet">Booth</span> ${state.value.room?.name}</h1>
        <p class="quiet small engine" data-part="engine">${engine.label}</p>
        <booth-lamp role="status" aria-label="Interpreter: ${word}" .state=${lamp} .word=${word}></booth-lamp>
      </header>
    `;
  }

  /** What went wrong, here where it matters, until it is over. */
  #troubles() {
    const { connection, room } = this.meeting.room.state.value;
    const { microphone, camera } = this.meeting.local.state.value;
    return html`
      ${
        connection.is === 'rejoining'
          ? this.#notice(
              html`<p role="status"><strong>${connection.message}</strong> Trying again in a moment; what was said stays here.</p>
                <button type="button" @click=${() => this.meeting.room.hurry()}>
                  <booth-icon .icon=${RefreshCw}></booth-icon> Try now
                </button>`,
            )
          : nothing
      }
      ${
        this.meeting.playback.blocked.value
          ? this.#notice(
              html`<p>The browser keeps this page silent until you touch it.</p>
                <button type="button" @click=${() => this.meeting.playback.unlock()}>
                  <booth-icon .icon=${Volume2}></booth-icon> Hear the meeting
                </button>`,
              Volume2,
            )
          : nothing
      }
      ${
        room?.interpretation.state === 'failed'
          ? this.#notice(
              html`<p role="status">${room.interpretation.message ?? 'The interpreter failed. People still hear each other.'}</p>`,
            )
          : nothing
      }
      ${
        this.listensOnly
          ? this.#notice(
              html`<p>Another tab of this browser is in this room. Two tabs hear each other, so this one listens only. Headphones on?</p>
                <button type="button" @click=${() => this.#tell('booth-microphone', true)}>
                  <booth-icon .icon=${Mic}></booth-icon> Turn the microphone on anyway
                </button>`,
              Headphones,
            )
          : nothing
      }
      ${
        microphone.is === 'trouble'
          ? this.#notice(html`<p role="status">${microphone.message}${
              this.meeting.local.available ? ' Until then you can listen and read.' : ''
            }</p>
            ${
              this.meeting.local.available
                ? html`<button type="button" @click=${() => this.#tell('booth-microphone', true)}>Try again</button>`
                : nothing
            }`)
          : nothing
      }
      ${camera.is === 'trouble' ? this.#notice(html`<p role="status">${camera.message}</p>`) : nothing}
    `;
  }

  #notice(content: unknown, icon = CircleAlert) {
    return html`<div class="notice ${icon === CircleAlert ? 'alert' : ''}">
      <booth-icon .icon=${icon}></booth-icon>
      <div>${content}</div>
    </div>`;
  }

  #people(): ParticipantView[] {
    const { others } = this.meeting.room.state.value;
    return [...others.values()].filter(({ kind, hidden }) => kind === 'person' && !hidden);
  }

  #tiles(): Tile[] {
    const { you } = this.meeting.room.state.value;
    return [...(you ? this.#tilesOfMine(you) : []), ...this.#people().flatMap((person) => this.#tilesOf(person))];
  }

  #tilesOfMine(you: ParticipantView): Tile[] {
    const { camera, microphone, screen } = this.meeting.local.state.value;
    const person = this.#tileOf(you, {
      track: camera.is === 'on' ? camera.track : undefined,
      muted: microphone.is !== 'on' || microphone.muted,
      mine: true,
    });
    return screen.is === 'on'
      ? [person, { ...person, key: `${you.id} screen`, track: screen.track, screen: true, notice: '', speaking: false }]
      : [person];
  }

  #tilesOf(person: ParticipantView): Tile[] {
    const tracks = this.meeting.room.tracks.value.filter(({ participantId }) => participantId === person.id);
    const playing = new Set(person.producers.filter(({ paused }) => !paused).map(({ source }) => source));
    const shown = (source: 'camera' | 'screen') =>
      playing.has(source) ? tracks.find((track) => track.source === source)?.track : undefined;
    const tile = this.#tileOf(person, { track: shown('camera'), muted: !playing.has('microphone'), mine: false });
    const screen = shown('screen');
    return screen
      ? [{ ...tile, key: `${person.id} screen`, track: screen, screen: true, notice: '', speaking: false }, tile]
      : [tile];
  }

  #tileOf(person: ParticipantView, rest: Pick<Tile, 'track' | 'muted' | 'mine'>): Tile {
    return {
      ...rest,
      key: person.id,
      name: person.name,
      detail: person.speaks === null ? '' : languageName(person.speaks),
      notice: this.#noticeOf(person),
      screen: false,
      speaking: !rest.muted && this.meeting.speaking.ids.value.has(person.id),
    };
  }

  #noticeOf({ speaks, interpret }: ParticipantView): string {
    if (speaks !== null && !this.meeting.understands(speaks)) return `${languageName(speaks)} is not interpreted here`;
    return interpret ? '' : 'Does not want to be interpreted';
  }

  #emptyWords() {
    const { hears } = this.meeting.room.preferences;
    if (this.choice.mode !== 'off') return 'What people say will stand here.';
    return hears === 'original'
      ? 'Choose a language to hear or read, and an interpreter comes in.'
      : 'Choose what to read, and it stands here.';
  }

  #bar() {
    const { camera, microphone, screen } = this.meeting.local.state.value;
    const micOn = microphone.is === 'on' && !microphone.muted;
    const cameraOn = camera.is === 'on';
    const sharing = screen.is === 'on';
    const canShare = this.meeting.local.available && 'getDisplayMedia' in navigator.mediaDevices;
    return html`
      <footer>
        <div class="devices" role="group" aria-label="Microphone and camera" ?hidden=${!this.meeting.local.available}>
          <button
            type="button"
            data-part="microphone"
            ?data-off=${!micOn}
            aria-pressed=${micOn}
            title="Microphone (m)"
            @click=${() => this.#toggleMicrophone()}
          >
            <booth-icon .icon=${micOn ? Mic : MicOff}></booth-icon><span>${micOn ? 'Mute' : 'Unmute'}</span>
          </button>
          <button
            type="button"
            data-part="camera"
            ?data-off=${!cameraOn}
            aria-pressed=${cameraOn}
            title="Camera (v)"
            @click=${() => this.#toggleCamera()}
          >
            <booth-icon .icon=${cameraOn ? Video : VideoOff}></booth-icon><span>Camera</span>
          </button>
          <button
            type="button"
            data-part="screen"
            ?hidden=${!canShare}
            aria-pressed=${sharing}
            title="Share a screen"
            @click=${() => this.#tell('booth-screen', !sharing)}
          >
            <booth-icon .icon=${sharing ? MonitorX : MonitorUp}></booth-icon><span>${sharing ? 'Stop sharing' : 'Share'}</span>
          </button>
        </div>
        <div class="languages">
          <booth-channels .source=${this.meeting.channels}></booth-channels>
          <div class="read">
            <label for="read">Read</label>
            ${readSelect(this.meeting.offers, this.choice, (change) => this.#tell('booth-choice', change))}
          </div>
        </div>
        <div class="rest">
          <button type="button" data-part="interpretation" popovertarget="panel" title="Interpretation">
            <booth-icon .icon=${Settings2}></booth-icon><span>Interpretation</span>
          </button>
          <button type="button" data-part="leave" title="Leave the room" @click=${() => this.#tell('booth-leave')}>
            <booth-icon .icon=${LogOut}></booth-icon><span>Leave</span>
          </button>
        </div>
      </footer>
    `;
  }

  #panel() {
    const { state, preferences } = this.meeting.room;
    const { statuses, room } = state.value;
    const byLanguage = [...statuses.values()].sort((a, b) => a.language.localeCompare(b.language));
    return html`
      <div id="panel" popover role="dialog" aria-label="Interpretation">
        <h2>Interpretation</h2>
        <p>${room?.engine.label}</p>
        <p class="quiet small">The voice you hear may be synthetic.</p>
        <div class="field">
          <label for="speak">I speak</label>
          ${speakSelect(this.meeting.offers, this.choice, (change) => this.#tell('booth-choice', change))}
        </div>
        <label class="check">
          <input
            type="checkbox"
            data-part="interpret"
            .checked=${!preferences.interpret}
            @change=${(event: Event) => this.#tell('booth-interpret', !(event.currentTarget as HTMLInputElement).checked)}
          />
          <span>Don’t interpret me<br /><span class="quiet small">No interpreter listens to my microphone.</span></span>
        </label>
        ${
          byLanguage.length > 0
            ? html`<ul aria-label="Interpretations">
                ${byLanguage.map(
                  ({ language, speaker, state: how, message, listeners }) => html`<li>
                    <span>${speaker.name} → ${languageName(language as LanguageCode)}</span>
                    <span class="quiet">${wordOf(how)} · ${listeners === 1 ? '1 listener' : `${listeners} listeners`}</span>
                    ${message ? html`<span class="small">${message}</span>` : nothing}
                  </li>`,
                )}
              </ul>`
            : nothing
        }
        <button type="button" class="keys" @click=${() => this.#keys?.showModal()}>
          <booth-icon .icon=${Keyboard}></booth-icon> Keys
        </button>
      </div>
    `;
  }

  #help() {
    return html`
      <dialog id="keys" aria-label="Keys">
        <h2>Keys</h2>
        <dl>
          ${keys.map(([key, meaning]) => html`<dt><kbd>${key}</kbd></dt><dd>${meaning}</dd>`)}
        </dl>
        <form method="dialog"><button class="primary">Close</button></form>
      </dialog>
    `;
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
        align-items: baseline;
        gap: 0.125rem 1.5rem;
        min-inline-size: 0;
      }

      h1 {
        font-size: 1rem;
        font-weight: 600;
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }

      h1 .quiet {
        font-weight: 400;
      }

      h2 {
        font-size: 1.0625rem;
      }

      booth-lamp {
        margin-inline-start: auto;
      }

      main {
        display: grid;
        grid-template-rows: minmax(0, 1fr) auto;
        gap: 0.75rem;
        min-block-size: 0;
      }

      .stage {
        display: flex;
        flex-direction: column;
        gap: 0.75rem;
        min-block-size: 0;
        overflow-y: auto;
      }

      .tiles {
        flex: 1 1 9rem;
        min-block-size: 9rem;
        display: grid;
        grid-template-columns: repeat(var(--columns, 1), minmax(0, 1fr));
        grid-auto-rows: minmax(0, 1fr);
        gap: 0.5rem;
      }

      .stage booth-invite {
        flex: none;
        align-self: center;
        padding: 1rem;
      }

      booth-captions {
        block-size: clamp(8rem, 30dvh, 17rem);
        border-radius: var(--radius-large);
      }

      booth-captions[data-empty] {
        block-size: auto;
      }

      footer {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        justify-content: space-between;
        gap: 0.5rem 1rem;
      }

      .devices,
      .rest,
      .languages {
        display: flex;
        gap: 0.5rem;
        min-inline-size: 0;
      }

      .languages {
        flex: 1 1 24rem;
        max-inline-size: 36rem;
        gap: 1rem;
      }

      .languages > * {
        flex: 1 1 0;
      }

      .read {
        display: flex;
        align-items: center;
        gap: 0.5rem;
        min-inline-size: 0;
      }

      .read .select {
        flex: 1;
      }

      label {
        color: var(--ink-quiet);
      }

      button[data-off] booth-icon {
        color: var(--alert);
      }

      #panel,
      dialog {
        inset: auto;
        margin: 0;
        max-inline-size: min(24rem, calc(100vw - 1.5rem));
        inline-size: 24rem;
        max-block-size: calc(100dvh - 6rem);
        padding: 1.25rem;
        border: 1px solid var(--edge);
        border-radius: var(--radius-large);
        background: var(--hall);
        color: var(--ink);
        box-shadow: var(--shadow);
        overflow-y: auto;
      }

      #panel {
        position: fixed;
        inset-block-end: 4.75rem;
        inset-inline-end: 0.75rem;
      }

      #panel:popover-open,
      dialog[open] {
        display: grid;
        gap: 0.75rem;
      }

      dialog {
        position: fixed;
        inset: 0;
        margin: auto;
        block-size: fit-content;
      }

      dialog::backdrop {
        background: oklch(0 0 0 / 0.5);
      }

      .field {
        display: grid;
        gap: 0.25rem;
      }

      .check {
        display: flex;
        gap: 0.75rem;
        align-items: flex-start;
        color: var(--ink);
        cursor: pointer;
      }

      .check input {
        flex: none;
        inline-size: 1.25rem;
        block-size: 1.25rem;
        margin: 0.1rem 0 0;
        accent-color: var(--ink);
      }

      ul {
        display: grid;
        gap: 0.5rem;
        margin: 0;
        padding: 0.75rem 0 0;
        border-block-start: 1px solid var(--edge);
        list-style: none;
      }

      li {
        display: flex;
        flex-wrap: wrap;
        justify-content: space-between;
        gap: 0 1rem;
      }

      dl {
        display: grid;
        grid-template-columns: auto 1fr;
        gap: 0.5rem 1rem;
        margin: 0;
      }

      dd {
        margin: 0;
      }

      kbd {
        display: inline-block;
        min-inline-size: 1.75rem;
        padding: 0 0.375rem;
        border: 1px solid var(--edge);
        border-radius: 0.25rem;
        font: inherit;
        text-align: center;
      }

      @media (max-width: 64rem) {
        footer button span {
          display: none;
        }
        footer button {
          padding: 0;
          min-inline-size: 2.75rem;
        }
      }

      /* A phone: languages in a row of their own, buttons where a thumb is. */
      @media (max-width: 40rem) {
        .engine {
          order: 3;
          inline-size: 100%;
        }
        .languages {
          order: -1;
          flex-basis: 100%;
          max-inline-size: none;
        }
        booth-captions {
          block-size: 33dvh;
        }
      }

      /* A phone on its side: captions beside the picture. */
      @media (max-height: 30rem) and (orientation: landscape) {
        main {
          grid-template: minmax(0, 1fr) / minmax(0, 1fr) minmax(0, 1fr);
        }
        booth-captions {
          block-size: auto;
        }
        .engine {
          display: none;
        }
      }
    `,
  ];
}

function isTyping(event: KeyboardEvent): boolean {
  return event
    .composedPath()
    .some(
      (target) =>
        target instanceof HTMLInputElement ||
        target instanceof HTMLSelectElement ||
        target instanceof HTMLDialogElement,
    );
}

function openList(list: HTMLSelectElement | null): void {
  list?.focus();
  try {
    list?.showPicker();
  } catch {
    // The focus is there, and the arrow keys work.
  }
}

customElements.define('booth-meeting', BoothMeeting);
