import { describe, expect, it } from 'vitest';
import { type Frame, ScriptedService } from '../../../../support/livetranslate.ts';
import { base64, sentence, speech, transcription } from '../../../../support/livetranslate-sentence.ts';

describe('a sentence', () => {
  it('becomes both texts as confirmed and tentative, speech and usage', () => {
    const service = new ScriptedService().ready().says(...sentence);
    expect(service.told).toEqual([
      ['source', { segment: 'src1', confirmed: '', tentative: 'Good mor', final: false }],
      ['translation', { segment: 'tr1', sourceSegment: 'src1', confirmed: 'Buenos', tentative: ' día', final: false }],
      ['audio', { segment: 'tr1', samples: [1, 2] }],
      ['source', { segment: 'src1', confirmed: 'Good', tentative: ' morning', final: false }],
      [
        'translation',
        { segment: 'tr1', sourceSegment: 'src1', confirmed: 'Buenos días', tentative: ', a', final: false },
      ],
      ['source', { segment: 'src1', confirmed: 'Good morning.', tentative: '', final: true }],
      ['translation', { segment: 'tr1', sourceSegment: 'src1', confirmed: 'Buenos días.', tentative: '', final: true }],
      ['audio', { segment: 'tr1', samples: [3] }],
      ['audioEnd', 'tr1'],
      ['usage', { inputAudio: 27, inputText: 20, outputText: 2, outputAudio: 7, total: 56 }],
    ]);
    expect(service.client.counters).toEqual({
      droppedMs: 0,
      droppedImages: 0,
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
    expect(service.of('source').at(-1)).toMatchObject({ confirmed: 'Good morning.', final: true });
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
      { segment: 't', confirmed: 'Hola', tentative: '', final: false },
      { segment: 't', confirmed: 'Hola.', tentative: '', final: true },
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
    expect(service.of('source').map(({ confirmed }) => confirmed)).toEqual(['Good ', 'Good morning']);
    expect(service.of('translation').map(({ confirmed }) => confirmed)).toEqual(['Buenos ', 'Buenos días']);
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
    expect(service.of('translation').at(-1)).toMatchObject({ confirmed: 'Buenos días', tentative: '', final: true });
    expect(service.of('source').at(-1)).toMatchObject({ confirmed: 'Good morning', tentative: '', final: true });
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
    expect(service.of('source')).toEqual([{ segment: 's', confirmed: 'Good morning.', tentative: '', final: true }]);
  });

  it('whose recognition failed ends with what was recognised', () => {
    const service = new ScriptedService()
      .ready()
      .says(
        { type: `${transcription}.text`, item_id: 's', text: 'Good', stash: ' mor' },
        { type: `${transcription}.failed`, item_id: 's', error: { code: 'x', message: 'y' } },
      );
    expect(service.of('source').at(-1)).toMatchObject({ confirmed: 'Good mor', final: true });
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
    expect(service.of('translation').at(-1)).toMatchObject({ confirmed: 'Hola', final: true });
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
      expect(finals.map(({ confirmed }) => confirmed)).toEqual(['Hello.', 'Bye.']);
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
      .map(({ segment, sourceSegment: of }) => `${segment}<${of ?? '?'}`);

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
    expect(service.of('translation')).toMatchObject([{ segment: 't1', sourceSegment: 's2' }]);
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
    expect(source).toEqual({ segment: 's', confirmed: 'Hola.', tentative: '', final: true });
  });
});
