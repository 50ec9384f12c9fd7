import { describe, expect, it } from 'vitest';
import type { BoothOptions } from '../../../../bot/booth-options.ts';
import { type Engine, liveTranslate } from '../../../../bot/engine.ts';
import { Booth } from '../../../../bot/in-process/booth.ts';
import { boothSettings, checkHost, languagesIn, roomLanguages } from '../../../../bot/in-process/booth-settings.ts';
import type { RoomHost } from '../../../../bot/in-process/room-options.ts';

const engine = liveTranslate({ key: 'sk-any' });
/** As far as a room that fails looks at it. */
const router = { createDirectTransport() {}, observer: {} } as never;
const elsewhere = { ...engine, url: 'wss://translate.example.org' };

describe('liveTranslate', () => {
  it('is the service of a region, or at an address', () => {
    expect(engine).toMatchObject({
      url: 'wss://dashscope-intl.aliyuncs.com/api-ws/v1/realtime',
      model: 'qwen3-livetranslate-flash-realtime',
      key: 'sk-any',
    });
    expect(liveTranslate({ key: 'sk-any', region: 'mainland' }).url).toContain('//dashscope.aliyuncs.com/');
    expect(liveTranslate({ key: 'sk-any', url: 'wss://a.example' }).url).toBe('wss://a.example');
  });

  it.each<[string, object]>([
    ['no key', { key: undefined }],
    ['the name of an option that it does not have', { key: 'sk-any', apiKey: 'sk-any' }],
    ['an empty key', { key: '' }],
    ['a key with a blank', { key: 'sk any' }],
    ['an unknown region', { key: 'sk-any', region: 'moon' }],
    ['an address of something else', { key: 'sk-any', url: 'https://a.example' }],
  ])('refuses %s', (_, options) => {
    expect(() => liveTranslate(options as never)).toThrow(expect.objectContaining({ code: 'invalid' }));
  });
});

describe("a host's own room", () => {
  class Room {
    offers: unknown;
    offer() {}
    withdraw() {}
    end() {}
  }

  it('may have anything that is not read', () => {
    for (const host of [new Room(), {}, { name: 'hall', send() {}, state: 5, sends: 'mail' }])
      expect(() => checkHost(host as RoomHost)).not.toThrow();
  });

  it.each<[string, unknown, string]>([
    ['an offer that is no method', { offer: 5 }, '{ offer }'],
    ['a send that is no method', { send: 'caption' }, '{ send }'],
    ['a slip of the pen', { ofer() {} }, 'called offer'],
    [
      'one in a class',
      new (class extends Room {
        override offer = undefined as never;
        offerr() {}
      })(),
      'called offer',
    ],
    ['a letter of another case', { withDraw() {} }, 'called withdraw'],
    ['no object', 'room', 'an object'],
  ])('has not %s', (_, host, what) => {
    expect(() => checkHost(host as RoomHost)).toThrow(
      expect.objectContaining({ code: 'invalid', message: expect.stringContaining(what) }),
    );
  });
});

