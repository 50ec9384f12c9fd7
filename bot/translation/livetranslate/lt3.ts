/** What is peculiar to `qwen3-livetranslate-flash-realtime` (and to the offline engine, which speaks as it does). */
import type { Model } from '../../../config/models.ts';
import type { LanguageCode } from '../../../protocol/languages.ts';
import type { SessionOptions } from '../session.ts';

/** How a model generation wants to be spoken to. What it says back is read the same way for all. */
export interface Dialect {
  /** The `session` of `session.update`, whole: the service does not merge it field by field. */
  session(options: SessionOptions): object;
}

export const lt3 = (model: Model): Dialect => ({
  session({ source, target, audio, voice }) {
    const from = languageFor(model.sources, source);
    const to = languageFor(
      model.targets.map(({ code }) => code),
      target,
    );
    const speaks = audio && from !== to && saysAloud(model, to);
    const speaker = voice ?? voiceFor(model, to);
    return {
      modalities: speaks ? ['text', 'audio'] : ['text'],
      ...(speaks && speaker !== undefined && { voice: speaker }),
      input_audio_format: 'pcm',
      output_audio_format: 'pcm',
      // Without a model there is no transcript; without a language English is assumed.
      input_audio_transcription: { model: 'qwen3-asr-flash-realtime', language: from },
      translation: { language: to },
    };
  },
});

/** The model's own code: `pt` for `pt-BR`, where it makes no difference between them. */
function languageFor(known: readonly LanguageCode[], wanted: LanguageCode): LanguageCode {
  const primary = wanted.split('-')[0] ?? wanted;
  return !known.includes(wanted) && known.includes(primary) ? primary : wanted;
}

/** Asking for speech in a language that the model only writes would cost the whole session. */
const saysAloud = (model: Model, target: LanguageCode): boolean =>
  model.targets.find(({ code }) => code === target)?.audio ?? true;

const voiceFor = (model: Model, target: LanguageCode): string | undefined =>
  // The only voice that speaks Cantonese.
  model.kind === 'cloud' && target === 'yue' ? 'Kiki' : model.voice;
