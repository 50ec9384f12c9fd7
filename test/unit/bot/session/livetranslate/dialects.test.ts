/** What each generation of models is asked for, and what is refused or downgraded before anything is connected. */
import { describe, expect, it } from 'vitest';
import { clientDialects } from '../../../../../bot/session/livetranslate/dialects.ts';
import { agreedSettings, settingsFor } from '../../../../../bot/session/livetranslate/settings.ts';
import { type SessionOptions, TranslationError } from '../../../../../bot/session/translation-session.ts';
import { models, ScriptedService } from '../../../../support/livetranslate.ts';

type Name = keyof typeof models;

const configured = (name: Name, options: Partial<SessionOptions>): unknown => {
  const model = models[name];
  const settings = settingsFor(model, { source: 'en', target: 'es', audio: true, ...options });
  return JSON.parse(JSON.stringify(clientDialects[model.dialect].session(settings)));
};

const asr = 'qwen3-asr-flash-realtime';
const pcm = { input_audio_format: 'pcm', output_audio_format: 'pcm' };
const es = { language: 'es' };
const audio38 = {
  input: {
    format: { type: 'pcm', sample_rate: 16_000 },
    turn_detection: { type: 'speaker_detection', threshold: 0.5 },
  },
  output: { format: { type: 'pcm', sample_rate: 24_000 } },
};
const both = ['text', 'audio'];
const hotwords = { booth: 'cabina' };
const corpus = { phrases: hotwords };

const shapes: [Name, string, Partial<SessionOptions>, object][] = [
  [
    'lt3',
    'speech',
    {},
    {
      modalities: both,
      voice: 'Cherry',
      ...pcm,
      input_audio_transcription: { model: asr, language: 'en' },
      translation: es,
    },
  ],
  [
    'lt3',
    'text',
    { audio: false },
    { modalities: ['text'], ...pcm, input_audio_transcription: { model: asr, language: 'en' }, translation: es },
  ],
  [
    'lt3',
    'no transcript, but the language',
    { transcript: false, source: 'fr' },
    { modalities: both, voice: 'Cherry', ...pcm, input_audio_transcription: { language: 'fr' }, translation: es },
  ],
  [
    'lt3',
    'hotwords',
    { hotwords },
    {
      modalities: both,
      voice: 'Cherry',
      ...pcm,
      input_audio_transcription: { model: asr, language: 'en' },
      translation: { language: 'es', corpus },
    },
  ],
  [
    'lt3.5',
    'speech',
    {},
    {
      modalities: both,
      voice: 'Tina',
      ...pcm,
      input_audio_transcription: { model: asr, language: 'en' },
      translation: es,
    },
  ],
  [
    'lt3.5',
    'text without transcript',
    { audio: false, transcript: false },
    { modalities: ['text'], ...pcm, input_audio_transcription: { model: null, language: 'en' }, translation: es },
  ],
  [
    'lt3.5',
    'hotwords and a voice',
    { hotwords, voice: 'Ryan' },
    {
      modalities: both,
      voice: 'Ryan',
      ...pcm,
      input_audio_transcription: { model: asr, language: 'en' },
      translation: { language: 'es', corpus },
    },
  ],
  ['lt3.8', 'speech', {}, { output_modalities: both, voice: 'Tina', audio: audio38, translation: es }],
  [
    'lt3.8',
    'text, with a voice all the same',
    { audio: false },
    { output_modalities: ['text'], voice: 'Tina', audio: audio38, translation: es },
  ],
  [
    'lt3.8',
    'no transcript, which it says in any case',
    { transcript: false },
    { output_modalities: both, voice: 'Tina', audio: audio38, translation: es },
  ],
  [
    'lt3.8',
    'hotwords and a voice',
    { hotwords, voice: 'Chloe' },
    { output_modalities: both, voice: 'Chloe', audio: audio38, translation: { language: 'es', corpus } },
  ],
  [
    'offline',
    'speech in the only voice there is',
    {},
    { modalities: both, ...pcm, input_audio_transcription: { model: asr, language: 'en' }, translation: es },
  ],
];

describe('the settings of a session', () => {
  it.each(shapes)('are those of %s: %s', (name, _what, options, expected) => {
    expect(configured(name, options)).toEqual(expected);
  });

  it.each(['lt3', 'lt3.5', 'lt3.8'] as const)('are what the first frame of %s carries', (name) => {
    const service = new ScriptedService({ model: name, hotwords }).ready();
    expect(service.sent[0]).toEqual({
      event_id: 'evt-1',
      type: 'session.update',
      session: configured(name, { hotwords }),
    });
  });

  it('ask for the transcript where nothing else is wanted', () => {
    expect(configured('lt3', { target: 'en', transcript: false })).toMatchObject({
      modalities: ['text'],
      input_audio_transcription: { model: asr },
    });
  });
});

