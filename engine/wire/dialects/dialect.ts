/**
 * What differs between the generations of LiveTranslate models, seen from the server: how a session is asked for and told
 * back, how text grows, and which events there are at all. Everything else of the wire is the same for all of them.
 */
import type { z } from 'zod';
import type { DialectName } from '../../../config/models.ts';
import type { Configuration } from '../backend.ts';

/** A session's settings, as the client set them and as they are told back. */
export interface Settings extends Configuration {
  transcription: string | undefined;
}

/** Text that a client has not seen yet: the last word of the event's name, and its fields. */
export interface Growth {
  event: 'text' | 'delta';
  fields: object;
}

export interface Dialect {
  name: DialectName;
  /** What counts until the first `session.update`. */
  defaults: Settings;
  /** The `session` of a `session.update`, whole. */
  update: z.ZodType<Settings>;
  /** The settings as a session frame tells them, without id and model. */
  session(settings: Settings): object;
  /** The same for the frame of a response, without its state. */
  response(settings: Settings): object;
  /** What a transcript says of itself besides its text. */
  transcript(settings: Settings): object;
  /** Undefined: there is nothing to say. `sent` is the stable text of which the client knows. */
  growth(sent: string, stable: string, tentative: string): Growth | undefined;
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
