/** The dialects of the vendor's model generations, and the one of the offline engine. */

import { LanguageCode } from '@mediasoup-booth/protocol';
import { z } from 'zod';
import { SPEECH_SAMPLE_RATE, VOICE_SAMPLE_RATE } from '../../audio/sample-rates.ts';
import type { DialectName } from '../../config/models.ts';
import {
  Modalities,
  modalitiesOf,
  type ServerDialect,
  type ServerSettings,
  snapshot,
  Translation,
  VoiceName,
  wantsAudio,
} from './dialect.ts';

const TRANSCRIPTION_MODEL = 'qwen3-asr-flash-realtime';

// qwen3-livetranslate-flash-realtime: all settings on one level, text in snapshots, no word on which translation belongs to which source.

const lt3Defaults: ServerSettings = {
  source: 'en',
  target: 'en',
  audio: true,
  voice: 'Cherry',
  transcription: undefined,
};

const lt3Update = z
  .object({
    modalities: Modalities.nullish(),
    voice: VoiceName.nullish(),
    input_audio_format: z.enum(['pcm', 'pcm16']).nullish(),
    output_audio_format: z.enum(['pcm', 'pcm16', 'pcm24']).nullish(),
    input_audio_transcription: z
      .object({ model: z.string().min(1).max(128).nullish(), language: LanguageCode.nullish() })
      .nullish(),
    translation: Translation,
  })
  .transform(
    ({ modalities, voice, input_audio_transcription, translation }): ServerSettings => ({
      source: input_audio_transcription?.language ?? lt3Defaults.source,
      target: translation.language,
      audio: wantsAudio(modalities),
      voice: voice ?? lt3Defaults.voice,
      hotwords: translation.corpus?.phrases ?? {},
      transcription: input_audio_transcription?.model ?? undefined,
    }),
  );

