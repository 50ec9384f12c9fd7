/**
 * `qwen3.8-livetranslate-flash-realtime`: formats are nested, it hears by itself which language is spoken and always says
 * what, and without a voice the session dies, even where only text is wanted.
 */
import type { ClientDialect } from './dialect.ts';
import { modalities, translation } from './parts.ts';

export const lt38: ClientDialect = {
  session(settings) {
    const { voice } = settings;
    return {
      output_modalities: modalities(settings),
      ...(voice !== undefined && { voice }),
      audio: {
        input: {
          format: { type: 'pcm', sample_rate: 16_000 },
          turn_detection: { type: 'speaker_detection', threshold: 0.5 },
        },
        output: { format: { type: 'pcm', sample_rate: 24_000 } },
      },
      translation: translation(settings),
    };
  },
};
