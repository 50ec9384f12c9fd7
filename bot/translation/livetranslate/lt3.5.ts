/** `qwen3.5-livetranslate-flash-realtime`: as LT3, but the transcript is on unless it is turned off by `null`. */
import type { Dialect } from './dialect.ts';
import { modalities, TRANSCRIPTION_MODEL, translation } from './parts.ts';

export const lt35: Dialect = {
  session(settings) {
    const { source, speaks, voice, transcript } = settings;
    return {
      modalities: modalities(settings),
      ...(speaks && voice !== undefined && { voice }),
      input_audio_format: 'pcm',
      output_audio_format: 'pcm',
      input_audio_transcription: { model: transcript ? TRANSCRIPTION_MODEL : null, language: source },
      translation: translation(settings),
    };
  },
};
