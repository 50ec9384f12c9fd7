import { describe, expect, it } from 'vitest';
import { type Frame, recorder, ScriptedService } from '../../../../support/livetranslate.ts';
import { speech, transcription } from '../../../../support/livetranslate-sentence.ts';

describe('opening', () => {
  it('configures the session only after session.created, whole', () => {
    const service = new ScriptedService({ source: 'en', target: 'es' });
    service.opens();
    expect(service.sent).toEqual([]);
    service.says({ type: 'session.created', session: { id: 's' } }, { type: 'session.created', session: { id: 's' } });
    expect(service.sent).toMatchObject([
      {
        type: 'session.update',
        session: {
          modalities: ['text', 'audio'],
          voice: 'Cherry',
          input_audio_format: 'pcm',
          output_audio_format: 'pcm',
          input_audio_transcription: { model: 'qwen3-asr-flash-realtime', language: 'en' },
          translation: { language: 'es' },
        },
      },
    ]);
  });

  it.each([
    ['asked for text alone', { target: 'es', audio: false }, { modalities: ['text'], translation: { language: 'es' } }],
    ['the model only writes the language', { target: 'ar' }, { modalities: ['text'], translation: { language: 'ar' } }],
    [
      'a transcript is wanted',
      { source: 'fr', target: 'fr' },
      { modalities: ['text'], translation: { language: 'fr' } },
    ],
    ['Cantonese needs its own voice', { target: 'yue' }, { modalities: ['text', 'audio'], voice: 'Kiki' }],
    ['a voice is asked for', { voice: 'Nofish' }, { voice: 'Nofish' }],
    ['the model knows no regions', { target: 'pt-BR' }, { translation: { language: 'pt' } }],
  ])('asks for what fits where %s', (_why, session, expected) => {
    const service = new ScriptedService(session).ready();
    expect(service.sent[0]?.session).toMatchObject(expected);
    expect(Object.keys(service.sent[0]?.session ?? {})).toContain('input_audio_transcription');
  });

  it('names no voice where none will speak', () => {
    const service = new ScriptedService({ audio: false, voice: 'Cherry' }).ready();
    expect(service.sent[0]?.session).not.toHaveProperty('voice');
  });

  it('asks the offline engine for no voice by name', () => {
    const service = new ScriptedService({ model: 'offline', target: 'es' }).ready();
    expect(service.sent[0]?.session).not.toHaveProperty('voice');
  });

  it('keeps speech until the settings are accepted, then sends it in order', () => {
    const service = new ScriptedService();
    service.client.send(speech(100, 1));
    service.opens().says({ type: 'session.created' });
    service.client.send(speech(100, 2));
    expect(service.sentTypes()).toEqual(['session.update']);
    service.says({ type: 'session.updated' });
    expect(service.sentAudio().map((chunk) => chunk[0])).toEqual([1, 2]);
  });

  it('keeps at most 20 s of it, the newest, and counts the rest', () => {
    const service = new ScriptedService();
    for (let second = 0; second < 25; second++) service.client.send(speech(1000, second));
    service.ready();
    expect(service.sentAudio()).toHaveLength(200);
    expect(service.sentAudio()[0]?.[0]).toBe(5);
    expect(service.client.counters.droppedMs).toBe(5000);
  });

  it('gives up on a connection after 10 s', () => {
    const service = new ScriptedService();
    service.clock.advance(9999);
    expect(service.recorded).toEqual([]);
    service.clock.advance(1);
    expect(service.of('closed')).toMatchObject([{ class: 'transient', code: 'timeout' }]);
  });

  it('gives up on settings that are neither accepted nor refused after 10 s', () => {
    const service = new ScriptedService();
    service.clock.advance(8000);
    service.opens().says({ type: 'session.created' });
    service.clock.advance(9999);
    expect(service.recorded).toEqual([]);
    service.clock.advance(1);
    expect(service.of('closed')).toMatchObject([{ class: 'transient', code: 'timeout' }]);
  });

  it('fails with what the service says about the settings', () => {
    const service = new ScriptedService({ model: 'offline', source: 'de' });
    service.opens().says(
      { type: 'session.created' },
      {
        type: 'error',
        error: {
          type: 'invalid_request_error',
          code: 'invalid_value',
          message: 'Understands: en.',
          param: 'session.input_audio_transcription.language',
        },
      },
    );
    const [error] = service.of('closed');
    expect(error).toMatchObject({ class: 'config', code: 'invalid_value' });
    expect(error?.message).toContain('Understands: en.');
    expect(error?.message).toContain('session.input_audio_transcription.language');
    expect(service.closes).toBe(1);
  });
});

