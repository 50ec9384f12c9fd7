/** The frames that the server sends, by the vendor's names. What differs between its models comes from a dialect. Pure. */
import type { ErrorDetails } from './backend.ts';
import type { TextUpdate } from './dialect.ts';

export type OutgoingFrame = { type: string } & Record<string, unknown>;

export interface ResponseUsage {
  total_tokens: number;
  input_tokens: number;
  output_tokens: number;
  input_tokens_details: { text_tokens: number; audio_tokens: number };
  output_tokens_details: { text_tokens: number; audio_tokens: number };
}

export const sessionFrame = (
  type: 'session.created' | 'session.updated',
  session: { id: string; model: string; settings: object },
): OutgoingFrame => ({
  type,
  session: { id: session.id, object: 'realtime.session', model: session.model, ...session.settings },
});

export const sessionFinished: OutgoingFrame = { type: 'session.finished' };
export const errorFrame = (error: ErrorDetails): OutgoingFrame => ({ type: 'error', error });

/** The speaker, and the item that the transcript will have; undefined for a generation that does not send them. */
export interface SpeechNames {
  item_id: string;
  speaker_id: string;
}

export const speechStarted = (atMs: number, names?: SpeechNames): OutgoingFrame => ({
  type: 'input_audio_buffer.speech_started',
  audio_start_ms: Math.round(atMs),
  ...names,
});
export const speechStopped = (atMs: number): OutgoingFrame => ({
  type: 'input_audio_buffer.speech_stopped',
  audio_end_ms: Math.round(atMs),
});
/** Booth's own: how much audio waits to be heard, and for how many other speakers. Clients that do not know it ignore it. */
export const audioBacklog = (waitingMs: number, speakersAhead: number): OutgoingFrame => ({
  type: 'input_audio_buffer.backlog',
  waiting_ms: waitingMs,
  ...(speakersAhead > 0 && { speakers_ahead: speakersAhead }),
});

export const committed: OutgoingFrame = { type: 'input_audio_buffer.committed' };
export const cleared: OutgoingFrame = { type: 'input_audio_buffer.cleared' };

/** The utterance that a client ended itself, by a commit. */
export const spokenItem = (id: string): OutgoingFrame => ({
  type: 'conversation.item.created',
  previous_item_id: null,
  item: {
    id,
    object: 'realtime.item',
    type: 'message',
    status: 'completed',
    role: 'user',
    content: [{ type: 'input_audio' }],
  },
});

const TRANSCRIPTION = 'conversation.item.input_audio_transcription';

/** @param about the fields of the transcript besides its text */
export const sourceText = (item_id: string, growth: TextUpdate, about: object): OutgoingFrame => ({
  type: `${TRANSCRIPTION}.${growth.event}`,
  item_id,
  content_index: 0,
  ...growth.fields,
  ...about,
});
export const sourceCompleted = (item_id: string, transcript: string, about: object): OutgoingFrame => ({
  type: `${TRANSCRIPTION}.completed`,
  item_id,
  content_index: 0,
  transcript,
  ...about,
});
export const sourceFailed = (item_id: string, message: string): OutgoingFrame => ({
  type: `${TRANSCRIPTION}.failed`,
  item_id,
  content_index: 0,
  error: { code: 'transcription_failed', message },
});

/** The fields that all frames of one response have in common. */
export interface ResponseIdentity {
  id: string;
  conversation: string;
  item: string;
  /** The item of the transcript that it translates; null if the client gets no transcript. */
  previousItem: string | null;
  audio: boolean;
  /** Further fields in the frames of its state: modalities, voice, format. */
  about: object;
  /** Whether the frames name the item that the response follows. */
  linked: boolean;
}

export type ResponseOutcome = { status: 'completed' | 'failed'; reason?: string };

/** The frames from the creation of a response to the part that its text and voice belong to. */
export const responseStarted = (response: ResponseIdentity): OutgoingFrame[] => [
  ...(response.linked ? [itemCreated(response)] : []),
  { type: 'response.created', response: envelope(response, 'in_progress', []) },
  {
    type: 'response.output_item.added',
    response_id: response.id,
    output_index: 0,
    item: item(response, 'in_progress', []),
  },
  { type: 'response.content_part.added', ...place(response), part: { type: partType(response), text: '' } },
];

const itemCreated = (response: ResponseIdentity): OutgoingFrame => ({
  type: 'conversation.item.created',
  previous_item_id: response.previousItem,
  item: item(response, 'in_progress', []),
});

export const responseText = (response: ResponseIdentity, { event, fields }: TextUpdate): OutgoingFrame => ({
  type: `${response.audio ? 'response.audio_transcript' : 'response.text'}.${event}`,
  ...place(response),
  ...fields,
});

export const responseAudio = (response: ResponseIdentity, base64: string): OutgoingFrame => ({
  type: 'response.audio.delta',
  ...place(response),
  delta: base64,
});

/** The frames from the complete text to the end of the item. */
export function responseTextDone(response: ResponseIdentity, text: string, outcome: ResponseOutcome): OutgoingFrame[] {
  const type = partType(response);
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
      item: item(response, itemStatus(outcome), [{ type, text }]),
    },
  ];
}

/** The end of a response, with its usage. */
export function responseDone(
  response: ResponseIdentity,
  text: string,
  outcome: ResponseOutcome,
  usage: ResponseUsage,
): OutgoingFrame {
  const type = partType(response);
  // The vendor uses another name for the text in this frame.
  const said = response.audio ? { type, transcript: text } : { type, text };
  return {
    type: 'response.done',
    response: {
      ...envelope(response, outcome.status, [item(response, itemStatus(outcome), [said])]),
      ...(outcome.reason !== undefined && {
        status_details: { type: 'failed', error: { code: 'translation_failed', message: outcome.reason } },
      }),
      usage,
    },
  };
}

const itemStatus = ({ status }: ResponseOutcome): string => (status === 'completed' ? 'completed' : 'incomplete');

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
  ...response.about,
  output,
});
