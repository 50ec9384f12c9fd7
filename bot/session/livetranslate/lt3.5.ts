/**
 * `qwen3.5-livetranslate-flash-realtime`: as LT3, but the transcript is on unless it is turned off by `null`.
 *
 * The language is named although the model would find it out: nothing says that it hears better for not being told, and what
 * somebody declares is what their captions are labelled with. So its transcripts may name no other language than this one.
 */
import type { ClientDialect } from './dialect.ts';
import { modalities, TRANSCRIPTION_MODEL, translation } from './parts.ts';

export const lt35: ClientDialect = {
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
