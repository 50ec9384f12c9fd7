/**
 * What differs between the generations of LiveTranslate models, seen from the server: how a session is requested and confirmed, how
 * text grows, and which events exist. Everything else of the protocol is the same for all of them.
 */

import { LanguageCode } from '@mediasoup-booth/protocol';
import { z } from 'zod';
import type { DialectName } from '../../config/models.ts';
import type { BackendConfiguration } from './backend.ts';

/** A session's settings, as the client requested them and as the server confirms them. */
export interface ServerSettings extends BackendConfiguration {
  transcription: string | undefined;
}

/** New text for the client: the last word of the frame's type (`delta` of `response.text.delta`), and its fields. */
export interface TextUpdate {
  event: 'text' | 'delta';
  fields: object;
}

export interface ServerDialect {
  name: DialectName;
  /** The settings until the first `session.update`. */
  defaults: ServerSettings;
  /** The schema of the `session` in a `session.update`, which is always complete. */
  update: z.ZodType<ServerSettings>;
  /** The settings in a session frame, without id and model. */
  session(settings: ServerSettings): object;
  /** The settings in the frame of a response, without its state. */
  response(settings: ServerSettings): object;
  /** The fields of a transcript besides its text. */
  transcript(settings: ServerSettings): object;
  /** @param sent the stable text that the client has already. @returns undefined if there is nothing to send */
  textUpdate(sent: string, stable: string, tentative: string): TextUpdate | undefined;
  /** Text is only ever added to, so missing text has to be sent before its end. */
  appends: boolean;
  /** Whether `speech_started` and `speech_stopped` are sent; `withIds`: with the ids of item and speaker. */
  marksSpeech: boolean | 'withIds';
  /** Whether `conversation.item.created` is sent, which names the source that a translation translates. */
  linksItems: boolean;
  /** Whether clients may cut speech themselves, by `input_audio_buffer.commit`. */
  takesCommits: boolean;
  /** If source and target are the same, the transcript is sent whether it was requested or not. */
  transcribesUnasked: boolean;
}

export const Modalities = z.array(z.enum(['text', 'audio'])).refine((list) => list.includes('text'), {
  error: `Invalid modalities. Supported combinations are: ['text'] and ['audio', 'text'].`,
});

export const VoiceName = z.string().min(1).max(128);

export const Translation = z.object(
  {
    language: z.string({ error: 'Invalid translation parameter: the target language is missing.' }).pipe(LanguageCode),
    // The vendor's name for what Booth calls hotwords: each phrase with its translation.
    corpus: z.object({ phrases: z.record(z.string(), z.string()).nullish() }).nullish(),
  },
  { error: 'Invalid translation parameter: { "language": … } is missing.' },
);

/** Whether a client wants speech as well as text: the default. */
export const wantsAudio = (modalities: readonly string[] | null | undefined): boolean =>
  (modalities ?? ['text', 'audio']).includes('audio');

export const modalitiesOf = (audio: boolean): string[] => (audio ? ['text', 'audio'] : ['text']);

/** An update that replaces the text so far; `stash` is the vendor's field for text that may still change. */
export const snapshot = (_sent: string, stable: string, tentative: string): TextUpdate => ({
  event: 'text',
  fields: { text: stable, stash: tentative },
});