const lt3: ServerDialect = {
  name: 'lt3',
  defaults: lt3Defaults,
  update: lt3Update,
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

/** LT3 as the offline engine speaks it: it sends more than that generation documents, in the form of the next one. */
export const offlineDialect: ServerDialect = {
  ...lt3,
  session: (settings) => ({
    ...lt3.session(settings),
    input_audio_transcription: {
      ...(settings.transcription !== undefined && { model: settings.transcription }),
      language: settings.source,
    },
  }),
  transcript: ({ source }) => ({ language: source }),
  marksSpeech: true,
  linksItems: true,
  transcribesUnasked: true,
};

// qwen3.5-livetranslate-flash-realtime: the transcript is on by default; the client may leave the detection of the language to the model,
// and may cut speech itself.

const SILENCE_MS = 1000;

const lt35Defaults: ServerSettings = {
  source: 'en',
  detectsSource: true,
  target: 'en',
  audio: true,
  voice: 'Tina',
  transcription: TRANSCRIPTION_MODEL,
};

const TurnDetection = z.object({
  type: z.literal('server_vad').nullish(),
  threshold: z.number().min(-1).max(1).nullish(),
  silence_duration_ms: z.number().int().min(200).max(6000).nullish(),
});

const lt35Update = z
  .object({
    modalities: Modalities.nullish(),
    voice: VoiceName.nullish(),
    input_audio_format: z.enum(['pcm', 'pcm16'], { error: 'Only pcm is understood here.' }).nullish(),
    output_audio_format: z.enum(['pcm', 'pcm16', 'pcm24']).nullish(),
    sample_rate: z.literal(SPEECH_SAMPLE_RATE, { error: 'Only 16000 is understood here.' }).nullish(),
    input_audio_transcription: z
      .object({ model: z.string().min(1).max(128).nullish(), language: LanguageCode.nullish() })
      .nullish(),
    turn_detection: TurnDetection.nullish(),
    translation: Translation,
  })
  .transform(({ modalities, voice, input_audio_transcription, turn_detection, translation }): ServerSettings => {
    const { language } = input_audio_transcription ?? {};
    return {
      source: language ?? lt35Defaults.source,
      detectsSource: !language,
      target: translation.language,
      audio: wantsAudio(modalities),
      voice: voice ?? lt35Defaults.voice,
      hotwords: translation.corpus?.phrases ?? {},
      ...turnDetection(turn_detection),
      // Absent is not the same as null here: only null turns the transcript off.
      transcription: transcriptionModel(input_audio_transcription),
    };
  });

function turnDetection(
  detection: z.infer<typeof TurnDetection> | null | undefined,
): Pick<ServerSettings, 'manual' | 'silenceMs'> {
  if (detection === null) return { manual: true };
  const { silence_duration_ms } = detection ?? {};
  return typeof silence_duration_ms === 'number' ? { silenceMs: silence_duration_ms } : {};
}

function transcriptionModel(asked: { model?: string | null | undefined } | null | undefined): string | undefined {
  if (asked === null || asked?.model === null) return undefined;
  return asked?.model ?? TRANSCRIPTION_MODEL;
}

const lt35Session = (settings: ServerSettings): object => {
  const { audio, voice, transcription, source, detectsSource, target, hotwords, manual, silenceMs } = settings;
  return {
    modalities: modalitiesOf(audio),
    voice,
    input_audio_format: 'pcm',
    output_audio_format: 'pcm',
    sample_rate: SPEECH_SAMPLE_RATE,
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

const lt35: ServerDialect = {
  name: 'lt3.5',
  defaults: lt35Defaults,
  update: lt35Update,
  session: lt35Session,
  response: ({ audio, voice }) => ({ modalities: modalitiesOf(audio), voice, output_audio_format: 'pcm' }),
  transcript: ({ source }) => ({ language: source, emotion: 'neutral' }),
  textUpdate: snapshot,
  appends: false,
  marksSpeech: true,
  linksItems: true,
  takesCommits: true,
  transcribesUnasked: false,
};

// qwen3.8-livetranslate-flash-realtime: settings nested by direction, text by addition, the transcript always on.

/** The voice that the model assumes if a client names none. It has no such voice, so the session ends. */
const NO_VOICE = 'Chelsie';
const FORMAT = {
  input: { type: 'pcm', sample_rate: SPEECH_SAMPLE_RATE },
  output: { type: 'pcm', sample_rate: VOICE_SAMPLE_RATE },
};

const lt38Defaults: ServerSettings = {
  source: 'en',
  detectsSource: true,
  target: 'en',
  audio: true,
  voice: NO_VOICE,
  needsVoice: true,
  transcription: TRANSCRIPTION_MODEL,
};

const Format = z.object({ type: z.literal('pcm').nullish(), sample_rate: z.number().nullish() });

const lt38Update = z
  .object({
    output_modalities: Modalities.nullish(),
    voice: VoiceName.nullish(),
    audio: z
      .object({
        input: z
          .object({
            format: Format.extend({ sample_rate: z.literal(SPEECH_SAMPLE_RATE).nullish() }).nullish(),
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
            format: Format.extend({ sample_rate: z.literal(VOICE_SAMPLE_RATE).nullish() }).nullish(),
            voice: VoiceName.nullish(),
          })
          .nullish(),
      })
      .nullish(),
    translation: Translation,
  })
  .transform(({ output_modalities, voice, audio, translation }): ServerSettings => {
    const silenceMs = audio?.input?.turn_detection?.silence_duration_ms;
    return {
      ...lt38Defaults,
      target: translation.language,
      audio: wantsAudio(output_modalities),
      voice: voice ?? audio?.output?.voice ?? NO_VOICE,
      hotwords: translation.corpus?.phrases ?? {},
      ...(typeof silenceMs === 'number' && { silenceMs }),
    };
  });

const lt38: ServerDialect = {
  name: 'lt3.8',
  defaults: lt38Defaults,
  update: lt38Update,
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
  marksSpeech: 'withIds',
  linksItems: true,
  takesCommits: false,
  transcribesUnasked: false,
};

/** The dialects of the vendor's models. */
export const serverDialects: Readonly<Record<DialectName, ServerDialect>> = { lt3, 'lt3.5': lt35, 'lt3.8': lt38 };
