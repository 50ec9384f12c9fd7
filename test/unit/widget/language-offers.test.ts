import type { LanguagesResponse } from '@mediasoup-booth/protocol';
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

const responseOf = ({ id, kind, sources, targets }: typeof offline): LanguagesResponse => ({
  engine: { model: id, kind, label: '' },
  sources: [...sources],
  targets: targets.map(({ code, audio, from }) => ({ code, audio, from: [...from], voices: [] })),
  estimate: { note: '' },
  transcriptHours: 0,
});
const embedded = responseOf(offline);
const cloud = responseOf(modelNamed('qwen3-livetranslate-flash-realtime'));

describe('languageOffers', () => {
  it('offers to hear what has a voice and to read what is translated', () => {
    const can = languageOffers(embedded, ['en-US']);
    expect(can.hears).toEqual(['es']);
    expect(can.reads).toEqual([
      { code: 'es', voice: true },
      { code: 'en', voice: false },
    ]);
    expect(languageOffers(cloud, []).hears).not.toContain('ar');
    expect(languageOffers(cloud, []).reads).toContainEqual({ code: 'ar', voice: false });
  });

  it('offers no language that does not exist', () => {
    expect(languageOffers(embedded, ['qqq', 'x-lol']).speaksOnly).not.toContain('qqq');
    expect(defaultChoice(languageOffers(embedded, []), ['x-lol', 'fr']).speaks).toBe('fr');
  });

  it('offers any language to speak, those that the engine does not understand apart', () => {
    const can = languageOffers(embedded, ['tlh', 'en']);
    expect(can.speaks).toEqual(['en']);
    expect(can.speaksOnly).toContain('de');
    expect(can.speaksOnly).toContain('tlh');
    expect(can.speaksOnly).not.toContain('en');
  });
});

describe('the default choice', () => {
  it('speaks the browser’s language and needs no interpreter', () => {
    const first = defaultChoice(languageOffers(embedded, []), ['es-MX', 'en']);
    expect(first).toEqual({ speaks: 'es', hears: 'original', mode: 'off', language: 'es' });
    expect(readsOf(first)).toEqual([]);
  });
});

describe('a stored choice', () => {
  const before: LanguageChoice = { speaks: 'fr', hears: 'fr', mode: 'both', language: 'fr' };

  it('is kept where it is still offered', () => {
    expect(offeredChoice(before, languageOffers(cloud, []))).toEqual(before);
  });

  it('falls back to the original where it is not offered any more', () => {
    expect(offeredChoice(before, languageOffers(embedded, []))).toEqual({
      speaks: 'fr',
      hears: 'original',
      mode: 'original',
      language: 'es',
    });
    expect(offeredChoice({ ...before, mode: 'translation' }, languageOffers(embedded, [])).mode).toBe('off');
  });

  it('is stored, and ignored where what is stored is broken', () => {
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

describe('the languages to read', () => {
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

describe('a room link', () => {
  it('names the room and carries the invite and the proposed languages', () => {
    expect(parseRoomLink('/room/demo', '#invite=a.b.c&hear=es&read=original,es')).toEqual({
      room: 'demo',
      invite: 'a.b.c',
      choice: { hears: 'es', mode: 'both', language: 'es' },
    });
  });

  it('carries the code of a sign-in link', () => {
    expect(parseRoomLink('/room/demo', '#code=a-b_c&hear=es')).toMatchObject({ code: 'a-b_c', invite: undefined });
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

  it('ignores proposals that are no language', () => {
    expect(parseRoomLink('/room/a', '#hear=<b>&read=???&speak=English').choice).toEqual({ mode: 'off' });
  });
});
