import { describe, expect, it } from 'vitest';
import { append, base64, jpeg, update, WireBench } from '../../../bench/support/scripted-backend.ts';

const started = (session?: object): WireBench => {
  const bench = new WireBench().says(update(session), append([1, 2, 3]));
  bench.news();
  return bench;
};

describe('the beginning of a session', () => {
  it('greets with session.created before anything was said, and tells the defaults', () => {
    expect(new WireBench().frames).toEqual([
      {
        event_id: 'event_1',
        type: 'session.created',
        session: {
          id: 'sess_1',
          object: 'realtime.session',
          model: 'some-model',
          modalities: ['text', 'audio'],
          voice: 'Cherry',
          input_audio_format: 'pcm16',
          output_audio_format: 'pcm24',
          input_audio_transcription: { language: 'en' },
          translation: { language: 'en' },
        },
      },
    ]);
  });

  it('answers session.update with the values in effect', () => {
    const bench = new WireBench().says(update({ modalities: ['text'] }));
    expect(bench.news().at(-1)).toEqual({
      type: 'session.updated',
      session: expect.objectContaining({
        id: 'sess_1',
        modalities: ['text'],
        voice: 'scripted',
        input_audio_transcription: { model: 'qwen3-asr-flash-realtime', language: 'en' },
        translation: { language: 'es' },
      }),
    });
  });

  it('opens the engine at the first audio, with what was agreed', () => {
    const bench = new WireBench().says(update({ translation: { language: 'fr' } }));
    expect(bench.backend.opened).toEqual([]);
    bench.says(append([5, -5]), append([7]));
    expect(bench.backend.opened).toEqual([
      expect.objectContaining({ source: 'en', target: 'fr', audio: true, voice: 'scripted' }),
    ]);
    expect(bench.backend.heard.map((samples) => [...samples])).toEqual([[5, -5], [7]]);
  });

  it('takes the defaults where audio comes before any settings', () => {
    const bench = new WireBench().says(append([1]));
    expect(bench.backend.opened).toEqual([expect.objectContaining({ source: 'en', target: 'en' })]);
  });

  it('follows the order of the vendor’s sample: settings, audio and pictures at once, nothing read', () => {
    const bench = new WireBench().says(
      { event_id: 'event_1700000000000', ...update({ input_audio_transcription: undefined }) },
      append(new Int16Array(1600)),
      { event_id: 'event_1700000000001', type: 'input_image_buffer.append', image: jpeg() },
      append(new Int16Array(1600)),
    );
    expect(bench.types).toEqual(['session.created', 'session.updated']);
    expect(bench.backend.heard).toHaveLength(2);
    expect(bench.backend.images).toHaveLength(1);
  });

  it('passes over fields of later model generations', () => {
    const bench = new WireBench().says(
      update({ turn_detection: null, sample_rate: 16_000, enable_voice_clone: false }),
    );
    expect(bench.types).toEqual(['session.created', 'session.updated']);
  });
});

