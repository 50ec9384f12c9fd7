import { describe, expect, it } from 'vitest';
import {
  defaultChoice,
  type LanguageChoice,
  languageOffers,
  offeredChoice,
  readsOf,
  understood,
} from '../../../client-widget/meeting/language-offers.ts';
import { parseRoomLink } from '../../../client-widget/meeting/room-link.ts';
import { loadPreferences, savePreferences } from '../../../client-widget/meeting/stored-preferences.ts';
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
    const can = languageOffers(embedded, ['en-US']);
    expect(can.hears).toEqual(['es']);
    expect(can.reads).toEqual([
      { code: 'es', voice: true },
      { code: 'en', voice: false },
    ]);
    expect(languageOffers(cloud, []).hears).not.toContain('ar');
    expect(languageOffers(cloud, []).reads).toContainEqual({ code: 'ar', voice: false });
  });

  it('is no language that does not exist', () => {
    expect(languageOffers(embedded, ['qqq', 'x-lol']).speaksOnly).not.toContain('qqq');
    expect(defaultChoice(languageOffers(embedded, []), ['x-lol', 'fr']).speaks).toBe('fr');
  });

  it('to speak is any language, those apart that the engine does not understand', () => {
    const can = languageOffers(embedded, ['tlh', 'en']);
    expect(can.speaks).toEqual(['en']);
    expect(can.speaksOnly).toContain('de');
    expect(can.speaksOnly).toContain('tlh');
    expect(can.speaksOnly).not.toContain('en');
  });
});

describe('what stands chosen at first', () => {
  it('is the browser’s language to speak, and nothing that brings an interpreter', () => {
    const first = defaultChoice(languageOffers(embedded, []), ['es-MX', 'en']);
    expect(first).toEqual({ speaks: 'es', hears: 'original', mode: 'off', language: 'es' });
    expect(readsOf(first)).toEqual([]);
  });
});

describe('a choice of another day', () => {
  const before: LanguageChoice = { speaks: 'fr', hears: 'fr', mode: 'both', language: 'fr' };

  it('stands where it is still offered', () => {
    expect(offeredChoice(before, languageOffers(cloud, []))).toEqual(before);
  });

  it('gives way to the original where it is not', () => {
    expect(offeredChoice(before, languageOffers(embedded, []))).toEqual({
      speaks: 'fr',
      hears: 'original',
      mode: 'original',
      language: 'es',
    });
    expect(offeredChoice({ ...before, mode: 'translation' }, languageOffers(embedded, [])).mode).toBe('off');
  });

  it('is remembered, and nothing is where what was remembered is broken', () => {
    const kept = new Map<string, string>();
    const storage = {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, text: string) => void kept.set(key, text),
    };
    savePreferences(storage, { name: 'Jane', ...before });
    savePreferences(storage, { camera: true });
    expect(loadPreferences(storage)).toEqual({ name: 'Jane', camera: true, ...before });
    expect(loadPreferences({ getItem: () => '{"mode":"loud","name":7,"hears":"es","toString":1}' })).toEqual({
      hears: 'es',
    });
    expect(loadPreferences({ getItem: () => 'not JSON' })).toEqual({});
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
    expect(parseRoomLink('/room/demo', '#invite=a.b.c&hear=es&read=original,es')).toEqual({
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
    expect(parseRoomLink(path, '').room).toBe(room);
  });

  it.each([
    ['/', undefined],
    ['/room/demo', undefined],
    ['/room/my%20room', 'my room'],
    ['/room/50%', '50%'],
  ])('to %s tells what cannot be a room’s name: %s', (path, misnamed) => {
    expect(parseRoomLink(path, '').misnamed).toBe(misnamed);
  });

  it('proposes nothing that is no language', () => {
    expect(parseRoomLink('/room/a', '#hear=<b>&read=???&speak=English').choice).toEqual({ mode: 'off' });
  });
});
