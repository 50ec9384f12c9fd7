/**
 * The tiles of a room in order: this person first, then the others as they joined, each shared screen before its owner. No timers, no DOM.
 */
import type { LanguageCode, ParticipantView } from '@mediasoup-booth/protocol';
import type { PageTexts } from '../i18n/page-texts.ts';
import { isHeard, type LocalDevices } from '../media/local-media.ts';
import type { RemoteTrack } from '../media/remote-track.ts';

interface Tile {
  key: string;
  name: string;
  /** The language they speak. */
  detail: string;
  /** Why they are not interpreted; empty: they are. */
  notice: string;
  track: MediaStreamTrack | undefined;
  muted: boolean;
  screen: boolean;
  mine: boolean;
  speaking: boolean;
  /** How many listeners still hear or wait for the translation of their words. */
  listenersBehind: number;
}

export interface TileContext {
  you: ParticipantView | undefined;
  others: Iterable<ParticipantView>;
  tracks: readonly Pick<RemoteTrack, 'producerId' | 'track'>[];
  local: LocalDevices;
  speaking: ReadonlySet<string>;
  listenersBehind: ReadonlyMap<string, number>;
  texts: PageTexts['tile'];
  understands(speaks: LanguageCode | null): boolean;
  languageName(code: LanguageCode): string;
}

/**
 * The key of the tile that is shown large where there is room for one: a shared screen, else the last speaker besides this person, kept
 * while nobody else speaks.
 */
export function mainTile(tiles: readonly Tile[], before: string | undefined): string | undefined {
  const others = tiles.filter(({ mine }) => !mine);
  const still = others.find(({ key }) => key === before);
  const shared = others.find(({ screen }) => screen);
  const now =
    shared ?? (still?.speaking ? still : others.find(({ speaking }) => speaking)) ?? still ?? others[0] ?? tiles[0];
  return now?.key;
}

/** Whether a participant has a tile; interpreters and hidden participants have none. */
export const hasTile = ({ kind, hidden }: ParticipantView): boolean => kind === 'person' && !hidden;

export function tilesOf(context: TileContext): Tile[] {
  const { you, others } = context;
  return [
    ...(you ? mine(you, context) : []),
    ...[...others].filter(hasTile).flatMap((person) => theirs(person, context)),
  ];
}

function mine(you: ParticipantView, context: TileContext): Tile[] {
  const { camera, microphone, screen } = context.local;
  const tile = {
    ...tileOf(you, !isHeard(microphone), context),
    track: camera.is === 'on' ? camera.track : undefined,
    mine: true,
  };
  return withScreen(tile, screen.is === 'on' ? screen.track : undefined);
}

function theirs(person: ParticipantView, context: TileContext): Tile[] {
  const shown = (source: 'camera' | 'screen') => {
    const producer = person.producers.find((one) => one.source === source && !one.paused);
    return context.tracks.find(({ producerId }) => producerId === producer?.id)?.track;
  };
  const muted = !person.producers.some(({ source, paused }) => source === 'microphone' && !paused);
  return withScreen({ ...tileOf(person, muted, context), track: shown('camera') }, shown('screen'));
}

function tileOf(person: ParticipantView, muted: boolean, context: TileContext): Tile {
  const { id, name, speaks } = person;
  return {
    key: id,
    name,
    detail: speaks === null ? '' : context.languageName(speaks),
    notice: interpretationNotice(person, context),
    track: undefined,
    muted,
    screen: false,
    mine: false,
    speaking: !muted && context.speaking.has(id),
    listenersBehind: context.listenersBehind.get(id) ?? 0,
  };
}

function interpretationNotice(
  { speaks, interpret }: ParticipantView,
  { understands, languageName, texts }: TileContext,
): string {
  if (speaks !== null && !understands(speaks)) return texts.notInterpreted(languageName(speaks));
  return interpret ? '' : texts.unwilling;
}

function withScreen(tile: Tile, track: MediaStreamTrack | undefined): Tile[] {
  if (!track) return [tile];
  const screen = {
    ...tile,
    key: `${tile.key} screen`,
    track,
    screen: true,
    notice: '',
    muted: false,
    speaking: false,
    listenersBehind: 0,
  };
  return [screen, tile];
}
