import { describe, expect, it } from 'vitest';
import { ServerFrameReader } from '../../../../../bot/session/livetranslate/frame-reader.ts';
import { readFrame } from '../../../../../bot/session/livetranslate/server-frame.ts';
import { SessionUsageMeter } from '../../../../../bot/session/livetranslate/usage-meter.ts';
import type { VendorError } from '../../../../../bot/session/livetranslate/vendor-errors.ts';
import { type Frame, recorder } from '../../../../support/livetranslate.ts';

const transcription = 'conversation.item.input_audio_transcription';

function startReader({
  transcriptOnly = false,
  hasAudioOutput = true,
  pushedMs = (serviceMs: number) => serviceMs,
} = {}) {
  const { events, recorded } = recorder();
  const failures: VendorError[] = [];
  let nowMs = 0;
  const reader = new ServerFrameReader({
    events,
    transcriptOnly,
    hasAudioOutput,
    usageMeter: new SessionUsageMeter({ audioInPerSecond: 10, audioOutPerSecond: 10, imagePatchPixels: 28 }),
    segmentFailed: (details) => failures.push(details),
    nowMs: () => nowMs,
    pushedMs,
  });
  const read = (...frames: Frame[]): boolean[] =>
    frames.map((frame) => {
      const parsed = readFrame(JSON.stringify(frame));
      if (!parsed) throw new Error(`malformed frame: ${JSON.stringify(frame)}`);
      return reader.read(parsed);
    });
  const passTime = (ms: number): void => {
    nowMs += ms;
  };
  return { read, recorded, failures, passTime };
}

const base64 = (...bytes: number[]): string => Buffer.from(bytes).toString('base64');

