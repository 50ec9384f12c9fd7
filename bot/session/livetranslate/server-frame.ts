/**
 * The schema of a frame from the service, lenient: one shape with every field that any frame of any model generation may carry. A
 * missing field is undefined; a field of the wrong type makes the frame malformed, unless what the frame carries is worth more.
 */
import { z } from 'zod';

const text = z.string().nullish();
const count = z.number().nonnegative().nullish();
/** Codes are words; in some of the service's errors they are numbers. */
const code = z.union([z.string(), z.number().transform(String)]).nullish();

const Usage = z.object({
  total_tokens: count,
  input_tokens: count,
  input_tokens_details: z.object({ text_tokens: count, audio_tokens: count, image_tokens: count }).nullish(),
  output_tokens_details: z.object({ text_tokens: count, audio_tokens: count }).nullish(),
});

const Failure = z.preprocess(
  (error) => (typeof error === 'string' ? { message: error } : error),
  z.object({ type: text, code, message: text, param: text }).nullish(),
);

const modalities = z.array(z.string()).nullish();

const Session = z.object({
  modalities,
  output_modalities: modalities,
  voice: text,
  audio: z.object({ output: z.object({ voice: text }).nullish() }).nullish(),
  translation: z.object({ language: text }).nullish(),
  input_audio_transcription: z.object({ model: text, language: text }).nullish(),
});

const Response = z.object({
  id: text,
  // A translation is worth more than its usage and its error details: if these cannot be read, they are left out.
  usage: Usage.nullish().catch(undefined),
  error: Failure.catch(undefined),
  status_details: z.object({ error: Failure }).nullish().catch(undefined),
});

const ServerFrame = z.object({
  type: text,
  event_id: text,
  item_id: text,
  response_id: text,
  previous_item_id: text,
  item: z.object({ id: text, role: text }).nullish(),
  text,
  stash: text,
  delta: text,
  transcript: text,
  // A transcript is worth more than its language label.
  language: text.catch(undefined),
  audio_start_ms: count,
  audio_end_ms: count,
  waiting_ms: count,
  speakers_ahead: count,
  // Settings that cannot be read are taken for the requested ones.
  session: Session.nullish().catch(undefined),
  response: Response.nullish(),
  error: Failure,
  code,
  message: text,
});
export type ServerFrame = z.infer<typeof ServerFrame>;

/** @returns undefined for a malformed frame */
export function readFrame(json: string): ServerFrame | undefined {
  try {
    return ServerFrame.safeParse(JSON.parse(json)).data;
  } catch {
    return undefined;
  }
}
