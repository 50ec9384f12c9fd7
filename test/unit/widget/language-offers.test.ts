import { describe, expect, it } from 'vitest';
import { linkOf } from '../../../client-widget/meeting/room-link.ts';
import {
  type Choice,
  firstChoice,
  offered,
  offers,
  readsOf,
  understood,
} from '../../../client-widget/meeting/language-offers.ts';
import { remember, remembered } from '../../../client-widget/meeting/stored-preferences.ts';
import { modelNamed, offline } from '../../../config/models.ts';
import type { LanguagesResponse } from '../../../protocol/rest.ts';

const responseOf = ({ id, kind, sources, targets }: typeof offline): LanguagesResponse => ({
  engine: { model: id, kind, label: '' },
  sources: [...sources],
  targets: targets.map(({ code, audio, from }) => ({ code, audio, from: [...from], voices: [] })),
  estimate: { note: '' },
  transcriptHours: 0,
});
const embedded = responseOf(offline);
const cloud = responseOf(modelNamed('qwen3-livetranslate-flash-realtime'));

describe('what a person is offered', () => {
  it('to hear is what the engine has a voice for, to read what it can write', () => {
    const can = offers(embedded, ['en-US']);
    expect(can.hears).toEqual(['es']);
    expect(can.reads).toEqual([
      { code: 'es', voice: true },
      { code: 'en', voice: false },
    ]);
    expect(offers(cloud, []).hears).not.toContain('ar');
    expect(offers(cloud, []).reads).toContainEqual({ code: 'ar', voice: false });
  });

  it('is no language that does not exist', () => {
    expect(offers(embedded, ['qqq', 'x-lol']).speaksOnly).not.toContain('qqq');
    expect(firstChoice(offers(embedded, []), ['x-lol', 'fr']).speaks).toBe('fr');
  });

  it('to speak is any language, those apart that the engine does not understand', () => {
    const can = offers(embedded, ['tlh', 'en']);
    expect(can.speaks).toEqual(['en']);
    expect(can.speaksOnly).toContain('de');
    expect(can.speaksOnly).toContain('tlh');
    expect(can.speaksOnly).not.toContain('en');
  });
});

describe('what stands chosen at first', () => {
  it('is the browser’s language to speak, and nothing that brings an interpreter', () => {
    const first = firstChoice(offers(embedded, []), ['es-MX', 'en']);
    expect(first).toEqual({ speaks: 'es', hears: 'original', mode: 'off', language: 'es' });
    expect(readsOf(first)).toEqual([]);
  });
});

describe('a choice of another day', () => {
  const before: Choice = { speaks: 'fr', hears: 'fr', mode: 'both', language: 'fr' };

  it('stands where it is still offered', () => {
    expect(offered(before, offers(cloud, []))).toEqual(before);
  });

  it('gives way to the original where it is not', () => {
    expect(offered(before, offers(embedded, []))).toEqual({
      speaks: 'fr',
      hears: 'original',
      mode: 'original',
      language: 'es',
    });
    expect(offered({ ...before, mode: 'translation' }, offers(embedded, [])).mode).toBe('off');
  });

  it('is remembered, and nothing is where what was remembered is broken', () => {
    const kept = new Map<string, string>();
    const storage = {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, text: string) => void kept.set(key, text),
    };
    remember(storage, { name: 'Jane', ...before });
    remember(storage, { camera: true });
    expect(remembered(storage)).toEqual({ name: 'Jane', camera: true, ...before });
    expect(remembered({ getItem: () => '{"mode":"loud","name":7,"hears":"es","toString":1}' })).toEqual({
      hears: 'es',
    });
    expect(remembered({ getItem: () => 'not JSON' })).toEqual({});
  });
});

describe('reading', () => {
  it.each([
    ['off', []],
    ['original', ['original']],
    ['translation', ['es']],
    ['both', ['original', 'es']],
  ] as const)('%s is %j', (mode, reads) => {
    expect(readsOf({ mode, language: 'es' })).toEqual(reads);
  });
});

describe('whether somebody is understood', () => {
  it.each([
    ['en', true],
    ['en-GB', true],
    ['de', false],
    [null, true],
  ])('who speaks %s: %s', (speaks, expected) => {
    expect(understood(speaks, embedded)).toBe(expected);
  });
});

describe('a link', () => {
  it('names the room, and carries the invite and what is proposed to hear and read', () => {
    expect(linkOf('/room/demo', '#invite=a.b.c&hear=es&read=original,es')).toEqual({
      room: 'demo',
      invite: 'a.b.c',
      choice: { hears: 'es', mode: 'both', language: 'es' },
    });
  });

  it.each([
    ['/', undefined],
    ['/room/', undefined],
    ['/room/a/b', undefined],
    ['/room/%3Cscript%3E', undefined],
    ['/room/team-1', 'team-1'],
  ])('to %s is a link to the room %s', (path, room) => {
    expect(linkOf(path, '').room).toBe(room);
  });

  it.each([
    ['/', undefined],
    ['/room/demo', undefined],
    ['/room/my%20room', 'my room'],
    ['/room/50%', '50%'],
  ])('to %s tells what cannot be a room’s name: %s', (path, misnamed) => {
    expect(linkOf(path, '').misnamed).toBe(misnamed);
  });

  it('proposes nothing that is no language', () => {
    expect(linkOf('/room/a', '#hear=<b>&read=???&speak=English').choice).toEqual({ mode: 'off' });
  });
});