describe('ServerFrameReader', () => {
  describe('transcript', () => {
    it('emits a snapshot as confirmed and tentative text, and drops one that changes nothing', () => {
      const { read, recorded } = startReader();
      const snapshot = { type: `${transcription}.text`, item_id: 's', text: 'Good', stash: ' mor' };
      read(snapshot, snapshot, { ...snapshot, text: 'Good morning', stash: '' });
      expect(recorded).toEqual([
        ['source', { segment: 's', confirmed: 'Good', tentative: ' mor', final: false }],
        ['source', { segment: 's', confirmed: 'Good morning', tentative: '', final: false }],
      ]);
    });

    it('appends additions', () => {
      const { read, recorded } = startReader();
      read(
        { type: `${transcription}.delta`, item_id: 's', delta: 'Good' },
        { type: `${transcription}.delta`, item_id: 's', delta: ' morning' },
      );
      expect(recorded.at(-1)).toEqual([
        'source',
        { segment: 's', confirmed: 'Good morning', tentative: '', final: false },
      ]);
    });

    it('emits one final text for each segment, with its language, and nothing after it', () => {
      const { read, recorded } = startReader();
      const completed = {
        type: `${transcription}.completed`,
        item_id: 's',
        transcript: 'Good morning.',
        language: 'en',
      };
      read(completed, completed, { type: `${transcription}.text`, item_id: 's', text: 'late' });
      expect(recorded).toEqual([
        ['source', { segment: 's', confirmed: 'Good morning.', tentative: '', final: true, language: 'en' }],
      ]);
    });

    it('takes the last snapshot for the final text if the final text is empty', () => {
      const { read, recorded } = startReader();
      read(
        { type: `${transcription}.text`, item_id: 's', text: 'Good', stash: ' morning' },
        { type: `${transcription}.completed`, item_id: 's', transcript: '' },
      );
      expect(recorded.at(-1)).toEqual([
        'source',
        { segment: 's', confirmed: 'Good morning', tentative: '', final: true },
      ]);
    });

    it('numbers the segments of a service that does not name them', () => {
      const { read, recorded } = startReader();
      read(
        { type: `${transcription}.text`, text: 'One' },
        { type: `${transcription}.completed`, transcript: 'One.' },
        { type: `${transcription}.text`, text: 'Two' },
      );
      const segments = recorded.map(([, text]) => (text as { segment: string }).segment);
      expect(segments).toEqual(['source-0', 'source-0', 'source-1']);
    });

    it('ends a segment whose transcription failed, and reports why', () => {
      const { read, recorded, failures } = startReader();
      read(
        { type: `${transcription}.text`, item_id: 's', text: 'Good' },
        { type: `${transcription}.failed`, item_id: 's', error: { code: 'UNEXPECTED_ASR_ERROR' } },
      );
      expect(recorded.at(-1)).toEqual(['source', { segment: 's', confirmed: 'Good', tentative: '', final: true }]);
      expect(failures).toEqual([expect.objectContaining({ code: 'UNEXPECTED_ASR_ERROR' })]);
    });
  });

  describe('time', () => {
    const text = { type: `${transcription}.text`, text: 'Good' };

    it('gives a named item the span of its speech, converted to the time of the pushed speech', () => {
      const { read, recorded } = startReader({ pushedMs: (serviceMs) => serviceMs + 300 });
      read(
        { type: 'input_audio_buffer.speech_started', item_id: 's', audio_start_ms: 100 },
        { type: 'input_audio_buffer.speech_stopped', item_id: 's', audio_end_ms: 900 },
        { ...text, item_id: 's' },
      );
      expect(recorded).toEqual([['source', expect.objectContaining({ segment: 's', startMs: 400, endMs: 1200 })]]);
    });

    it('gives the span of speech without an item to the next segment of text, and to that one alone', () => {
      const { read, recorded } = startReader();
      read(
        { type: 'input_audio_buffer.speech_started', audio_start_ms: 100 },
        { ...text, item_id: 'first' },
        { ...text, item_id: 'second' },
      );
      expect(recorded).toEqual([
        ['source', expect.objectContaining({ segment: 'first', startMs: 100 })],
        ['source', { segment: 'second', confirmed: 'Good', tentative: '', final: false }],
      ]);
    });

    it('ignores a start without a time', () => {
      const { read, recorded } = startReader();
      read({ type: 'input_audio_buffer.speech_started', item_id: 's' }, { ...text, item_id: 's' });
      expect(recorded).toEqual([['source', { segment: 's', confirmed: 'Good', tentative: '', final: false }]]);
    });
  });

  describe('translation', () => {
    const translated = (segment: string) => ({
      type: 'response.audio_transcript.text',
      item_id: segment,
      response_id: `r-${segment}`,
      text: 'Buenos días',
    });
    const sourceOf = (recorded: readonly (readonly [string, unknown])[]) =>
      recorded
        .filter(([name]) => name === 'translation')
        .map(([, text]) => (text as { sourceSegment?: string }).sourceSegment);

    it('is paired with the source that the service names', () => {
      const { read, recorded } = startReader();
      read(
        { type: `${transcription}.text`, item_id: 's1', text: 'One' },
        { type: `${transcription}.text`, item_id: 's2', text: 'Two' },
        { type: 'conversation.item.created', previous_item_id: 's2', item: { id: 't', role: 'assistant' } },
        translated('t'),
      );
      expect(sourceOf(recorded)).toEqual(['s2']);
    });

    it('is paired with the oldest source without a translation if the service names none', () => {
      const { read, recorded } = startReader();
      read(
        { type: `${transcription}.text`, item_id: 's1', text: 'One' },
        { type: `${transcription}.text`, item_id: 's2', text: 'Two' },
        translated('t1'),
        translated('t2'),
      );
      expect(sourceOf(recorded)).toEqual(['s1', 's2']);
    });

    it('is not paired with a source that ended more than 10 s ago', () => {
      const { read, recorded, passTime } = startReader();
      read({ type: `${transcription}.completed`, item_id: 'noise', transcript: 'Hm.' });
      passTime(10_001);
      read({ type: `${transcription}.text`, item_id: 's', text: 'One' }, translated('t'));
      expect(sourceOf(recorded)).toEqual(['s']);
    });

    it('is dropped if only the transcript is wanted', () => {
      const { read, recorded } = startReader({ transcriptOnly: true });
      read(translated('t'), { type: 'response.audio_transcript.done', item_id: 't', transcript: 'Buenos días.' });
      expect(recorded).toEqual([]);
    });

    it('gets its final text from the end of its response if nothing else ended it', () => {
      const { read, recorded } = startReader({ hasAudioOutput: false });
      read(translated('t'), { type: 'response.done', response: { id: 'r-t' } });
      expect(recorded.filter(([name]) => name === 'translation').at(-1)).toEqual([
        'translation',
        { segment: 't', confirmed: 'Buenos días', tentative: '', final: true },
      ]);
    });
  });

  describe('voice', () => {
    const audio = (...bytes: number[]) => ({
      type: 'response.audio.delta',
      item_id: 't',
      response_id: 'r',
      delta: base64(...bytes),
    });

    it('joins a sample that a frame boundary cuts in two', () => {
      const { read, recorded } = startReader();
      read(audio(1, 0, 2), audio(0, 3, 0));
      expect(recorded).toEqual([
        ['audio', { segment: 't', samples: [1] }],
        ['audio', { segment: 't', samples: [2, 3] }],
      ]);
    });

    it('ends once, with its own end or with its response, and emits no samples afterwards', () => {
      const { read, recorded } = startReader();
      read(audio(1, 0), { type: 'response.audio.done', item_id: 't', response_id: 'r' }, audio(2, 0));
      read({ type: 'response.done', response: { id: 'r' } });
      expect(recorded.filter(([name]) => name === 'audio' || name === 'audioEnd')).toEqual([
        ['audio', { segment: 't', samples: [1] }],
        ['audioEnd', 't'],
      ]);
    });

    it('is dropped if it is not wanted, and counted all the same', () => {
      const { read, recorded } = startReader({ hasAudioOutput: false });
      read(audio(...new Array<number>(48_000).fill(0)), { type: 'response.done', response: { id: 'r' } });
      expect(recorded).toEqual([['usage', { outputAudio: 10, total: 10, estimated: true }]]);
    });
  });

  describe('response', () => {
    it('reports its usage once, even if its end comes twice', () => {
      const { read, recorded } = startReader();
      const done = { type: 'response.done', response: { id: 'r', usage: { total_tokens: 7 } } };
      read(done, done);
      expect(recorded).toEqual([['usage', { total: 7 }]]);
    });

    it('reports why it failed', () => {
      const { read, failures } = startReader();
      read({
        type: 'response.done',
        response: { id: 'r', status_details: { error: { code: 'DataInspectionFailed' } } },
      });
      expect(failures).toEqual([expect.objectContaining({ code: 'DataInspectionFailed' })]);
    });
  });

  it('accepts frames that carry nothing new, and rejects a frame of an unknown type', () => {
    const { read, recorded } = startReader();
    expect(read({ type: 'response.created' }, { type: 'response.output_item.added' }, { type: 'rate_limits' })).toEqual(
      [true, true, false],
    );
    expect(recorded).toEqual([]);
  });
});
