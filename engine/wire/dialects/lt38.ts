/** `qwen3.8-livetranslate-flash-realtime`: settings nested by direction, text by addition, the transcript always on. */
import { z } from 'zod';
import type { ServerDialect, ServerSettings } from './dialect.ts';
import { Modalities, modalitiesOf, speaks, Translation, Voice } from './fields.ts';

/** What the model takes for its voice where a client names none; it has no such voice, and the session dies of it. */
const NO_VOICE = 'Chelsie';
const TRANSCRIBER = 'qwen3-asr-flash-realtime';
const FORMAT = { input: { type: 'pcm', sample_rate: 16_000 }, output: { type: 'pcm', sample_rate: 24_000 } };

const defaults: ServerSettings = {
  source: 'en',
  detectsSource: true,
  target: 'en',
  audio: true,
  voice: NO_VOICE,
  needsVoice: true,
  transcription: TRANSCRIBER,
};

const Format = z.object({ type: z.literal('pcm').nullish(), sample_rate: z.number().nullish() });

const update = z
  .object({
    output_modalities: Modalities.nullish(),
    voice: Voice.nullish(),
    audio: z
      .object({
        input: z
          .object({
            format: Format.extend({ sample_rate: z.literal(16_000).nullish() }).nullish(),
            turn_detection: z
              .object({
                type: z.enum(['speaker_detection', 'server_vad']).nullish(),
                threshold: z.number().nullish(),
                silence_duration_ms: z.number().int().min(200).max(6000).nullish(),
              })
              .nullish(),
          })
          .nullish(),
        output: z
          .object({
            format: Format.extend({ sample_rate: z.literal(24_000).nullish() }).nullish(),
            voice: Voice.nullish(),
          })
          .nullish(),
      })
      .nullish(),
    translation: Translation,
  })
  .transform(({ output_modalities, voice, audio, translation }): ServerSettings => {
    const silenceMs = audio?.input?.turn_detection?.silence_duration_ms;
    return {
      ...defaults,
      target: translation.language,
      audio: speaks(output_modalities),
      voice: voice ?? audio?.output?.voice ?? NO_VOICE,
      hotwords: translation.corpus?.phrases ?? {},
      ...(typeof silenceMs === 'number' && { silenceMs }),
    };
  });

export const lt38: ServerDialect = {
  name: 'lt3.8',
  defaults,
  update,
  session: ({ audio, voice, transcription, target, hotwords }) => ({
    input_modalities: ['audio', 'image'],
    output_modalities: modalitiesOf(audio),
    audio: {
      input: {
        format: FORMAT.input,
        transcription: { model: transcription },
        turn_detection: { type: 'speaker_detection', threshold: 0.5 },
      },
      output: { format: FORMAT.output, voice },
    },
    translation: { language: target, corpus: { phrases: hotwords ?? {} } },
  }),
  response: ({ audio, voice }) => ({
    output_modalities: modalitiesOf(audio),
    audio: { output: { format: FORMAT.output, voice } },
  }),
  transcript: ({ source }) => ({ language: source, emotion: 'neutral' }),
  textUpdate: (sent, stable) =>
    stable.length > sent.length ? { event: 'delta', fields: { delta: stable.slice(sent.length) } } : undefined,
  appends: true,
  marksSpeech: 'named',
  linksItems: true,
  takesCommits: false,
  transcribesUnasked: false,
};
