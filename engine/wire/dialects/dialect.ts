/**
 * What differs between the generations of LiveTranslate models, seen from the server: how a session is asked for and told
 * back, how text grows, and which events there are at all. Everything else of the wire is the same for all of them.
 */
import type { z } from 'zod';
import type { DialectName } from '../../../config/models.ts';
import type { BackendConfiguration } from '../backend.ts';

/** A session's settings, as the client set them and as they are told back. */
export interface ServerSettings extends BackendConfiguration {
  transcription: string | undefined;
}

/** Text that a client has not seen yet: the last word of the event's name, and its fields. */
export interface TextUpdate {
  event: 'text' | 'delta';
  fields: object;
}

export interface ServerDialect {
  name: DialectName;
  /** What counts until the first `session.update`. */
  defaults: ServerSettings;
  /** The `session` of a `session.update`, whole. */
  update: z.ZodType<ServerSettings>;
  /** The settings as a session frame tells them, without id and model. */
  session(settings: ServerSettings): object;
  /** The same for the frame of a response, without its state. */
  response(settings: ServerSettings): object;
  /** What a transcript says of itself besides its text. */
  transcript(settings: ServerSettings): object;
  /** Undefined: there is nothing to say. `sent` is the stable text of which the client knows. */
  textUpdate(sent: string, stable: string, tentative: string): TextUpdate | undefined;
  /** Text is only ever added to, so that what is missing has to be added before its end. */
  appends: boolean;
  /** `speech_started` and `speech_stopped`; `named`: with item and speaker. */
  marksSpeech: boolean | 'named';
  /** `conversation.item.created`, which says what a translation translates. */
  linksItems: boolean;
  /** Clients may cut speech themselves, by `input_audio_buffer.commit`. */
  takesCommits: boolean;
  /** Where source and target are the same, the transcript is said whether it was asked for or not. */
  transcribesUnasked: boolean;
}
