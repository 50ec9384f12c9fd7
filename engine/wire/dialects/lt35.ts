/** `qwen3.5-livetranslate-flash-realtime`: the transcript is on by default, the language may be left to it, and so may be the cuts. */
import { z } from 'zod';
import { LanguageCode } from '../../../protocol/languages.ts';
import type { ServerDialect, ServerSettings } from './dialect.ts';
import { Modalities, modalitiesOf, snapshot, speaks, Translation, Voice } from './fields.ts';

const TRANSCRIBER = 'qwen3-asr-flash-realtime';
const SILENCE_MS = 1000;

const defaults: ServerSettings = {
  source: 'en',
  detectsSource: true,
  target: 'en',
  audio: true,
  voice: 'Tina',
  transcription: TRANSCRIBER,
};

const TurnDetection = z.object({
  type: z.literal('server_vad').nullish(),
  threshold: z.number().min(-1).max(1).nullish(),
  silence_duration_ms: z.number().int().min(200).max(6000).nullish(),
});

const update = z
  .object({
    modalities: Modalities.nullish(),
    voice: Voice.nullish(),
    input_audio_format: z.enum(['pcm', 'pcm16'], { error: 'Only pcm is understood here.' }).nullish(),
    output_audio_format: z.enum(['pcm', 'pcm16', 'pcm24']).nullish(),
    sample_rate: z.literal(16_000, { error: 'Only 16000 is understood here.' }).nullish(),
    input_audio_transcription: z
      .object({ model: z.string().min(1).max(128).nullish(), language: LanguageCode.nullish() })
      .nullish(),
    turn_detection: TurnDetection.nullish(),
    translation: Translation,
  })
  .transform(({ modalities, voice, input_audio_transcription, turn_detection, translation }): ServerSettings => {
    const { language } = input_audio_transcription ?? {};
    return {
      source: language ?? defaults.source,
      detectsSource: !language,
      target: translation.language,
      audio: speaks(modalities),
      voice: voice ?? defaults.voice,
      hotwords: translation.corpus?.phrases ?? {},
      ...turns(turn_detection),
      // Absent is not the same as null here: only null turns it off.
      transcription: transcriber(input_audio_transcription),
    };
  });

function turns(
  detection: z.infer<typeof TurnDetection> | null | undefined,
): Pick<ServerSettings, 'manual' | 'silenceMs'> {
  if (detection === null) return { manual: true };
  const { silence_duration_ms } = detection ?? {};
  return typeof silence_duration_ms === 'number' ? { silenceMs: silence_duration_ms } : {};
}

function transcriber(asked: { model?: string | null | undefined } | null | undefined): string | undefined {
  if (asked === null || asked?.model === null) return undefined;
  return asked?.model ?? TRANSCRIBER;
}

const session = (settings: ServerSettings): object => {
  const { audio, voice, transcription, source, detectsSource, target, hotwords, manual, silenceMs } = settings;
  return {
    modalities: modalitiesOf(audio),
    voice,
    input_audio_format: 'pcm',
    output_audio_format: 'pcm',
    sample_rate: 16_000,
    input_audio_transcription:
      transcription === undefined ? null : { model: transcription, ...(!detectsSource && { language: source }) },
    ...(!manual && {
      turn_detection: {
        type: 'server_vad',
        threshold: 0.2,
        prefix_padding_ms: 300,
        silence_duration_ms: silenceMs ?? SILENCE_MS,
        create_response: true,
        interrupt_response: true,
      },
    }),
    translation: { language: target, corpus: { phrases: hotwords ?? {} } },
    enable_voice_clone: false,
  };
};

export const lt35: ServerDialect = {
  name: 'lt3.5',
  defaults,
  update,
  session,
  response: ({ audio, voice }) => ({ modalities: modalitiesOf(audio), voice, output_audio_format: 'pcm' }),
  transcript: ({ source }) => ({ language: source, emotion: 'neutral' }),
  textUpdate: snapshot,
  appends: false,
  marksSpeech: true,
  linksItems: true,
  takesCommits: true,
  transcribesUnasked: false,
};