describe('a language that is only written', () => {
  it.each([
    ['lt3', 'ar'],
    ['lt3.5', 'yue'],
    ['lt3.8', 'el'],
  ] as const)('is not asked to be said by %s, and that is told', (name, target) => {
    const service = new ScriptedService({ model: name, target }).ready();
    expect(JSON.stringify(service.sent[0])).toContain('modalities":["text"]');
    expect(service.of('ready')).toEqual([
      { audio: false, downgraded: `${models[name].id} writes "${target}" and does not say it: text only.` },
    ]);
  });

  it('is no downgrade where nobody wanted to hear it', () => {
    expect(new ScriptedService({ target: 'ar', audio: false }).ready().of('ready')).toEqual([{ audio: false }]);
    expect(new ScriptedService({ target: 'en' }).ready().of('ready')).toEqual([{ audio: false }]);
  });
});

describe('a voice', () => {
  const refusal = (name: Name, options: Partial<SessionOptions>): TranslationError => {
    try {
      configured(name, options);
    } catch (error) {
      if (error instanceof TranslationError) return error;
    }
    throw new Error('it was accepted');
  };

  it('that speaks the language is chosen where none is named', () => {
    expect(configured('lt3', { target: 'yue' })).toMatchObject({ voice: 'Kiki' });
    expect(configured('lt3', { target: 'pt-BR' })).toMatchObject({ voice: 'Cherry', translation: { language: 'pt' } });
  });

  it('that a model with a known list does not have is refused, with those that speak the language', () => {
    const error = refusal('lt3', { voice: 'Tina' });
    expect(error).toMatchObject({ class: 'config', code: 'voice' });
    expect(error.message).toBe(`${models.lt3.id} has no voice "Tina". "es" is spoken by Cherry, Nofish.`);
  });

  it('that does not speak the language is refused', () => {
    expect(refusal('lt3', { voice: 'Kiki' }).message).toBe(
      `The voice "Kiki" of ${models.lt3.id} does not speak "es". "es" is spoken by Cherry, Nofish.`,
    );
    expect(configured('lt3', { voice: 'Dylan', target: 'zh' })).toMatchObject({ voice: 'Dylan' });
  });

  it('that a model may have, whose voices are not all known, is left to the model', () => {
    expect(configured('lt3.5', { voice: 'Somebody' })).toMatchObject({ voice: 'Somebody' });
    expect(configured('lt3.8', { voice: 'Somebody' })).toMatchObject({ voice: 'Somebody' });
    expect(configured('offline', { voice: 'Somebody' })).toMatchObject({ voice: 'Somebody' });
  });

  it('does not matter where nobody speaks', () => {
    expect(configured('lt3', { voice: 'Nobody', audio: false })).not.toHaveProperty('voice');
    expect(configured('lt3.8', { voice: 'Nobody', audio: false })).toMatchObject({ voice: 'Tina' });
  });
});

describe('hotwords', () => {
  const refused = (entries: Readonly<Record<string, unknown>>): string => {
    try {
      configured('lt3', { hotwords: entries as Record<string, string> });
    } catch (error) {
      expect(error).toMatchObject({ class: 'config', code: 'hotwords' });
      return (error as TranslationError).message;
    }
    return 'accepted';
  };
  const many = (count: number): Record<string, string> =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`term ${i}`, 'x']));

  it('may be as many as the model takes, and no more', () => {
    expect(refused(many(1000))).toBe('accepted');
    expect(refused(many(1001))).toBe(
      `1001 hotwords are too many: ${models.lt3.id} takes 1000. Leave out the common words.`,
    );
  });

  it.each([
    [{ '': 'x' }, 'A hotword is empty'],
    [{ ' ': 'x' }, 'A hotword is empty'],
    [{ booth: '' }, 'The hotword "booth" has no translation'],
    [{ booth: '  ' }, 'The hotword "booth" has no translation'],
    [{ booth: 5 }, 'The hotword "booth" has no translation'],
    [{ ['b'.repeat(201)]: 'x' }, 'is longer than 200 characters'],
    [{ booth: 'c'.repeat(201) }, 'The hotword "booth" is longer than 200 characters'],
  ])('are refused with the entry that is wrong: %j', (entries, message) => {
    expect(refused({ fine: 'bien', ...entries })).toContain(message);
  });

  it('may have any term, up to 200 characters', () => {
    const odd = JSON.parse(`{"__proto__": "x", "${'b'.repeat(200)}": "${'c'.repeat(200)}"}`) as Record<string, string>;
    const settings = settingsFor(models.lt3, { source: 'en', target: 'es', audio: true, hotwords: odd });
    expect(JSON.stringify(settings.hotwords)).toBe(JSON.stringify(odd));
  });
});

