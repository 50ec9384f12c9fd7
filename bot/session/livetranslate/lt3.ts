/**
 * `qwen3-livetranslate-flash-realtime`, and the offline engine, which speaks as it does. The transcript is off unless its
 * model is named; the source language is English unless it is named, transcript or not.
 */
import type { ClientDialect } from './dialect.ts';
import { modalities, TRANSCRIPTION_MODEL, translation } from './parts.ts';

export const lt3: ClientDialect = {
  session(settings) {
    const { source, speaks, voice, transcript } = settings;
    return {
      modalities: modalities(settings),
      ...(speaks && voice !== undefined && { voice }),
      input_audio_format: 'pcm',
      output_audio_format: 'pcm',
      input_audio_transcription: { ...(transcript && { model: TRANSCRIPTION_MODEL }), language: source },
      translation: translation(settings),
    };
  },
};
