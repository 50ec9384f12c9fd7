import type { ParticipantView } from '@mediasoup-booth/protocol';
import { describe, expect, it } from 'vitest';
import { person } from '../../../bench/support/views.ts';
import { en } from '../../../client-widget/i18n/en.ts';
import { bestColumnCount } from '../../../client-widget/page/people.ts';
import { initials } from '../../../client-widget/page/picture.ts';
import { mainTile, type TileContext, tilesOf } from '../../../client-widget/page/tiles.ts';

const around = (others: ParticipantView[], change: Partial<TileContext> = {}): TileContext => ({
  you: person('me'),
  others,
  tracks: [],
  local: { microphone: { is: 'off' }, camera: { is: 'off' }, screen: { is: 'off' } },
  speaking: new Set(),
  listenersBehind: new Map(),
  texts: en.tile,
  understands: (code) => code === 'en' || code === null,
  languageName: (code) => code.toUpperCase(),
  ...change,
});

describe('the tiles of a room', () => {
  it('show people but no interpreters and nobody hidden, me first', () => {
    const others = [person('jane'), person('booth', { kind: 'interpreter' }), person('spy', { hidden: true })];
    expect(tilesOf(around(others)).map(({ key }) => key)).toEqual(['me', 'jane']);
  });

  it('say why somebody is not interpreted', () => {
    const others = [person('dieter', { speaks: 'de' }), person('shy', { interpret: false }), person('jane')];
    const notices = tilesOf(around(others)).map(({ notice }) => notice);
    expect(notices).toEqual(['', 'DE is not interpreted here', 'Does not want to be interpreted', '']);
  });

  it('mark who speaks, unless they are muted', () => {
    const muted = person('kim', { producers: [] });
    const tiles = tilesOf(around([person('jane'), muted], { speaking: new Set(['jane', 'kim']) }));
    expect(tiles.map(({ muted, speaking }) => ({ muted, speaking }))).toEqual([
      { muted: true, speaking: false },
      { muted: false, speaking: true },
      { muted: true, speaking: false },
    ]);
  });

  it('give a shared screen a tile of its own, before its owner’s', () => {
    const track = {} as MediaStreamTrack;
    const jane = person('jane', { producers: [{ id: 'p', kind: 'video', source: 'screen', paused: false }] });
    const tiles = tilesOf(around([jane], { tracks: [{ producerId: 'p', track }] }));
    expect(tiles.map(({ key, track }) => [key, track])).toEqual([
      ['me', undefined],
      ['jane screen', track],
      ['jane', undefined],
    ]);
  });
});

describe('the one large tile of a phone', () => {
  const tiles = (...speaking: string[]) =>
    tilesOf(around([person('jane'), person('luis')], { speaking: new Set(speaking) }));

  it('is whoever speaks, and stays until somebody else does', () => {
    expect(mainTile(tiles(), undefined)).toBe('jane');
    expect(mainTile(tiles('luis'), 'jane')).toBe('luis');
    expect(mainTile(tiles(), 'luis')).toBe('luis');
    expect(mainTile(tiles('jane', 'luis'), 'luis')).toBe('luis');
  });

  it('is never me while somebody else is there', () => {
    expect(mainTile(tiles('me'), undefined)).toBe('jane');
    expect(mainTile(tilesOf(around([])), undefined)).toBe('me');
  });
});

describe('the number of columns', () => {
  it.each([
    [1, 1280, 500, 1],
    [2, 1280, 500, 2],
    [2, 360, 600, 1],
    [4, 1280, 700, 2],
    [9, 1280, 420, 3],
    [9, 1920, 700, 3],
    [0, 100, 100, 1],
  ])('of %i tiles in %i × %i: %i', (tiles, width, height, expected) => {
    expect(bestColumnCount(tiles, width, height)).toBe(expected);
  });
});

describe('the initials of a name', () => {
  it.each([
    ['Jane van Dam', 'JD'],
    ['jane', 'J'],
    ['李明', '李'],
    ['  ', ''],
    ['Anna (Berlin)', 'A'],
    ['ölaf ünal', 'ÖÜ'],
  ])('of %j are %j', (name, expected) => {
    expect(initials(name)).toBe(expected);
  });
});
