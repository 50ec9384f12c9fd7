/** What the vendor sends and is sent of one spoken sentence, as its guide tells it. */
import type { Frame } from './livetranslate.ts';

export const transcription = 'conversation.item.input_audio_transcription';
export const speech = (ms: number, value = 1): Int16Array => new Int16Array(ms * 16).fill(value);
export const base64 = (bytes: number[]): string => Buffer.from(bytes).toString('base64');

/** One spoken sentence as the vendor's guide tells it, text and audio. */
export const sentence: Frame[] = [
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
