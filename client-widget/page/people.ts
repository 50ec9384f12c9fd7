/** `<booth-people>`: the tiles of a room, as large as the available space allows. */
import { css, html, LitElement, nothing, type PropertyValues } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { languageName } from '../i18n/language-names.ts';
import type { MeetingSession } from '../meeting/meeting.ts';
import './tile.ts';
import { pageTexts } from '../i18n/page-texts.ts';
import { StoreController } from './store-controller.ts';
import { mainTile, tilesOf } from './tiles.ts';

class BoothPeople extends LitElement {
  static override properties = { meeting: { attribute: false } };
  declare meeting: MeetingSession;
  #mainTile: string | undefined;
  readonly #resized = new ResizeObserver(() => this.#arrange());

  constructor() {
    super();
    new StoreController(this, () => {
      const { room, local, activeSpeakers, listenersBehind } = this.meeting;
      return [room.state, room.tracks, local.state, activeSpeakers.ids, listenersBehind];
    });
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#resized.observe(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#resized.disconnect();
  }

  protected override updated(_: PropertyValues): void {
    this.#arrange();
  }

  #arrange(): void {
    const count = this.renderRoot.querySelectorAll('booth-tile').length;
    this.style.setProperty('--columns', String(bestColumnCount(count, this.clientWidth, this.clientHeight)));
    this.style.setProperty('--others', String(Math.max(1, count - 1)));
    this.style.setProperty('--height', `${this.clientHeight}px`);
  }

  override render() {
    const { room, local, activeSpeakers, listenersBehind, understands } = this.meeting;
    const { tile, meeting } = pageTexts();
    const { you, others } = room.state.value;
    const tiles = tilesOf({
      you,
      others: others.values(),
      tracks: room.tracks.value,
      local: local.state.value,
      speaking: activeSpeakers.ids.value,
      understands,
      listenersBehind: listenersBehind.value,
      texts: tile,
      languageName,
    });
    this.#mainTile = mainTile(tiles, this.#mainTile);
    return html`
      <div role="list" aria-label=${meeting.people}>
        ${repeat(
          tiles,
          ({ key }) => key,
          ({ key, name, detail, notice, track, muted, screen, mine, speaking, listenersBehind }) => html`
            <booth-tile
              role="listitem"
              data-participant=${key}
              ?data-large=${key === this.#mainTile}
              .name=${mine ? tile.you(name) : name}
              .detail=${detail}
              .notice=${notice}
              .track=${track}
              .muted=${muted}
              .screen=${screen}
              .mirrored=${mine && !screen}
              .speaking=${speaking}
              listeners-behind=${listenersBehind || nothing}
            ></booth-tile>
          `,
        )}
      </div>
    `;
  }

  static override styles = css`
    :host {
      display: block;
      min-block-size: 0;
      container-type: inline-size;
    }

    div {
      display: grid;
      grid-template-columns: repeat(var(--columns, 1), minmax(0, 1fr));
      grid-auto-rows: minmax(0, 1fr);
      gap: 0.5rem;
      block-size: 100%;
    }

    /* A shared screen has to be read: it is large, and people stand beside it. */
    @container (min-width: 40rem) {
      div:has(:nth-child(2)):has(> [screen][data-large]) {
        grid-template-columns: minmax(0, 1fr) clamp(8rem, 20cqi, 16rem);
        grid-auto-rows: minmax(4.5rem, 1fr);
        overflow-y: auto;
      }

      div:has(:nth-child(2)) > [screen][data-large] {
        grid-area: 1 / 1 / span var(--others, 1);
        position: sticky;
        inset-block-start: 0;
        block-size: var(--height, 100%);
      }
    }

    /* Little room: one large, the others in a strip. */
    @container (max-width: 40rem) {
      div:has(:nth-child(2)) {
        grid-template: minmax(0, 1fr) 4.5rem / repeat(var(--others, 1), minmax(6.5rem, 10rem));
        overflow-x: auto;
        scrollbar-width: none;
      }

      div:has(:nth-child(2)) > [data-large] {
        grid-area: 1 / 1 / 2 / -1;
        position: sticky;
        inset-inline-start: 0;
        inline-size: 100cqi;
      }
    }
  `;
}

customElements.define('booth-people', BoothPeople);

/** Width to height of a tile. */
const RATIO = 16 / 9;

/** The number of columns that makes the tiles of a room largest, with few empty places. */
export function bestColumnCount(tiles: number, width: number, height: number): number {
  let best = 1;
  let bestScore = 0;
  for (let count = 1; count <= tiles; count++) {
    const rows = Math.ceil(tiles / count);
    const tileWidth = Math.min(width / count, (height / rows) * RATIO);
    const score = (tileWidth * tiles) / (count * rows);
    if (score <= bestScore) continue;
    best = count;
    bestScore = score;
  }
  return best;
}
