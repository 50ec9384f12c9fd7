/** LT3 as the offline engine speaks it: it says more than that generation documents, in the words of the next one. */
import type { ServerDialect } from './dialect.ts';
import { lt3 } from './lt3.ts';

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