describe('the settings of a Booth', () => {
  it.each<[string, Partial<BoothOptions> | undefined, string]>([
    ['no options', undefined, 'engine is missing'],
    ['no engine', { engine: undefined as never }, 'engine is missing'],
    [
      'an address that is none',
      { engine: { ...elsewhere, settingNames: undefined, url: 'here' } as never },
      'engine.url: "here"',
    ],
    ['no model', { engine: { ...engine, model: '' } }, 'the model of liveTranslate({ model })'],
    ['a key with a blank', { engine: { ...engine, key: 'sk any' } }, 'the key of liveTranslate({ key })'],
    ['an unknown picture mode', { pictures: 'on' as never }, 'pictures'],
    ['languages as a text', { languages: 'es' as never }, 'languages'],
    ['other tracks', { playout: { tracks: 'stereo' as never } }, 'playout.tracks'],
    ['a lag that is too short', { playout: { maxLagMs: 100 } }, 'playout.maxLagMs'],
    ['a budget of nothing', { budget: { tokens: 0 } }, 'budget.tokens'],
    ['a budget that is a text', { budget: { money: '5' as never } }, 'budget.money'],
    ['money where prices are not known', { engine: elsewhere, budget: { money: 5 } }, 'budget.money'],
    ['no connections', { limits: { connectionsPerMinute: 0 } }, 'limits.connectionsPerMinute'],
    ['a part of a connection', { limits: { connectionsPerMinute: 1.5 } }, 'limits.connectionsPerMinute'],
    ['no sessions', { limits: { maxSessions: 0 } }, 'limits.maxSessions'],
    [
      'more sessions than can be held',
      { limits: { maxSessions: 5000 } },
      'limits.maxSessions: a whole number from 1 to',
    ],
    ['a log that is none', { log: {} as never }, 'log'],
    ['an option of another name', { picture: 'off' } as never, 'new Booth() has no option "picture"'],
    ['a budget with another name', { budget: { dollars: 5 } as never }, 'budget has no option "dollars"'],
    ['limits with another name', { limits: { sessions: 5 } as never }, 'limits has no option "sessions"'],
    ['playout with another name', { playout: { maxLag: 5 } as never }, 'playout has no option "maxLag"'],
  ])('refuse %s', (_, options, what) => {
    const all = options && ({ engine, ...options } as BoothOptions);
    expect(() => new Booth(all as BoothOptions)).toThrow(
      expect.objectContaining({ name: 'BoothError', code: 'invalid', message: expect.stringContaining(what) }),
    );
  });

  it('are refused with a room, and said in the log, where the engine is a promise', async () => {
    const lines: string[] = [];
    const log = { ...console, error: (_: object, message: string) => lines.push(message) };
    const booth = new Booth({ engine: Promise.reject(new Error('no voice here')), log });
    expect(() => booth.languages()).toThrow(
      expect.objectContaining({ name: 'BoothError', code: 'engineStarting', retryable: true }),
    );
    await expect(booth.interpret(router)).rejects.toThrow('no voice here');
    expect(lines).toEqual(['no room can be interpreted']);
    const wrong = new Booth({ engine: Promise.resolve({ ...engine, model: '' }), log });
    await expect(wrong.interpret(router)).rejects.toMatchObject({ code: 'invalid' });
    // A log that is none could not be told.
    expect(() => new Booth({ engine: Promise.resolve(engine), log: {} as never })).toThrow('log: needs the methods');
  });

  it('wait for an engine that is a promise, which is closed with the Booth', async () => {
    let closed = 0;
    const started = Promise.withResolvers<Engine>();
    const booth = new Booth({ engine: started.promise });
    await booth.close();
    started.resolve({ ...engine, close: async () => void closed++ });
    await expect.poll(() => closed).toBe(1);
    expect(booth.languages().targets.length).toBeGreaterThan(0);
  });

  it('have a budget, unless it is said that there is none', () => {
    const budgetOf = (budget: BoothOptions['budget']) =>
      boothSettings({ engine, ...(budget && { budget }) }).thread.budget;
    expect(budgetOf(undefined)).toEqual({ dailyMoney: 0, dailyTokens: 400_000, onExceeded: 'captions' });
    expect(budgetOf({ money: 5, onExceeded: 'stop' })).toEqual({ dailyMoney: 5, dailyTokens: 0, onExceeded: 'stop' });
    expect(budgetOf({ tokens: Number.POSITIVE_INFINITY })).toMatchObject({ dailyTokens: 0 });
  });

  it('allow what the account allows, in a minute and at the same time', () => {
    const { room, thread } = boothSettings({ engine, limits: { connectionsPerMinute: 120, maxSessions: 200 } });
    expect(thread.limits).toEqual({ connectionsPerMinute: 120, tokensPerMinute: 100_000 });
    expect(room.maxSessions).toBe(200);
    expect(boothSettings({ engine }).room.maxSessions).toBe(64);
  });

  it('refuse a language into which the engine does not translate', () => {
    expect(() => new Booth({ engine, languages: ['es', 'xx'] })).toThrow(
      expect.objectContaining({ code: 'languageNotServed', message: expect.stringContaining('"xx"') }),
    );
  });

  it('limit the languages of a room to those of the Booth', () => {
    const settings = boothSettings({ engine, languages: ['es', 'fr-FR'] });
    expect(roomLanguages({}, settings)).toEqual(['es', 'fr']);
    expect(roomLanguages({ languages: ['fr', 'de'] }, settings)).toEqual(['fr']);
    expect(languagesIn(settings, ['fr']).targets.map(({ code }) => code)).toEqual(['fr']);
    expect(() => roomLanguages({ languages: new Map() as never }, settings)).toThrow(
      expect.objectContaining({ code: 'invalid' }),
    );
  });
});

describe('a Booth without rooms', () => {
  it('starts nothing, and tells languages, usage and statistics', async () => {
    await using booth = new Booth({ engine });
    expect(booth.languages().sources).toContain('en');
    expect(booth.usage()).toMatchObject({ total: { tokens: 0, money: 0 }, rooms: [] });
    expect(booth.stats()).toMatchObject({ rooms: 0, running: false, starts: 0 });
    await expect(booth.interpret({} as never)).rejects.toMatchObject({ code: 'invalid' });
  });
});
