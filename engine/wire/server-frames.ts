/** The frames of `qwen3-livetranslate-flash-realtime` that come from the server, by the vendor's names. Pure. */
import type { Configuration } from './backend.ts';

export type Frame = { type: string } & Record<string, unknown>;

/** A session's settings, as the client set them and as they are told back. */
export interface Settings extends Configuration {
  /** The model that the client named for the transcript of what is said; undefined: it wants none. */
  transcription: string | undefined;
}

export interface ErrorDetails {
  type: 'invalid_request_error' | 'server_error';
  code: string;
  message: string;
  param?: string;
}

export interface Usage {
  total_tokens: number;
  input_tokens: number;
  output_tokens: number;
  input_tokens_details: { text_tokens: number; audio_tokens: number };
  output_tokens_details: { text_tokens: number; audio_tokens: number };
}

const modalities = (audio: boolean): string[] => (audio ? ['text', 'audio'] : ['text']);

export const sessionFrame = (
  type: 'session.created' | 'session.updated',
  id: string,
  model: string,
  settings: Settings,
): Frame => ({
  type,
  session: {
    id,
    object: 'realtime.session',
    model,
    modalities: modalities(settings.audio),
    voice: settings.voice,
    input_audio_format: 'pcm16',
    output_audio_format: 'pcm24',
    input_audio_transcription: {
      ...(settings.transcription !== undefined && { model: settings.transcription }),
      language: settings.source,
    },
    translation: { language: settings.target },
  },
});

export const sessionFinished: Frame = { type: 'session.finished' };
export const errorFrame = (error: ErrorDetails): Frame => ({ type: 'error', error });

export const speechStarted = (atMs: number): Frame => ({
  type: 'input_audio_buffer.speech_started',
  audio_start_ms: Math.round(atMs),
});
export const speechStopped = (atMs: number): Frame => ({
  type: 'input_audio_buffer.speech_stopped',
  audio_end_ms: Math.round(atMs),
});

const TRANSCRIPTION = 'conversation.item.input_audio_transcription';

export const sourceText = (item_id: string, text: string, stash: string, language: string): Frame => ({
  type: `${TRANSCRIPTION}.text`,
  item_id,
  content_index: 0,
  text,
  stash,
  language,
});
export const sourceCompleted = (item_id: string, transcript: string, language: string): Frame => ({
  type: `${TRANSCRIPTION}.completed`,
  item_id,
  content_index: 0,
  transcript,
  language,
});
export const sourceFailed = (item_id: string, message: string): Frame => ({
  type: `${TRANSCRIPTION}.failed`,
  item_id,
  content_index: 0,
  error: { code: 'transcription_failed', message },
});

/** What the frames of one response have in common. */
export interface ResponseIdentity {
  id: string;
  conversation: string;
  item: string;
  /** The transcript's item that it translates; null: the client gets no transcript. */
  previousItem: string | null;
  audio: boolean;
  voice: string;
}

export type Outcome = { status: 'completed' | 'failed'; reason?: string };

/** From the response's creation to the part that its text and voice belong to. */
export const responseBeginning = (response: ResponseIdentity): Frame[] => [
  {
    type: 'conversation.item.created',
    previous_item_id: response.previousItem,
    item: item(response, 'in_progress', []),
  },
  { type: 'response.created', response: envelope(response, 'in_progress', []) },
  {
    type: 'response.output_item.added',
    response_id: response.id,
    output_index: 0,
    item: item(response, 'in_progress', []),
  },
  { type: 'response.content_part.added', ...place(response), part: { type: partType(response), text: '' } },
];

export const responseText = (response: ResponseIdentity, text: string, stash: string): Frame => ({
  type: response.audio ? 'response.audio_transcript.text' : 'response.text.text',
  ...place(response),
  text,
  stash,
});

export const responseAudio = (response: ResponseIdentity, base64: string): Frame => ({
  type: 'response.audio.delta',
  ...place(response),
  delta: base64,
});

/** From the whole text to the response's end and what it cost. */
export function responseEnding(response: ResponseIdentity, text: string, outcome: Outcome, usage: Usage): Frame[] {
  const type = partType(response);
  const status = outcome.status === 'completed' ? 'completed' : 'incomplete';
  const said = response.audio ? { type, transcript: text } : { type, text };
  const whole = response.audio
    ? [
        { type: 'response.audio_transcript.done', ...place(response), transcript: text },
        { type: 'response.audio.done', ...place(response) },
      ]
    : [{ type: 'response.text.done', ...place(response), text }];
  return [
    ...whole,
    { type: 'response.content_part.done', ...place(response), part: { type, text } },
    {
      type: 'response.output_item.done',
      response_id: response.id,
      output_index: 0,
      item: item(response, status, [{ type, text }]),
    },
    {
      type: 'response.done',
      response: {
        ...envelope(response, outcome.status, [item(response, status, [said])]),
        ...(outcome.reason !== undefined && {
          status_details: { type: 'failed', error: { code: 'translation_failed', message: outcome.reason } },
        }),
        usage,
      },
    },
  ];
}

const partType = (response: ResponseIdentity): 'audio' | 'text' => (response.audio ? 'audio' : 'text');

const place = (response: ResponseIdentity) => ({
  response_id: response.id,
  item_id: response.item,
  output_index: 0,
  content_index: 0,
});

const item = (response: ResponseIdentity, status: string, content: object[]) => ({
  id: response.item,
  object: 'realtime.item',
  type: 'message',
  status,
  role: 'assistant',
  content,
});

const envelope = (response: ResponseIdentity, status: string, output: object[]) => ({
  id: response.id,
  object: 'realtime.response',
  conversation_id: response.conversation,
  status,
  modalities: modalities(response.audio),
  voice: response.voice,
  output_audio_format: 'pcm24',
  output,
});
