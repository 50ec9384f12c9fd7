/** `qwen3-livetranslate-flash-realtime`: everything of a session on one level, text in snapshots, no word on its pairing. */
import { z } from 'zod';
import { LanguageCode } from '../../../protocol/languages.ts';
import type { ServerDialect, ServerSettings } from './dialect.ts';
import { Modalities, modalitiesOf, snapshot, speaks, Translation, Voice } from './fields.ts';

const defaults: ServerSettings = { source: 'en', target: 'en', audio: true, voice: 'Cherry', transcription: undefined };

const update = z
  .object({
    modalities: Modalities.nullish(),
    voice: Voice.nullish(),
    input_audio_format: z.enum(['pcm', 'pcm16']).nullish(),
    output_audio_format: z.enum(['pcm', 'pcm16', 'pcm24']).nullish(),
    input_audio_transcription: z
      .object({ model: z.string().min(1).max(128).nullish(), language: LanguageCode.nullish() })
      .nullish(),
    translation: Translation,
  })
  .transform(
    ({ modalities, voice, input_audio_transcription, translation }): ServerSettings => ({
      source: input_audio_transcription?.language ?? defaults.source,
      target: translation.language,
      audio: speaks(modalities),
      voice: voice ?? defaults.voice,
      hotwords: translation.corpus?.phrases ?? {},
      transcription: input_audio_transcription?.model ?? undefined,
    }),
  );

export const lt3: ServerDialect = {
  name: 'lt3',
  defaults,
  update,
  session: ({ audio, voice, target }) => ({
    modalities: modalitiesOf(audio),
    voice,
    input_audio_format: 'pcm16',
    output_audio_format: 'pcm24',
    translation: { language: target },
  }),
  response: ({ audio, voice }) => ({ modalities: modalitiesOf(audio), voice, output_audio_format: 'pcm24' }),
  transcript: () => ({}),
  textUpdate: snapshot,
  appends: false,
  marksSpeech: false,
  linksItems: false,
  takesCommits: false,
  transcribesUnasked: false,
};