describe('what the service makes of its settings', () => {
  const ready = (session: object, options: ConstructorParameters<typeof ScriptedService>[0] = {}): ScriptedService =>
    new ScriptedService(options).opens().says({ type: 'session.created' }, { type: 'session.updated', session });

  it('is agreed upon where it repeats them, in the shape of either generation', () => {
    const told = { audio: true, voice: 'Cherry' };
    const lt3 = {
      modalities: ['audio', 'text'],
      voice: 'Cherry',
      input_audio_transcription: { model: asr, language: 'en' },
      translation: { language: 'es' },
    };
    expect(ready(lt3).of('ready')).toEqual([told]);
    const lt38 = { output_modalities: both, audio: { output: { voice: 'Tina' } }, translation: { language: 'es' } };
    expect(ready(lt38, { model: 'lt3.8' }).of('ready')).toEqual([{ audio: true, voice: 'Tina' }]);
    expect(ready({}).of('ready')).toEqual([told]);
    expect(ready({ modalities: 5, voice: [] }).of('ready')).toEqual([told]);
  });

  it.each([
    ['no speech', {}, { modalities: ['text'] }, { audio: false }, 'does not speak'],
    [
      'no speech, in the newer shape',
      { model: 'lt3.8' as const },
      { output_modalities: ['text'] },
      { audio: false },
      'does not speak',
    ],
    ['speech unasked', { audio: false }, { modalities: both }, { audio: false }, 'speaks unasked'],
    ['another voice', {}, { voice: 'Nofish' }, { audio: true, voice: 'Nofish' }, 'as "Nofish", not "Cherry"'],
    [
      'another voice, nested',
      { model: 'lt3.8' as const },
      { audio: { output: { voice: 'Chelsie' } } },
      { audio: true, voice: 'Chelsie' },
      'as "Chelsie", not "Tina"',
    ],
    [
      'another target',
      {},
      { translation: { language: 'en' } },
      { audio: true, voice: 'Cherry' },
      'into "en", not "es"',
    ],
    [
      'another source',
      { source: 'fr' },
      { input_audio_transcription: { language: 'en' } },
      { audio: true, voice: 'Cherry' },
      'expects "en" to be spoken, not "fr"',
    ],
    ['no transcript', {}, { input_audio_transcription: null }, { audio: true, voice: 'Cherry' }, 'no transcript'],
    [
      'no model for it',
      {},
      { input_audio_transcription: { model: null } },
      { audio: true, voice: 'Cherry' },
      'no transcript',
    ],
  ])('is told and logged where it is %s', (_what, options, session, agreed, words) => {
    const service = ready(session, options);
    const [told] = service.of('ready');
    expect(told).toEqual({ ...agreed, downgraded: expect.any(String) });
    expect(told?.downgraded).toContain(words);
    expect(service.logged.some((line) => line.includes('"level":40'))).toBe(true);
  });

  it('is no contradiction where no transcript was wanted', () => {
    const service = ready({ input_audio_transcription: { model: null } }, { model: 'lt3.5', transcript: false });
    expect(service.of('ready')).toEqual([{ audio: true, voice: 'Tina' }]);
  });

  it('does not make heard what nobody wanted to hear', () => {
    const service = ready({ modalities: both }, { audio: false }).says(
      { type: 'response.audio.delta', item_id: 't', delta: 'AQA=' },
      { type: 'response.audio.done', item_id: 't' },
    );
    expect(service.of('audio')).toEqual([]);
    expect(service.of('audioEnd')).toEqual([]);
  });

  it('is told once', () => {
    const service = ready({}).says({ type: 'session.updated' });
    expect(service.of('ready')).toHaveLength(1);
  });
});

it('what is agreed names no voice where nobody speaks', () => {
  const settings = settingsFor(models['lt3.8'], { source: 'en', target: 'es', audio: false });
  expect(agreedSettings(settings)).toEqual({ audio: false });
});
