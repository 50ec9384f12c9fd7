/** Decides which configuration a model accepts, and with which message it refuses others. Pure. */
import type { Limits, Model } from '../../config/models.ts';
import type { BackendConfiguration, BackendRefusal } from '../wire/backend.ts';

interface NegotiationContext {
  model: Model;
  limits: Limits;
  /** The spoken language, if the client leaves its detection to the model. */
  language: string;
}

export function negotiate(
  wanted: BackendConfiguration,
  { model, limits, language }: NegotiationContext,
): BackendConfiguration | BackendRefusal {
  const source = wanted.detectsSource ? language : wanted.source;
  if (!model.sources.includes(source)) {
    return invalid('session.input_audio_transcription.language', `Language '${source}' is not supported.`);
  }
  const target = model.targets.find(({ code }) => code === wanted.target);
  if (!target) {
    return invalid(
      'session.translation.language',
      `Invalid translation parameter: '${wanted.target}' is not supported.`,
    );
  }
  if (wanted.audio && !target.audio) {
    const param = model.dialect === 'lt3.8' ? 'session.output_modalities' : 'session.modalities';
    return invalid(param, `'${wanted.target}' has no audio output: ask for ['text'] alone.`);
  }
  const hotwords = Object.keys(wanted.hotwords ?? {}).length;
  if (hotwords > limits.hotwords) {
    const message = `At most ${limits.hotwords} phrases are taken, and these are ${hotwords}.`;
    return invalid('session.translation.corpus.phrases', message);
  }
  if ((wanted.audio || wanted.needsVoice) && !hasVoice(model, wanted.voice)) return noSuchVoice(wanted.voice);
  return { ...wanted, source };
}

const hasVoice = ({ voices }: Model, name: string): boolean => voices.some((voice) => voice.name === name);

const invalid = (param: string, refused: string): BackendRefusal => ({ refused, param });

/** The vendor notices a wrong voice too late to refuse the settings: it ends the session. */
const noSuchVoice = (voice: string): BackendRefusal => ({
  refused: `Voice '${voice}' is not supported.`,
  param: 'session.voice',
  fatal: { code: 1011, reason: `InternalError.Algo.InvalidParameter: Voice '${voice}' is not supported.` },
});