describe('an utterance', () => {
  it('is answered in the vendor’s order, text and voice interleaved', () => {
    const bench = started();
    const { output } = bench.backend;
    output.speechStarted(120.4);
    const utterance = output.utterance();
    utterance.source('', 'You have');
    utterance.source('You have been', ' removed');
    output.speechStopped(2000);
    utterance.sourceDone('You have been removed.');
    const response = utterance.response();
    response.text('Has sido', ' sacado');
    response.audio(Int16Array.of(1, 2));
    response.text('Has sido sacado.', '');
    response.audio(Int16Array.of(3));
    response.done('Has sido sacado.');

    const place = { response_id: 'resp_1', item_id: 'item_2', output_index: 0, content_index: 0 };
    const item = { id: 'item_2', object: 'realtime.item', type: 'message', role: 'assistant' };
    const envelope = {
      id: 'resp_1',
      object: 'realtime.response',
      conversation_id: 'conv_1',
      modalities: ['text', 'audio'],
      voice: 'scripted',
      output_audio_format: 'pcm24',
    };
    const source = { item_id: 'item_1', content_index: 0, language: 'en' };
    expect(bench.news()).toEqual([
      { type: 'input_audio_buffer.speech_started', audio_start_ms: 120 },
      { type: 'conversation.item.input_audio_transcription.text', ...source, text: '', stash: 'You have' },
      { type: 'conversation.item.input_audio_transcription.text', ...source, text: 'You have been', stash: ' removed' },
      { type: 'input_audio_buffer.speech_stopped', audio_end_ms: 2000 },
      {
        type: 'conversation.item.input_audio_transcription.completed',
        ...source,
        transcript: 'You have been removed.',
      },
      {
        type: 'conversation.item.created',
        previous_item_id: 'item_1',
        item: { ...item, status: 'in_progress', content: [] },
      },
      { type: 'response.created', response: { ...envelope, status: 'in_progress', output: [] } },
      {
        type: 'response.output_item.added',
        response_id: 'resp_1',
        output_index: 0,
        item: { ...item, status: 'in_progress', content: [] },
      },
      { type: 'response.content_part.added', ...place, part: { type: 'audio', text: '' } },
      { type: 'response.audio_transcript.text', ...place, text: 'Has sido', stash: ' sacado' },
      { type: 'response.audio.delta', ...place, delta: 'AQACAA==' },
      { type: 'response.audio_transcript.text', ...place, text: 'Has sido sacado.', stash: '' },
      { type: 'response.audio.delta', ...place, delta: 'AwA=' },
      { type: 'response.audio_transcript.done', ...place, transcript: 'Has sido sacado.' },
      { type: 'response.audio.done', ...place },
      { type: 'response.content_part.done', ...place, part: { type: 'audio', text: 'Has sido sacado.' } },
      {
        type: 'response.output_item.done',
        response_id: 'resp_1',
        output_index: 0,
        item: { ...item, status: 'completed', content: [{ type: 'audio', text: 'Has sido sacado.' }] },
      },
      {
        type: 'response.done',
        response: {
          ...envelope,
          status: 'completed',
          output: [{ ...item, status: 'completed', content: [{ type: 'audio', transcript: 'Has sido sacado.' }] }],
          usage: expect.objectContaining({ total_tokens: expect.any(Number) }),
        },
      },
    ]);
  });

  it('has text events of its own where no voice is wanted, and no voice', () => {
    const bench = started({ modalities: ['text'] });
    const response = bench.backend.utterance().response();
    response.text('Hola', '');
    response.audio(Int16Array.of(1));
    response.done('Hola.');
    const frames = bench.news();
    expect(frames.map(({ type }) => type)).toEqual([
      'conversation.item.created',
      'response.created',
      'response.output_item.added',
      'response.content_part.added',
      'response.text.text',
      'response.text.done',
      'response.content_part.done',
      'response.output_item.done',
      'response.done',
    ]);
    expect(frames[5]).toMatchObject({ text: 'Hola.' });
    expect(frames[8]).toMatchObject({ response: { output: [{ content: [{ type: 'text', text: 'Hola.' }] }] } });
  });

  it('has no transcript unless one was asked for, and then nothing to pair with', () => {
    const bench = started({ input_audio_transcription: { language: 'en' } });
    const utterance = bench.backend.utterance();
    utterance.source('Hello', '');
    utterance.sourceDone('Hello.');
    utterance.response();
    expect(bench.news()[0]).toMatchObject({ type: 'conversation.item.created', previous_item_id: null });
  });

  it('is its transcript where the target is the language spoken, asked for or not', () => {
    const bench = started({ input_audio_transcription: undefined, translation: { language: 'en' } });
    const utterance = bench.backend.utterance();
    utterance.source('Hello', '');
    utterance.sourceDone('Hello.');
    expect(bench.types).toEqual([
      'conversation.item.input_audio_transcription.text',
      'conversation.item.input_audio_transcription.completed',
    ]);
  });

  it('says nothing after its end', () => {
    const bench = started();
    const utterance = bench.backend.utterance();
    const response = utterance.response();
    utterance.sourceDone('Hello.');
    response.done('Hola.');
    bench.news();
    utterance.source('Hello', ' again');
    utterance.sourceDone('Hello again.');
    utterance.sourceFailed('too late');
    response.text('Hola', '');
    response.audio(Int16Array.of(1));
    response.done('Hola.');
    response.failed('too late');
    expect(bench.news()).toEqual([]);
  });

  it('is paired with its own transcript where another was said meanwhile', () => {
    const bench = started();
    const first = bench.backend.utterance();
    first.sourceDone('One.');
    const second = bench.backend.utterance();
    second.sourceDone('Two.');
    first.response();
    second.response();
    const items = bench.news().filter(({ type }) => type === 'conversation.item.created');
    expect(items).toMatchObject([{ previous_item_id: 'item_1' }, { previous_item_id: 'item_2' }]);
  });

  it('that could not be translated as a whole ends as failed, with what was said of it', () => {
    const bench = started();
    const response = bench.backend.utterance().response();
    response.text('Hola', ' a');
    response.failed('The voice failed.');
    const frames = bench.news();
    expect(frames.find(({ type }) => type === 'response.audio_transcript.done')).toMatchObject({
      transcript: 'Hola a',
    });
    expect(frames.at(-1)).toMatchObject({
      type: 'response.done',
      response: {
        status: 'failed',
        status_details: { error: { message: 'The voice failed.' } },
        output: [{ status: 'incomplete' }],
      },
    });
  });

  it('that was not understood says so', () => {
    const bench = started();
    bench.backend.utterance().sourceFailed('The recogniser failed.');
    expect(bench.news()).toEqual([
      {
        type: 'conversation.item.input_audio_transcription.failed',
        item_id: 'item_1',
        content_index: 0,
        error: { code: 'transcription_failed', message: 'The recogniser failed.' },
      },
    ]);
  });

  it('sends long speech in frames of a fifth of a second', () => {
    const bench = started();
    const response = bench.backend.utterance().response();
    bench.news();
    const samples = Int16Array.from({ length: 10_000 }, (_, i) => i);
    response.audio(samples);
    const deltas = bench.news().map(({ delta }) => String(delta));
    expect(deltas).toEqual([
      base64(samples.subarray(0, 4800)),
      base64(samples.subarray(4800, 9600)),
      base64(samples.subarray(9600)),
    ]);
  });
});

