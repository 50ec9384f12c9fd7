/** The orders in which the generations of models tell the same things, as they were measured or published. */
import { describe, expect, it } from 'vitest';
import { type Frame, ScriptedService } from '../../../../support/livetranslate.ts';

const transcription = 'conversation.item.input_audio_transcription';

/** Measured on qwen3.8 in text mode: the translation is final before a word of the source is told. */
const lt38 = (n: number): Frame[] => {
  const ids = { response_id: `resp${n}`, item_id: `tr${n}`, output_index: 0, content_index: 0 };
  const item = { id: `tr${n}`, object: 'realtime.item', type: 'message', role: 'assistant', content: [] };
  return [
    { type: 'input_audio_buffer.speech_started', audio_start_ms: n * 5000, item_id: `src${n}`, speaker_id: 'spk_0' },
    { type: 'response.created', response: { id: `resp${n}`, status: 'in_progress', output: [] } },
    { type: 'response.output_item.added', response_id: `resp${n}`, output_index: 0, item },
    { type: 'response.content_part.added', ...ids, part: { type: 'text', text: '' } },
    { type: 'response.text.delta', ...ids, delta: 'Buenos' },
    { type: 'response.text.delta', ...ids, delta: ' días' },
    { type: 'response.text.delta', ...ids, delta: '.' },
    { type: 'response.text.done', ...ids, text: 'Buenos días.' },
    { type: 'response.content_part.done', ...ids, part: { type: 'text', text: 'Buenos días.' } },
    { type: 'response.output_item.done', response_id: `resp${n}`, output_index: 0, item },
    { type: 'input_audio_buffer.speech_stopped', audio_end_ms: n * 5000 + 1500, item_id: `src${n}` },
    { type: `${transcription}.delta`, item_id: `src${n}`, content_index: 0, delta: 'Good' },
    { type: `${transcription}.delta`, item_id: `src${n}`, content_index: 0, delta: ' morning.' },
    { type: `${transcription}.completed`, item_id: `src${n}`, content_index: 0, transcript: 'Good morning.' },
    { type: 'response.done', response: { id: `resp${n}`, status: 'completed' } },
  ];
};

const numbered = (frames: Frame[]): Frame[] => frames.map((frame, i) => ({ ...frame, event_id: `e${i}` }));

describe('LT3.8, whose source is final after its translation', () => {
  const service = (...frames: Frame[]): ScriptedService =>
    new ScriptedService({ model: 'lt3.8', audio: false }).ready().says(...numbered(frames));

  it('tells both as text that grows, paired, timed, each with one final', () => {
    const said = service(...lt38(1));
    const span = { startMs: 5000, endMs: 6500 };
    expect(said.told.slice(0, 7)).toEqual([
      ['translation', { segment: 'tr1', sourceSegment: 'src1', confirmed: 'Buenos', tentative: '', final: false }],
      ['translation', { segment: 'tr1', sourceSegment: 'src1', confirmed: 'Buenos días', tentative: '', final: false }],
      [
        'translation',
        { segment: 'tr1', sourceSegment: 'src1', confirmed: 'Buenos días.', tentative: '', final: false },
      ],
      ['translation', { segment: 'tr1', sourceSegment: 'src1', confirmed: 'Buenos días.', tentative: '', final: true }],
      ['source', { segment: 'src1', confirmed: 'Good', tentative: '', final: false, ...span }],
      ['source', { segment: 'src1', confirmed: 'Good morning.', tentative: '', final: false, ...span }],
      ['source', { segment: 'src1', confirmed: 'Good morning.', tentative: '', final: true, ...span }],
    ]);
    expect(said.client.counters).toMatchObject({ unknownFrames: 0, malformedFrames: 0 });
  });

  it('pairs one utterance after the other', () => {
    const finals = service(...lt38(1), ...lt38(2), ...lt38(3))
      .of('translation')
      .filter(({ final }) => final);
    expect(finals.map(({ segment, sourceSegment: of }) => [segment, of])).toEqual([
      ['tr1', 'src1'],
      ['tr2', 'src2'],
      ['tr3', 'src3'],
    ]);
  });

  it('makes several responses to one utterance, all of it', () => {
    const [started, ...rest] = lt38(1);
    const second = lt38(1)
      .slice(1, 10)
      .map((frame) => JSON.parse(JSON.stringify(frame).replaceAll('1"', '9"')) as Frame);
    const finals = service(started ?? {}, ...rest.slice(0, 9), ...second, ...rest.slice(9))
      .of('translation')
      .filter(({ final }) => final);
    expect(finals.map(({ segment, sourceSegment: of }) => [segment, of])).toEqual([
      ['tr1', 'src1'],
      ['tr9', 'src1'],
    ]);
  });

  it('forgets a noise that it announced and never heard anything in', () => {
    const noise: Frame[] = [
      { type: 'input_audio_buffer.speech_started', audio_start_ms: 0, item_id: 'noise' },
      { type: 'input_audio_buffer.speech_stopped', audio_end_ms: 300, item_id: 'noise' },
    ];
    const said = service(...noise);
    said.clock.advance(11_000);
    said.says(...lt38(1));
    expect(said.of('translation').at(-1)).toMatchObject({ segment: 'tr1', sourceSegment: 'src1' });
  });

  it('has no ear for additions after a final', () => {
    const late = {
      type: 'response.text.delta',
      response_id: 'resp1',
      item_id: 'tr1',
      delta: ' Adiós',
      event_id: 'late',
    };
    const said = service(...lt38(1)).says(late);
    expect(said.of('translation').filter(({ confirmed }) => confirmed.includes('Adiós'))).toEqual([]);
  });
});

describe('LT3.5, which says what belongs together', () => {
  it('is paired by the item before, in whatever order the sources end', () => {
    const created = (id: string, previous: string): Frame => ({
      type: 'conversation.item.created',
      previous_item_id: previous,
      item: { id, object: 'realtime.item', type: 'message', role: 'assistant', content: [] },
    });
    const text = (id: string): Frame => ({ type: 'response.audio_transcript.text', item_id: id, text: id, stash: '' });
    const completed = (id: string): Frame => ({
      type: `${transcription}.completed`,
      item_id: id,
      transcript: id,
      language: 'en',
      emotion: 'happy',
    });
    const service = new ScriptedService({ model: 'lt3.5' })
      .ready()
      .says(
        { type: 'input_audio_buffer.speech_started', audio_start_ms: 100 },
        created('tr1', 'src1'),
        { type: 'input_audio_buffer.speech_stopped', audio_end_ms: 900 },
        { type: 'input_audio_buffer.speech_started', audio_start_ms: 1100 },
        created('tr2', 'src2'),
        text('tr2'),
        completed('src2'),
        text('tr1'),
        completed('src1'),
      );
    expect(service.of('translation').map(({ segment, sourceSegment: of }) => [segment, of])).toEqual([
      ['tr2', 'src2'],
      ['tr1', 'src1'],
    ]);
    expect(service.client.counters.unknownFrames).toBe(0);
  });
});
