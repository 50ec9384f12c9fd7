import { describe, expect, it } from 'vitest';
import type { TranslationError } from '../../bot/translation/session.ts';
import { type Frame, recorder, ScriptedService } from '../support/livetranslate.ts';

const transcription = 'conversation.item.input_audio_transcription';
const speech = (ms: number, value = 1): Int16Array => new Int16Array(ms * 16).fill(value);
const base64 = (bytes: number[]): string => Buffer.from(bytes).toString('base64');

/** One spoken sentence as the vendor's guide tells it, text and audio. */
const sentence: Frame[] = [
  { type: `${transcription}.text`, event_id: 'e1', item_id: 'src1', content_index: 0, text: '', stash: 'Good mor' },
  { type: 'response.created', event_id: 'e2', response: { id: 'resp1', status: 'in_progress', output: [] } },
  {
    type: 'response.output_item.added',
    event_id: 'e3',
    response_id: 'resp1',
    output_index: 0,
    item: {
      id: 'tr1',
      object: 'realtime.item',
      type: 'message',
      status: 'in_progress',
      role: 'assistant',
      content: [],
    },
  },
  {
    type: 'response.content_part.added',
    event_id: 'e4',
    response_id: 'resp1',
    item_id: 'tr1',
    part: { type: 'audio', text: '' },
  },
  {
    type: 'response.audio_transcript.text',
    event_id: 'e5',
    response_id: 'resp1',
    item_id: 'tr1',
    text: 'Buenos',
    stash: ' día',
  },
  { type: 'response.audio.delta', event_id: 'e6', response_id: 'resp1', item_id: 'tr1', delta: base64([1, 0, 2, 0]) },
  { type: `${transcription}.text`, event_id: 'e7', item_id: 'src1', content_index: 0, text: 'Good', stash: ' morning' },
  {
    type: 'response.audio_transcript.text',
    event_id: 'e8',
    response_id: 'resp1',
    item_id: 'tr1',
    text: 'Buenos días',
    stash: ', a',
  },
  {
    type: `${transcription}.completed`,
    event_id: 'e9',
    item_id: 'src1',
    content_index: 0,
    transcript: 'Good morning.',
  },
  {
    type: 'response.audio_transcript.done',
    event_id: 'e10',
    response_id: 'resp1',
    item_id: 'tr1',
    transcript: 'Buenos días.',
  },
  { type: 'response.audio.delta', event_id: 'e11', response_id: 'resp1', item_id: 'tr1', delta: base64([3, 0]) },
  { type: 'response.audio.done', event_id: 'e12', response_id: 'resp1', item_id: 'tr1' },
  {
    type: 'response.content_part.done',
    event_id: 'e13',
    response_id: 'resp1',
    item_id: 'tr1',
    part: { type: 'audio' },
  },
  { type: 'response.output_item.done', event_id: 'e14', response_id: 'resp1', item: { id: 'tr1' } },
  {
    type: 'response.done',
    event_id: 'e15',
    response: {
      id: 'resp1',
      status: 'completed',
      usage: {
        total_tokens: 56,
        input_tokens: 47,
        output_tokens: 9,
        input_tokens_details: { text_tokens: 20, audio_tokens: 27 },
        output_tokens_details: { text_tokens: 2, audio_tokens: 7 },
      },
    },
  },
];

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
    service.backlogBytes = 100_000;
    for (let i = 0; i < 50; i++) service.client.send(speech(100, i));
    expect(service.sentAudio()).toEqual([]);
    service.drains();
    expect(service.sentAudio().map((chunk) => chunk[0])).toEqual(Array.from({ length: 20 }, (_, i) => 30 + i));
    expect(service.client.counters.droppedMs).toBe(3000);
  });

  it('from before the session was ready survives a network that takes it slowly', () => {
    const service = new ScriptedService();
    for (let i = 0; i < 150; i++) service.client.send(speech(100, i));
    service.backlogBytes = 100_000;
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

describe('a sentence', () => {
  it('becomes both texts as stable and tentative, speech and usage', () => {
    const service = new ScriptedService().ready().says(...sentence);
    expect(service.told).toEqual([
      ['source', { segment: 'src1', stable: '', tentative: 'Good mor', final: false }],
      ['translation', { segment: 'tr1', of: 'src1', stable: 'Buenos', tentative: ' día', final: false }],
      ['audio', { segment: 'tr1', samples: [1, 2] }],
      ['source', { segment: 'src1', stable: 'Good', tentative: ' morning', final: false }],
      ['translation', { segment: 'tr1', of: 'src1', stable: 'Buenos días', tentative: ', a', final: false }],
      ['source', { segment: 'src1', stable: 'Good morning.', tentative: '', final: true }],
      ['translation', { segment: 'tr1', of: 'src1', stable: 'Buenos días.', tentative: '', final: true }],
      ['audio', { segment: 'tr1', samples: [3] }],
      ['audioEnd', 'tr1'],
      ['usage', { inputAudio: 27, inputText: 20, outputText: 2, outputAudio: 7, total: 56 }],
    ]);
    expect(service.client.counters).toEqual({
      droppedMs: 0,
      droppedPictures: 0,
      malformedFrames: 0,
      repeatedFrames: 0,
      unknownFrames: 0,
    });
  });

  it('ends its speech with its response, though nothing of it was said', () => {
    const frames: Frame[] = [
      { type: 'response.audio_transcript.done', response_id: 'r', item_id: 't', transcript: 'Hm.' },
      { type: 'response.done', response: { id: 'r' } },
    ];
    expect(
      new ScriptedService()
        .ready()
        .says(...frames, ...frames)
        .of('audioEnd'),
    ).toEqual(['t']);
    expect(
      new ScriptedService({ audio: false })
        .ready()
        .says(...frames)
        .of('audioEnd'),
    ).toEqual([]);
  });

  it('is told once, though every frame comes twice', () => {
    const once = new ScriptedService().ready().says(...sentence);
    const twice = new ScriptedService().ready().says(...sentence.flatMap((frame) => [frame, frame]));
    expect(twice.recorded).toEqual(once.recorded);
    expect(twice.client.counters.repeatedFrames).toBe(sentence.length);
  });

  it('gives the transcript alone where source and target are the same', () => {
    const service = new ScriptedService({ source: 'en', target: 'en' }).ready().says(...sentence);
    expect(service.of('source').at(-1)).toMatchObject({ stable: 'Good morning.', final: true });
    expect(service.of('translation')).toEqual([]);
    expect(service.of('audio')).toEqual([]);
    expect(service.of('audioEnd')).toEqual([]);
    expect(service.of('usage')).toHaveLength(1);
  });

  it('is read in text mode too, where the names and the field of the final differ', () => {
    const service = new ScriptedService({ audio: false })
      .ready()
      .says(
        { type: 'response.text.text', response_id: 'r', item_id: 't', text: 'Hola' },
        { type: 'response.text.done', response_id: 'r', item_id: 't', text: 'Hola.' },
      );
    expect(service.of('translation')).toEqual([
      { segment: 't', stable: 'Hola', tentative: '', final: false },
      { segment: 't', stable: 'Hola.', tentative: '', final: true },
    ]);
  });

  it('is read from additions as well as from snapshots: the field decides', () => {
    const service = new ScriptedService()
      .ready()
      .says(
        { type: `${transcription}.delta`, item_id: 's', delta: 'Good ' },
        { type: `${transcription}.delta`, item_id: 's', delta: 'morning' },
        { type: 'response.audio_transcript.text', item_id: 't', delta: 'Buenos ' },
        { type: 'response.audio_transcript.text', item_id: 't', delta: 'días' },
      );
    expect(service.of('source').map(({ stable }) => stable)).toEqual(['Good ', 'Good morning']);
    expect(service.of('translation').map(({ stable }) => stable)).toEqual(['Buenos ', 'Buenos días']);
  });

  it('ends with its last snapshot where the final is empty', () => {
    const service = new ScriptedService()
      .ready()
      .says(
        { type: 'response.audio_transcript.text', item_id: 't', text: 'Buenos', stash: ' días' },
        { type: 'response.audio_transcript.done', item_id: 't', transcript: '' },
        { type: `${transcription}.text`, item_id: 's', stash: 'Good morning' },
        { type: `${transcription}.completed`, item_id: 's' },
      );
    expect(service.of('translation').at(-1)).toMatchObject({ stable: 'Buenos días', tentative: '', final: true });
    expect(service.of('source').at(-1)).toMatchObject({ stable: 'Good morning', tentative: '', final: true });
  });

  it('of which nothing was ever said is not told', () => {
    const service = new ScriptedService()
      .ready()
      .says(
        { type: `${transcription}.text`, item_id: 's', text: '', stash: '' },
        { type: `${transcription}.completed`, item_id: 's', transcript: '' },
      );
    expect(service.told).toEqual([]);
  });

  it('says nothing more after its final', () => {
    const service = new ScriptedService()
      .ready()
      .says(
        { type: `${transcription}.completed`, item_id: 's', transcript: 'Good morning.' },
        { type: `${transcription}.text`, item_id: 's', text: 'Good', stash: ' mor' },
        { type: `${transcription}.completed`, item_id: 's', transcript: 'Good morning!' },
      );
    expect(service.of('source')).toEqual([{ segment: 's', stable: 'Good morning.', tentative: '', final: true }]);
  });

  it('whose recognition failed ends with what was recognised', () => {
    const service = new ScriptedService()
      .ready()
      .says(
        { type: `${transcription}.text`, item_id: 's', text: 'Good', stash: ' mor' },
        { type: `${transcription}.failed`, item_id: 's', error: { code: 'x', message: 'y' } },
      );
    expect(service.of('source').at(-1)).toMatchObject({ stable: 'Good mor', final: true });
    expect(service.of('closed')).toEqual([]);
  });

  it('ends with its response, where its own ends are missing', () => {
    const service = new ScriptedService()
      .ready()
      .says(
        { type: 'response.audio_transcript.text', response_id: 'r', item_id: 't', text: 'Hola' },
        { type: 'response.audio.delta', response_id: 'r', item_id: 't', delta: base64([1, 0]) },
        { type: 'response.done', response: { id: 'r', status: 'incomplete' } },
      );
    expect(service.of('translation').at(-1)).toMatchObject({ stable: 'Hola', final: true });
    expect(service.of('audioEnd')).toEqual(['t']);
  });

  it('is told from the next one, though the service names neither', () => {
    const told: Frame[] = ['Hello.', 'Bye.'].flatMap((text) => [
      { type: `${transcription}.completed`, transcript: text },
      { type: 'response.text.text', text },
      { type: 'response.done', response: {} },
    ]);
    const service = new ScriptedService().ready().says(...told);
    for (const stream of ['source', 'translation'] as const) {
      const finals = service.of(stream).filter(({ final }) => final);
      expect(finals.map(({ stable }) => stable)).toEqual(['Hello.', 'Bye.']);
      expect(new Set(finals.map(({ segment }) => segment)).size).toBe(2);
    }
  });

  it('says when it was said, where the service does', () => {
    const service = new ScriptedService()
      .ready()
      .says(
        { type: 'input_audio_buffer.speech_started', audio_start_ms: 1200 },
        { type: `${transcription}.text`, item_id: 's', text: '', stash: 'Good' },
        { type: 'input_audio_buffer.speech_stopped', audio_end_ms: 3400 },
        { type: `${transcription}.completed`, item_id: 's', transcript: 'Good morning.' },
      );
    expect(service.of('source')).toMatchObject([{ startMs: 1200 }, { startMs: 1200, endMs: 3400 }]);
  });

  it('says it of the segment that was being said, and of no other', () => {
    const service = new ScriptedService()
      .ready()
      .says(
        { type: 'input_audio_buffer.speech_started', audio_start_ms: 1200 },
        { type: `${transcription}.completed`, item_id: 's', transcript: 'Good morning.' },
        { type: `${transcription}.completed`, item_id: 't', transcript: 'Hello.' },
      );
    expect(service.of('source')[0]).toHaveProperty('startMs', 1200);
    expect(service.of('source')[1]).not.toHaveProperty('startMs');
  });

  it('says it by item, where the service tells the item', () => {
    const service = new ScriptedService()
      .ready()
      .says(
        { type: 'input_audio_buffer.speech_started', audio_start_ms: 100, item_id: 'a' },
        { type: 'input_audio_buffer.speech_started', audio_start_ms: 900, item_id: 'b' },
        { type: 'input_audio_buffer.speech_stopped', audio_end_ms: 800, item_id: 'a' },
        { type: `${transcription}.completed`, item_id: 'b', transcript: 'B' },
        { type: `${transcription}.completed`, item_id: 'a', transcript: 'A' },
      );
    expect(service.of('source')).toMatchObject([
      { segment: 'b', startMs: 900 },
      { segment: 'a', startMs: 100, endMs: 800 },
    ]);
  });

  it('says it in the time of the speech that was given, not of the speech that arrived', () => {
    const service = new ScriptedService();
    service.client.send(speech(23_000));
    service
      .ready()
      .says(
        { type: 'input_audio_buffer.speech_started', audio_start_ms: 0 },
        { type: 'input_audio_buffer.speech_stopped', audio_end_ms: 500 },
        { type: `${transcription}.completed`, item_id: 's', transcript: 'Good morning.' },
      );
    expect(service.of('source')).toMatchObject([{ startMs: 3000, endMs: 3500 }]);
  });
});

describe('what a translation translates', () => {
  const source = (id: string): Frame => ({ type: `${transcription}.text`, item_id: id, stash: id });
  const sourceFinal = (id: string): Frame => ({ type: `${transcription}.completed`, item_id: id, transcript: id });
  const translation = (id: string): Frame => ({ type: 'response.audio_transcript.text', item_id: id, text: id });
  const link = (id: string, previous: string): Frame => ({
    type: 'conversation.item.created',
    previous_item_id: previous,
    item: { id, role: 'assistant' },
  });
  const pairs = (...frames: Frame[]): string[] =>
    new ScriptedService()
      .ready()
      .says(...frames)
      .of('translation')
      .map(({ segment, of }) => `${segment}<${of ?? '?'}`);

  it('is what the service says', () => {
    expect(pairs(source('s1'), source('s2'), link('t2', 's2'), translation('t2'))).toEqual(['t2<s2']);
  });

  it('is said before the source has been heard of', () => {
    expect(pairs(link('t1', 's1'), translation('t1'), sourceFinal('s1'))).toEqual(['t1<s1']);
  });

  it('is the same for a second response that follows the first', () => {
    expect(pairs(source('s1'), link('t1', 's1'), link('t2', 't1'), translation('t2'))).toEqual(['t2<s1']);
  });

  it('is not misled by what the service says of the order of the sources', () => {
    const user = { ...link('s2', 't1'), item: { id: 's2', role: 'user' } };
    expect(pairs(source('s1'), link('t1', 's1'), user, link('t2', 's2'), translation('t2'))).toEqual(['t2<s2']);
  });

  it('else follows the order', () => {
    expect(pairs(source('s1'), sourceFinal('s1'), source('s2'), translation('t1'), translation('t2'))).toEqual([
      't1<s1',
      't2<s2',
    ]);
  });

  it('is the newest source for several responses to one', () => {
    expect(pairs(source('s1'), translation('t1'), translation('t2'), source('s2'), translation('t3'))).toEqual([
      't1<s1',
      't2<s1',
      't3<s2',
    ]);
  });

  it('is told as soon as a source comes, where the translation was first', () => {
    expect(pairs(translation('t1'), source('s1'), { ...translation('t1'), text: 'more' })).toEqual(['t1<?', 't1<s1']);
  });

  it('does not take a source from a translation that was there before it', () => {
    const finished: Frame = { type: 'response.audio_transcript.done', item_id: 't1', transcript: 't1' };
    expect(pairs(finished, source('s1'), source('s2'), translation('t2'))).toEqual(['t1<?', 't2<s2']);
  });

  it('does not stay shifted by a source that nobody translated', () => {
    const service = new ScriptedService().ready().says(source('noise'), sourceFinal('noise'));
    service.clock.advance(11_000);
    service.says(source('s2'), translation('t1'));
    expect(service.of('translation')).toMatchObject([{ segment: 't1', of: 's2' }]);
  });
});

describe('the language that was heard', () => {
  const final = (language: unknown): Frame => ({
    type: `${transcription}.completed`,
    item_id: 's',
    transcript: 'Hola.',
    language,
  });

  it('comes with the final of what was said', () => {
    const heard = { type: `${transcription}.text`, item_id: 's', text: 'Hola', language: 'es' };
    const service = new ScriptedService().ready().says(heard, final('es'));
    expect(service.of('source').map(({ language }) => language)).toEqual([undefined, 'es']);
  });

  it.each([undefined, null, '', 5, {}])('is none where it is %s, and the words come all the same', (language) => {
    const [source] = new ScriptedService().ready().says(final(language)).of('source');
    expect(source).toEqual({ segment: 's', stable: 'Hola.', tentative: '', final: true });
  });
});

describe('the voice', () => {
  const delta = (bytes: number[]): Frame => ({ type: 'response.audio.delta', item_id: 't', delta: base64(bytes) });
  const heard = (...frames: Frame[]): number[] =>
    new ScriptedService()
      .ready()
      .says(...frames)
      .of('audio')
      .flatMap(({ samples }) => samples);

  it('is little-endian samples, negative ones too', () => {
    expect(heard(delta([255, 255, 0, 128, 255, 127]))).toEqual([-1, -32_768, 32_767]);
  });

  it('is put together where a frame ends in the middle of a sample', () => {
    expect(heard(delta([1, 0, 2]), delta([0, 3]), delta([0]))).toEqual([1, 2, 3]);
  });

  it('does not begin with the click of a WAV header', () => {
    const header = [
      ...Buffer.from('RIFF\0\0\0\0WAVEfmt '),
      ...new Array<number>(20).fill(9),
      ...Buffer.from('data\x04\0\0\0'),
    ];
    expect(heard(delta([...header, 1, 0]), delta([2, 0]))).toEqual([1, 2]);
  });

  it('keeps what merely looks like a header later on', () => {
    expect(heard(delta([1, 0]), delta([...Buffer.from('RIFF')]))).toHaveLength(3);
  });

  it('ends once, and says nothing after its end', () => {
    const service = new ScriptedService()
      .ready()
      .says(delta([1, 0]), { type: 'response.audio.done', item_id: 't' }, delta([2, 0]), {
        type: 'response.audio.done',
        item_id: 't',
      });
    expect(service.told).toEqual([
      ['audio', { segment: 't', samples: [1] }],
      ['audioEnd', 't'],
    ]);
  });
});

describe('what it cannot use', () => {
  it('is counted and dropped, and the session goes on', () => {
    const service = new ScriptedService().ready();
    service.says('not json', '[]', '"text"', 'null', '{"type":5}', '{"type":"response.audio.delta","delta":{}}');
    service.saysBinary();
    expect(service.client.counters.malformedFrames).toBe(7);
    service.says({ type: 'something.new', event_id: 'n1' }, {});
    expect(service.client.counters.unknownFrames).toBe(2);
    service.says(...sentence);
    expect(service.of('translation').at(-1)).toMatchObject({ final: true });
  });

  it('may be the usage, without losing the response', () => {
    const service = new ScriptedService()
      .ready()
      .says(
        { type: 'response.audio_transcript.text', response_id: 'r', item_id: 't', text: 'Hola' },
        { type: 'response.done', response: { id: 'r', usage: { total_tokens: 'many' } } },
      );
    expect(service.of('translation').at(-1)).toMatchObject({ final: true });
    expect(service.of('usage')).toEqual([{ outputText: 1, total: 1, estimated: true }]);
  });

  it('is a listener that throws: the next event still comes', () => {
    let calls = 0;
    const closed: unknown[] = [];
    const service = new ScriptedService({
      events: {
        ready: () => {},
        refused: () => {},
        source: () => {
          calls++;
          throw new Error('a listener of its own');
        },
        translation: () => {},
        audio: () => {},
        audioEnd: () => {},
        usage: () => {},
        closed: (error) => closed.push(error),
      },
    }).ready();
    expect(() => service.says(...sentence)).not.toThrow();
    expect(calls).toBe(3);
    expect(closed).toEqual([]);
  });
});

describe('the end', () => {
  it('comes after what was said has come out', async () => {
    const service = new ScriptedService().ready();
    service.client.send(speech(130));
    const finished = service.client.finish();
    expect(service.sentAudio().map((chunk) => chunk.length)).toEqual([1600, 480]);
    expect(service.sentTypes().at(-1)).toBe('session.finish');
    service.says(...sentence, { type: 'session.finished' });
    await finished;
    expect(service.of('translation').at(-1)).toMatchObject({ final: true });
    expect(service.of('closed')).toEqual([undefined]);
    expect(service.closes).toBe(1);
  });

  it('is asked for once', () => {
    const service = new ScriptedService().ready();
    void service.client.finish();
    void service.client.finish();
    service.drains().drains();
    expect(service.sentTypes().filter((type) => type === 'session.finish')).toHaveLength(1);
  });

  it('waits for speech that the network has not taken yet', () => {
    const service = new ScriptedService().ready();
    service.backlogBytes = 100_000;
    service.client.send(speech(100));
    void service.client.finish();
    expect(service.sentTypes()).toEqual(['session.update']);
    service.drains();
    expect(service.sentTypes()).toEqual(['session.update', 'input_audio_buffer.append', 'session.finish']);
  });

  it('waits for a session that is not ready yet', () => {
    const service = new ScriptedService();
    service.client.send(speech(100));
    void service.client.finish();
    service.ready();
    expect(service.sentTypes()).toEqual(['session.update', 'input_audio_buffer.append', 'session.finish']);
  });

  it('has its 20 s, though the connection came late', () => {
    const service = new ScriptedService();
    void service.client.finish();
    service.clock.advance(9000);
    service.opens().says({ type: 'session.created' });
    service.clock.advance(10_999);
    expect(service.of('closed')).toEqual([]);
    service.says({ type: 'session.updated' }, { type: 'session.finished' });
    expect(service.of('closed')).toEqual([undefined]);
  });

  it('comes after 20 s, though the service never confirms it', async () => {
    const service = new ScriptedService().ready();
    const finished = service.client.finish();
    service.clock.advance(19_999);
    expect(service.of('closed')).toEqual([]);
    service.clock.advance(1);
    await finished;
    expect(service.of('closed')).toEqual([undefined]);
  });

  it('is an error after 20 s, where the session never came to be', async () => {
    const service = new ScriptedService().opens();
    const finished = service.client.finish();
    service.clock.advance(20_000);
    await finished;
    expect(service.of('closed')).toMatchObject([{ class: 'transient' }]);
  });

  it('cuts the connection 2 s later where the close is not answered', () => {
    const service = new ScriptedService().ready();
    void service.client.finish();
    service.says({ type: 'session.finished' });
    service.clock.advance(1999);
    expect(service.terminated).toBe(0);
    service.clock.advance(1);
    expect(service.terminated).toBe(1);
    expect(service.clock.pending).toBe(0);
  });

  it('leaves no timer behind where it is answered', () => {
    const service = new ScriptedService().ready();
    void service.client.finish();
    service.says({ type: 'session.finished' }).ends({ how: 'closed', code: 1000, reason: '' });
    expect(service.clock.pending).toBe(0);
    expect(service.terminated).toBe(0);
  });

  it('is quiet where the service hangs up after it was asked to finish', async () => {
    const service = new ScriptedService().ready();
    const finished = service.client.finish();
    service.ends({ how: 'closed', code: 1000, reason: '' });
    await finished;
    expect(service.of('closed')).toEqual([undefined]);
  });

  it('is an error where the connection breaks instead', async () => {
    const service = new ScriptedService().ready();
    const finished = service.client.finish();
    service.ends({ how: 'closed', code: 1006, reason: '' });
    await finished;
    expect(service.of('closed')).toMatchObject([{ class: 'transient' }]);
  });

  it('comes at once by close, once, in any state, with nothing said after it', async () => {
    for (const until of [() => {}, (s: ScriptedService) => s.opens(), (s: ScriptedService) => s.ready()]) {
      const service = new ScriptedService();
      until(service);
      service.client.close();
      service.client.close();
      await service.client.finish();
      service.says(...sentence).ends({ how: 'closed', code: 1006, reason: '' });
      expect(service.told).toEqual([['closed', undefined]]);
      expect(service.clock.pending).toBe(0);
    }
  });
});

describe('a failure', () => {
  const failure = (service: ScriptedService): TranslationError | undefined => service.of('closed')[0];

  it('of one request leaves the session alive', () => {
    const service = new ScriptedService().ready().says({
      type: 'error',
      error: { type: 'invalid_request_error', code: 'invalid_value', message: 'no such event' },
    });
    expect(service.of('closed')).toEqual([]);
    service.says(...sentence);
    expect(service.of('translation').at(-1)).toMatchObject({ final: true });
  });

  it.each([
    ['an error frame', { type: 'error', error: { code: 'DataInspectionFailed', message: 'inappropriate' } }],
    ['a nameless error', { code: 'DataInspectionFailed', message: 'inappropriate' }],
    [
      'a failed transcription',
      {
        type: `${transcription}.failed`,
        item_id: 's',
        error: { code: 'DataInspectionFailed', message: 'inappropriate' },
      },
    ],
    [
      'a failed response',
      {
        type: 'response.done',
        response: { id: 'r', status: 'failed', error: { code: 'DataInspectionFailed', message: 'inappropriate' } },
      },
    ],
    [
      'the details of a failed response',
      {
        type: 'response.done',
        response: { id: 'r', status: 'failed', status_details: { error: { code: 'data_inspection_failed' } } },
      },
    ],
  ])('of the content rules, told by %s, is refused, and the session lives on', (_how, frame) => {
    const service = new ScriptedService().ready().says(frame);
    expect(service.of('refused')).toMatchObject([{ class: 'content', retryable: false }]);
    expect(service.of('closed')).toEqual([]);
    service.says(...sentence);
    expect(service.of('translation').at(-1)).toMatchObject({ final: true });
    expect(service.of('refused')).toHaveLength(1);
  });

  it.each([
    {
      type: `${transcription}.failed`,
      item_id: 's',
      error: { code: 'UNEXPECTED_ASR_ERROR', message: 'statusCode=504' },
    },
    { type: 'response.done', response: { id: 'r', status: 'failed', error: { code: 'InternalError' } } },
  ])('of one piece for any other reason is logged, and explains a close: %j', (frame) => {
    const service = new ScriptedService().ready().says(frame);
    expect(service.of('refused')).toEqual([]);
    expect(service.logged.some((line) => line.includes(frame.error?.code ?? 'InternalError'))).toBe(true);
    service.ends({ how: 'closed', code: 1011, reason: '' });
    expect(failure(service)?.code).toBe(frame.error?.code ?? 'InternalError');
  });

  it('of the content rules before the session is ready ends it: there is no other piece', () => {
    const service = new ScriptedService().opens().says({ type: 'session.created' });
    service.says({ type: 'error', error: { code: 'DataInspectionFailed', message: 'a hotword' } });
    expect(service.of('refused')).toEqual([]);
    expect(failure(service)).toMatchObject({ class: 'content' });
  });

  it('whose excuse cannot be read does not lose the response', () => {
    const service = new ScriptedService()
      .ready()
      .says(
        { type: 'response.text.text', response_id: 'r', item_id: 't', text: 'Hola' },
        { type: 'response.done', response: { id: 'r', status: 'failed', error: 5, status_details: 'why' } },
      );
    expect(service.of('translation').at(-1)).toMatchObject({ final: true });
    expect(service.client.counters.malformedFrames).toBe(0);
  });

  it('explains the close that follows it', () => {
    const service = new ScriptedService().ready();
    service.says({ type: 'error', error: { code: 'DataInspectionFailed', message: 'inappropriate' } });
    service.ends({ how: 'closed', code: 1011, reason: '' });
    expect(failure(service)).toMatchObject({ class: 'content', code: 'DataInspectionFailed' });
  });

  it('does not explain a close that explains itself', () => {
    const service = new ScriptedService().ready();
    service.says({ type: 'error', error: { code: 'DataInspectionFailed', message: 'inappropriate' } });
    service.ends({ how: 'closed', code: 1007, reason: 'Requests rate limit exceeded, please try again later.' });
    expect(failure(service)).toMatchObject({ class: 'throttle', code: 'close_1007' });
  });

  it('does not explain a close much later', () => {
    const service = new ScriptedService().ready();
    service.says({ type: 'error', error: { code: 'DataInspectionFailed', message: 'inappropriate' } });
    service.clock.advance(60_000);
    service.ends({ how: 'closed', code: 1006, reason: '' });
    expect(failure(service)).toMatchObject({ class: 'transient' });
  });

  it('of the service ends the session', () => {
    const service = new ScriptedService().ready();
    service.says({ type: 'error', error: { code: 'COMMON_ERROR', message: 'model repeat output happened' } });
    expect(failure(service)).toMatchObject({ class: 'transient', code: 'COMMON_ERROR' });
    service.ends({ how: 'closed', code: 1011, reason: '' });
    expect(service.of('closed')).toHaveLength(1);
  });

  it('is understood without a type', () => {
    const service = new ScriptedService().ready().says({ code: 'Throttling.RateQuota', message: 'slow down' });
    expect(failure(service)).toMatchObject({ class: 'throttle', code: 'Throttling.RateQuota' });
  });

  it('is a close with 1011, a close unasked however polite, and a session that ends unasked', () => {
    expect(failure(new ScriptedService().ready().ends({ how: 'closed', code: 1000, reason: '' }))).toMatchObject({
      class: 'transient',
      code: 'close_1000',
    });
    expect(failure(new ScriptedService().ready().ends({ how: 'closed', code: 1011, reason: '' }))).toMatchObject({
      class: 'transient',
      code: 'close_1011',
    });
    expect(failure(new ScriptedService().ready().says({ type: 'session.finished' }))).toMatchObject({
      class: 'transient',
    });
  });

  it('is a service that nobody runs', () => {
    const service = new ScriptedService();
    service.ends({ how: 'unreachable', code: 'ECONNREFUSED', message: 'connect ECONNREFUSED' });
    expect(failure(service)?.message).toMatch(/^The translation service at translate\.test cannot be reached/);
    expect(service.clock.pending).toBe(0);
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

describe('the key', () => {
  const key = 'sk-very-secret';
  const said = (service: ScriptedService): string =>
    JSON.stringify([service.sent, service.logged, service.recorded]) +
    [...service.of('closed'), ...service.of('refused')].map((error) => `${error?.message} ${error?.code}`).join();
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
      service.says(...echoes).ends({ how: 'closed', code: 1011, reason: `Incorrect API key provided: ${key}` });
      expect(service.of('ready')).toHaveLength(1);
      expect(service.of('refused')).toHaveLength(1);
      expect(service.logged.length).toBeGreaterThan(5);
      expect(said(service)).not.toContain(key);
    }
  });

  it('is not even begun, where the service cuts its text off in the middle', () => {
    const service = new ScriptedService({ key }).ready();
    service.ends({ how: 'closed', code: 1008, reason: 'Incorrect API key provided: sk-very-sec' });
    expect(service.of('closed')[0]?.message).toContain('Incorrect API key provided: [key].');
    expect(said(service)).not.toContain('sk-ver');
  });
});