describe('what it costs', () => {
  const usage = (bench: WireBench) =>
    bench
      .news()
      .filter(({ type }) => type === 'response.done')
      .map((frame) => (frame.response as { usage: unknown }).usage);

  it('is 12.5 tokens for a second of audio either way, and the transcript is text that comes out', () => {
    const bench = new WireBench().says(update(), append(new Int16Array(32_000)));
    const utterance = bench.backend.utterance();
    utterance.sourceDone('Eight ch');
    const response = utterance.response();
    response.audio(new Int16Array(24_000));
    response.done('Four');
    expect(usage(bench)).toEqual([
      {
        total_tokens: 41,
        input_tokens: 25,
        output_tokens: 16,
        input_tokens_details: { text_tokens: 0, audio_tokens: 25 },
        output_tokens_details: { text_tokens: 3, audio_tokens: 13 },
      },
    ]);
  });

  it('is counted once for audio that several responses share', () => {
    const bench = new WireBench().says(update(), append(new Int16Array(16_000)));
    bench.backend.utterance().response().done('');
    bench.backend.utterance().response().done('');
    bench.says(append(new Int16Array(16_000)));
    bench.backend.utterance().response().done('');
    expect(usage(bench)).toMatchObject([{ input_tokens: 13 }, { input_tokens: 0 }, { input_tokens: 12 }]);
  });
});

