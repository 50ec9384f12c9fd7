/**
 * How each generation of LiveTranslate models is asked for a session. What the models send back is read the same way for all
 * generations: see `frame-reader.ts`.
 */
import { SPEECH_SAMPLE_RATE, VOICE_SAMPLE_RATE } from '../../../audio/sample-rates.ts';
import type { DialectName } from '../../../config/models.ts';
import type { SessionSettings } from './settings.ts';

export interface ClientDialect {
  /** The complete `session` of a `session.update`: the service does not merge it field by field. */
  session(settings: SessionSettings): object;
}

/** The only transcription model there is, in every generation that names one. */
const TRANSCRIPTION_MODEL = 'qwen3-asr-flash-realtime';

/**
 * `qwen3-livetranslate-flash-realtime`, and the offline engine. The transcript is off unless its model is named; the source language
 * is English unless it is named, with or without a transcript.
 */
const lt3: ClientDialect = {
  session(settings) {
    const { source, hasAudioOutput, voice, transcript } = settings;
    return {
      modalities: modalities(settings),
      ...(hasAudioOutput && voice !== undefined && { voice }),
      input_audio_format: 'pcm',
      output_audio_format: 'pcm',
      input_audio_transcription: { ...(transcript && { model: TRANSCRIPTION_MODEL }), language: source },
      translation: translation(settings),
    };
  },
};

/**
 * `qwen3.5-livetranslate-flash-realtime`: like LT3, but the transcript is on unless `null` turns it off.
 *
 * The source language is named although the model can detect it: nothing says that detection recognises better, and captions are
 * labelled with the language that the speaker declared, so a transcript must not name another.
 */
const lt35: ClientDialect = {
  session(settings) {
    const { source, hasAudioOutput, voice, transcript } = settings;
    return {
      modalities: modalities(settings),
      ...(hasAudioOutput && voice !== undefined && { voice }),
      input_audio_format: 'pcm',
      output_audio_format: 'pcm',
      input_audio_transcription: { model: transcript ? TRANSCRIPTION_MODEL : null, language: source },
      translation: translation(settings),
    };
  },
};

/**
 * `qwen3.8-livetranslate-flash-realtime`: formats are nested, the source language is always detected, the transcript is always on,
 * and the service ends a session without a voice, even one that only wants text.
 */
const lt38: ClientDialect = {
  session(settings) {
    const { voice } = settings;
    return {
      output_modalities: modalities(settings),
      ...(voice !== undefined && { voice }),
      audio: {
        input: {
          format: { type: 'pcm', sample_rate: SPEECH_SAMPLE_RATE },
          turn_detection: { type: 'speaker_detection', threshold: 0.5 },
        },
        output: { format: { type: 'pcm', sample_rate: VOICE_SAMPLE_RATE } },
      },
      translation: translation(settings),
    };
  },
};

export const clientDialects: Readonly<Record<DialectName, ClientDialect>> = { lt3, 'lt3.5': lt35, 'lt3.8': lt38 };

function modalities({ hasAudioOutput }: SessionSettings): string[] {
  return hasAudioOutput ? ['text', 'audio'] : ['text'];
}

/** Required by the service, though the vendor's documentation calls it optional. */
function translation({ target, hotwords }: SessionSettings): object {
  return { language: target, ...(Object.keys(hotwords).length > 0 && { corpus: { phrases: hotwords } }) };
}