describe('speech', () => {
  it('leaves in chunks of 100 ms of little-endian samples; a rest waits for more', () => {
    const service = new ScriptedService().ready();
    service.client.send(Int16Array.from({ length: 1000 }, (_, i) => i));
    expect(service.sentAudio()).toEqual([]);
    service.client.send(Int16Array.from({ length: 1000 }, (_, i) => 1000 + i));
    expect(service.sentAudio()).toEqual([Int16Array.from({ length: 1600 }, (_, i) => i)]);
    expect(service.sent[1]).toMatchObject({ type: 'input_audio_buffer.append' });
    expect(String(service.sent[1]?.audio)).toHaveLength(4268);
  });

  it('may come in long pieces', () => {
    const service = new ScriptedService().ready();
    service.client.send(speech(5000));
    expect(service.sentAudio()).toHaveLength(50);
    expect(service.client.counters.droppedMs).toBe(0);
  });

  it('is not queued for seconds before a network that stalls: the oldest gives way', () => {
    const service = new ScriptedService().ready();
    service.bufferedBytes = 100_000;
    for (let i = 0; i < 50; i++) service.client.send(speech(100, i));
    expect(service.sentAudio()).toEqual([]);
    service.drains();
    expect(service.sentAudio().map((chunk) => chunk[0])).toEqual(Array.from({ length: 20 }, (_, i) => 30 + i));
    expect(service.client.counters.droppedMs).toBe(3000);
  });

  it('from before the session was ready survives a network that takes it slowly', () => {
    const service = new ScriptedService();
    for (let i = 0; i < 150; i++) service.client.send(speech(100, i));
    service.bufferedBytes = 100_000;
    service.ready();
    service.client.send(speech(100, 150));
    service.drains();
    // One comes, one goes.
    expect(service.sentAudio().map((chunk) => chunk[0])).toEqual(Array.from({ length: 150 }, (_, i) => i + 1));
    expect(service.client.counters.droppedMs).toBe(100);
  });

  it('is not taken any more after finish or close', () => {
    const service = new ScriptedService().ready();
    void service.client.finish();
    service.client.send(speech(100));
    service.client.close();
    service.client.send(speech(100));
    expect(service.sentAudio()).toEqual([]);
  });
});

describe('the key', () => {
  const key = 'sk-very-secret';
  const said = (service: ScriptedService): string =>
    JSON.stringify([service.sent, service.logged, service.recorded]) +
    [...service.of('closed'), ...service.of('contentFiltered')]
      .map((error) => `${error?.message} ${error?.code}`)
      .join();
  /** A service that repeats it wherever it can. */
  const echoes: Frame[] = [
    { type: `odd.${key}`, event_id: key },
    {
      type: 'error',
      error: { type: 'invalid_request_error', code: 'invalid_value', message: `with ${key}`, param: key },
    },
    { type: 'error', error: { code: 'DataInspectionFailed', message: `Bearer ${key}` } },
    { type: `${transcription}.failed`, item_id: 's', error: { code: `asr ${key}`, message: key, param: key } },
    { type: 'response.done', response: { id: 'r', status: 'failed', error: { code: key, message: key } } },
  ];

  it('is in no frame, log, event or error, wherever the service repeats it', () => {
    for (const model of ['lt3', 'lt3.5', 'lt3.8'] as const) {
      const service = new ScriptedService({ key, model }).opens().says(
        { type: 'session.created', session: { id: key, voice: key } },
        {
          type: 'session.updated',
          session: {
            voice: key,
            translation: { language: key },
            input_audio_transcription: { model: key, language: key },
          },
        },
      );
      service.client.send(speech(100));
      service.says(...echoes).ends({ type: 'closed', code: 1011, reason: `Incorrect API key provided: ${key}` });
      expect(service.of('ready')).toHaveLength(1);
      expect(service.of('contentFiltered')).toHaveLength(1);
      expect(service.logged.length).toBeGreaterThan(5);
      expect(said(service)).not.toContain(key);
    }
  });

  it('is not even begun, where the service cuts its text off in the middle', () => {
    const service = new ScriptedService({ key }).ready();
    service.ends({ type: 'closed', code: 1008, reason: 'Incorrect API key provided: sk-very-sec' });
    expect(service.of('closed')[0]?.message).toContain('Incorrect API key provided: [key].');
    expect(said(service)).not.toContain('sk-ver');
  });
});

it('keeps the ready listener’s mistake to itself: speech still flows', () => {
  const { events } = recorder();
  const service = new ScriptedService({
    events: {
      ...events,
      ready: () => {
        throw new Error('a listener of its own');
      },
    },
  });
  service.client.send(speech(100));
  service.ready();
  expect(service.sentAudio()).toHaveLength(1);
});