describe('a message that cannot be followed', () => {
  const audio = base64(Int16Array.of(1));
  const cases: [what: string, message: object | string, code: string, param: string | undefined][] = [
    ['no JSON', '{', 'invalid_json', undefined],
    ['JSON that is no object', '[1]', 'invalid_json', undefined],
    ['null', 'null', 'invalid_json', undefined],
    ['no type', {}, 'invalid_value', 'type'],
    ['an unknown type', { type: 'session.start' }, 'invalid_value', 'type'],
    ['a commit, which this model does by itself', { type: 'input_audio_buffer.commit' }, 'invalid_value', 'type'],
    ['a response asked for, likewise', { type: 'response.create' }, 'invalid_value', 'type'],
    ['voice alone', update({ modalities: ['audio'] }), 'invalid_value', 'session.modalities'],
    ['an unknown modality', update({ modalities: ['text', 'video'] }), 'invalid_value', 'session.modalities.1'],
    ['no target', update({ translation: {} }), 'invalid_value', 'session.translation.language'],
    ['no translation', update({ translation: undefined }), 'invalid_value', 'session.translation'],
    ['no session', { type: 'session.update' }, 'invalid_value', 'session'],
    [
      'a language that cannot be one',
      update({ translation: { language: 'Spanish!' } }),
      'invalid_value',
      'session.translation.language',
    ],
    ['an audio format', update({ input_audio_format: 'opus' }), 'invalid_value', 'session.input_audio_format'],
    ['no audio', { type: 'input_audio_buffer.append' }, 'invalid_value', 'audio'],
    ['audio that is not base64', { type: 'input_audio_buffer.append', audio: 'a b' }, 'invalid_value', 'audio'],
    ['half a sample', { type: 'input_audio_buffer.append', audio: 'AAAA' }, 'invalid_value', 'audio'],
    ['a picture before any audio', { type: 'input_image_buffer.append', image: jpeg() }, 'invalid_value', 'image'],
    ['a picture that is no JPEG', { type: 'input_image_buffer.append', image: audio }, 'invalid_value', 'image'],
    [
      'a picture that is too large',
      { type: 'input_image_buffer.append', image: jpeg(500_001) },
      'invalid_value',
      'image',
    ],
    ['too large a message', `"${'x'.repeat(1_048_576)}"`, 'message_too_large', undefined],
  ];

  it.each(cases)('is refused: %s', (_, message, code, param) => {
    const bench = new WireBench().says(update());
    bench.news();
    bench.says(message);
    expect(bench.news()).toEqual([
      {
        type: 'error',
        error: {
          type: 'invalid_request_error',
          code,
          message: expect.stringMatching(/\w/),
          ...(param !== undefined && { param }),
        },
      },
    ]);
    bench.says(append([1]));
    expect(bench.backend.heard).toHaveLength(1);
    expect(bench.closed).toEqual([]);
  });

  it('is refused: a binary frame', () => {
    const bench = new WireBench();
    bench.session.receiveBinary();
    expect(bench.news().at(-1)).toMatchObject({ type: 'error', error: { code: 'invalid_json' } });
  });

  it('tells which modalities there are', () => {
    const [, error] = new WireBench().says(update({ modalities: ['audio'] })).news();
    expect(error).toMatchObject({ error: { message: expect.stringContaining(`['text'] and ['audio', 'text']`) } });
  });

  it('is refused by the engine in words that name what it can do, and leaves the settings as they were', () => {
    const bench = new WireBench();
    bench.backend.refusal = { refused: 'Only English to Spanish.', param: 'session.translation.language' };
    bench.says(update());
    expect(bench.news().at(-1)).toEqual({
      type: 'error',
      error: {
        type: 'invalid_request_error',
        code: 'invalid_value',
        message: 'Only English to Spanish.',
        param: 'session.translation.language',
      },
    });
    bench.backend.refusal = undefined;
    expect(bench.says(update()).news()).toMatchObject([{ type: 'session.updated' }]);
  });

  it('costs the session where the engine says so: closed with the reason, and without another word', () => {
    const bench = new WireBench();
    const fatal = { code: 1011, reason: 'No such voice.' };
    bench.backend.refusal = { refused: 'No such voice.', param: 'session.voice', fatal };
    bench.says(update(), update());
    expect([bench.types, bench.closed]).toEqual([['session.created'], [[1011, 'No such voice.']]]);
  });

  it('is refused: other settings once there was audio', () => {
    const bench = started();
    bench.says(update({ translation: { language: 'en' } }));
    expect(bench.news()).toMatchObject([{ type: 'error', error: { param: 'session' } }]);
  });

  it('is told how far the engine is behind, at most twice a second, and when it has caught up', () => {
    const bench = started();
    const hears = (waitingMs: number) => {
      bench.backend.waitingMs = waitingMs;
      return bench.says(append([1])).news();
    };
    const backlog = (waiting_ms: number) => [{ type: 'input_audio_buffer.backlog', waiting_ms }];
    expect(hears(900)).toEqual([]);
    expect(hears(1100)).toMatchObject(backlog(1100));
    expect(hears(2000)).toEqual([]);
    bench.clock.advance(500);
    expect(hears(300)).toMatchObject(backlog(300));
    bench.backend.waitingMs = 0;
    bench.backend.output.progressed();
    expect(bench.news()).toMatchObject(backlog(0));
    bench.backend.output.progressed();
    expect(bench.news()).toEqual([]);
  });

  it('is told once for as long as audio comes too fast, and again when it happens again', () => {
    const bench = started();
    bench.backend.keepsUp = false;
    bench.says(append([1]), append([2]), append([3]));
    bench.backend.keepsUp = true;
    bench.says(append([4]));
    bench.backend.keepsUp = false;
    bench.says(append([5]));
    const lost = { type: 'error', error: { code: 'audio_backlog_full' } };
    expect(bench.news()).toMatchObject([lost, lost]);
  });
});

