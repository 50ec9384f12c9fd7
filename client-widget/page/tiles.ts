/** Who is shown, in which order, and what stands on each tile: me first, then everybody as they came, shared screens before their owners. Pure. */
import type { LanguageCode } from '../../protocol/languages.ts';
import type { ParticipantView } from '../../protocol/rooms.ts';
import type { PageTexts } from '../i18n/page-texts.ts';
import type { LocalDevices } from '../media/local-media.ts';
import type { RemoteTrack } from '../media/remote-track.ts';

export interface Tile {
  key: string;
  name: string;
  /** What they speak. */
  detail: string;
  /** What keeps them from being interpreted. */
  notice: string;
  track: MediaStreamTrack | undefined;
  muted: boolean;
  screen: boolean;
  mine: boolean;
  speaking: boolean;
  /** How many a translation of their words still sounds to. */
  awaited: number;
}

export interface Surroundings {
  you: ParticipantView | undefined;
  others: Iterable<ParticipantView>;
  tracks: readonly Pick<RemoteTrack, 'producerId' | 'track'>[];
  local: LocalDevices;
  speaking: ReadonlySet<string>;
  awaited: ReadonlyMap<string, number>;
  texts: PageTexts['tile'];
  understands(speaks: LanguageCode | null): boolean;
  languageName(code: LanguageCode): string;
}

/** Where there is room for one only: who spoke last besides me, so long as nobody else does. */
export function largest(tiles: readonly Tile[], before: string | undefined): string | undefined {
  const others = tiles.filter(({ mine }) => !mine);
  const still = others.find(({ key }) => key === before);
  const shared = others.find(({ screen }) => screen);
  const now =
    shared ?? (still?.speaking ? still : others.find(({ speaking }) => speaking)) ?? still ?? others[0] ?? tiles[0];
  return now?.key;
}

/** Interpreters are heard and read, not seen. */
export const isShown = ({ kind, hidden }: ParticipantView): boolean => kind === 'person' && !hidden;

export function tilesOf(around: Surroundings): Tile[] {
  const { you, others } = around;
  return [
    ...(you ? mine(you, around) : []),
    ...[...others].filter(isShown).flatMap((person) => theirs(person, around)),
  ];
}

function mine(you: ParticipantView, around: Surroundings): Tile[] {
  const { camera, microphone, screen } = around.local;
  const muted = microphone.is !== 'on' || microphone.muted;
  const tile = { ...tileOf(you, muted, around), track: camera.is === 'on' ? camera.track : undefined, mine: true };
  return withScreen(tile, screen.is === 'on' ? screen.track : undefined);
}

function theirs(person: ParticipantView, around: Surroundings): Tile[] {
  const shown = (source: 'camera' | 'screen') => {
    const producer = person.producers.find((one) => one.source === source && !one.paused);
    return around.tracks.find(({ producerId }) => producerId === producer?.id)?.track;
  };
  const muted = !person.producers.some(({ source, paused }) => source === 'microphone' && !paused);
  return withScreen({ ...tileOf(person, muted, around), track: shown('camera') }, shown('screen'));
}

function tileOf(person: ParticipantView, muted: boolean, around: Surroundings): Tile {
  const { id, name, speaks } = person;
  return {
    key: id,
    name,
    detail: speaks === null ? '' : around.languageName(speaks),
    notice: noticeOf(person, around),
    track: undefined,
    muted,
    screen: false,
    mine: false,
    speaking: !muted && around.speaking.has(id),
    awaited: around.awaited.get(id) ?? 0,
  };
}

function noticeOf({ speaks, interpret }: ParticipantView, { understands, languageName, texts }: Surroundings): string {
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
    awaited: 0,
  };
  return [screen, tile];
}