describe('an engine that fails', () => {
  it('is told as the server’s fault, and the session lives on', () => {
    const bench = new WireBench().says(update());
    bench.backend.failure = new Error('secret details');
    bench.news();
    const frames = bench.says(append([1])).news();
    expect(frames).toMatchObject([{ type: 'error', error: { type: 'server_error' } }]);
    expect(JSON.stringify(frames)).not.toContain('secret');
    bench.backend.failure = undefined;
    expect(bench.says(append([1])).news()).toEqual([]);
    expect(bench.backend.heard).toHaveLength(1);
  });
});

describe('the end of a session', () => {
  const settled = () => new Promise((resolve) => setImmediate(resolve));

  it('comes at once where nothing was said', async () => {
    const bench = new WireBench().says({ type: 'session.finish' });
    await settled();
    expect(bench.types).toEqual(['session.created', 'session.finished']);
  });

  it('waits for what was said to be answered', async () => {
    const bench = started().says({ type: 'session.finish' });
    expect(bench.backend.finishing).toBe(true);
    const utterance = bench.backend.utterance();
    utterance.sourceDone('Hello.');
    utterance.response().done('Hola.');
    await settled();
    expect(bench.types.at(-1)).toBe('response.done');
    bench.backend.finishes();
    await settled();
    expect(bench.types.at(-1)).toBe('session.finished');
  });

  it('says nothing after session.finished, and lets the engine go', async () => {
    const bench = started().says({ type: 'session.finish' });
    bench.backend.finishes();
    await settled();
    bench.news();
    bench.backend.utterance().sourceDone('Late.');
    bench.says({ type: 'unknown' });
    expect(bench.news()).toEqual([]);
    expect(bench.backend.closes).toBe(1);
  });

  it('refuses audio that comes after it was asked for', () => {
    const bench = started().says({ type: 'session.finish' }, append([9]));
    expect(bench.news()).toMatchObject([{ type: 'error', error: { param: 'type' } }]);
    expect(bench.backend.heard).toHaveLength(1);
  });

  it('comes after 60 s from an engine that does not end', () => {
    const bench = started().says({ type: 'session.finish' });
    bench.clock.advance(59_999);
    expect(bench.types).toEqual([]);
    bench.clock.advance(1);
    expect(bench.types).toEqual(['session.finished']);
  });

  it('comes also where the engine fails at it, after telling so', async () => {
    const bench = started().says({ type: 'session.finish' });
    bench.backend.finishes(new Error('broken'));
    await settled();
    expect(bench.types).toEqual(['error', 'session.finished']);
  });

  it('closes the connection of a client that forgot to', async () => {
    const bench = new WireBench().says({ type: 'session.finish' });
    await settled();
    bench.clock.advance(10_000);
    expect(bench.closed).toEqual([[1000, 'finished']]);
  });

  it('leaves nothing behind when the connection goes first', () => {
    const bench = started().says({ type: 'session.finish' });
    bench.session.close();
    bench.session.close();
    bench.backend.utterance().sourceDone('Late.');
    expect(bench.types).toEqual([]);
    expect(bench.backend.closes).toBe(1);
    expect(bench.clock.pending).toBe(0);
  });
});
