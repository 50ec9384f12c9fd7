/**
 * Decides what a session asks of its model, before anything is connected: the languages by the model's own codes, whether it speaks and
 * with which voice, hotwords. Options that the model would refuse are refused here, with the remedy; options that it can only meet in
 * part are downgraded, with a sentence for people. Pure.
 */

import type { LanguageCode } from '@mediasoup-booth/protocol';
import type { Model, ModelVoice, TargetLanguage } from '../../../config/models.ts';
import { type AgreedSettings, type SessionOptions, TranslationError } from '../translation-session.ts';

export interface SessionSettings {
  source: LanguageCode;
  target: LanguageCode;
  /** Source and target are the same: only the transcript is wanted. */
  transcriptOnly: boolean;
  transcript: boolean;
  /** Whether the translation is spoken as well as written. */
  hasAudioOutput: boolean;
  /** Some models require a voice even for text alone. */
  voice?: string;
  hotwords: Readonly<Record<string, string>>;
  downgraded?: string;
}

/** The limit for a model that states none. */
const MAX_HOTWORDS = 1000;
/** The vendor publishes no limit; a term is a few words, and a longer text is a mistake. */
const MAX_TERM_CHARACTERS = 200;

/** @throws {TranslationError} of class `config` */
export function settingsFor(model: Model, options: SessionOptions): SessionSettings {
  const source = codeFor(model.sources, options.source);
  const target = codeFor(
    model.targets.map(({ code }) => code),
    options.target,
  );
  const transcriptOnly = source === target;
  const wantsSpeech = options.audio && !transcriptOnly;
  const hasAudioOutput = wantsSpeech && canSpeak(model, target);
  const voice = hasAudioOutput ? voiceFor(model, target, options.voice) : model.voice;
  return {
    source,
    target,
    transcriptOnly,
    transcript: transcriptOnly || options.transcript !== false,
    hasAudioOutput,
    ...(voice !== undefined && { voice }),
    hotwords: checkHotwords(model, options.hotwords ?? {}),
    ...(wantsSpeech &&
      !hasAudioOutput && { downgraded: `${model.id} writes "${target}" and does not say it: text only.` }),
  };
}

export const agreedSettings = ({ hasAudioOutput, voice, downgraded }: SessionSettings): AgreedSettings => ({
  audio: hasAudioOutput,
  ...(hasAudioOutput && voice !== undefined && { voice }),
  ...(downgraded !== undefined && { downgraded }),
});

/** The model's own code: `pt` for `pt-BR`, if the model does not distinguish them. */
function codeFor(known: readonly LanguageCode[], wanted: LanguageCode): LanguageCode {
  const primary = wanted.split('-')[0] ?? wanted;
  return !known.includes(wanted) && known.includes(primary) ? primary : wanted;
}

/** If the model only writes the language, a request for speech would end the whole session. */
const canSpeak = ({ targets }: Model, target: LanguageCode): boolean =>
  targets.find(({ code }: TargetLanguage) => code === target)?.audio ?? true;

function voiceFor(model: Model, target: LanguageCode, wanted: string | undefined): string | undefined {
  const speakers = model.voices.filter(speaks(target));
  if (wanted === undefined) {
    return (speakers.find(({ name }) => name === model.voice) ?? speakers[0])?.name ?? model.voice;
  }
  const known = model.voices.find(({ name }) => name === wanted);
  // A list of voices without languages is incomplete: the service may have more.
  if (!known && model.voices.length > 0 && model.voices.every(({ languages }) => languages)) {
    throw new TranslationError('config', 'voice', `${model.id} has no voice "${wanted}". ${choice(speakers, target)}`);
  }
  if (known && !speaks(target)(known)) {
    const problem = `The voice "${wanted}" of ${model.id} does not speak "${target}".`;
    throw new TranslationError('config', 'voice', `${problem} ${choice(speakers, target)}`);
  }
  return wanted;
}

const speaks =
  (language: LanguageCode) =>
  ({ languages }: ModelVoice): boolean =>
    languages?.includes(language) ?? true;

const choice = (speakers: readonly ModelVoice[], target: LanguageCode): string =>
  speakers.length > 0
    ? `"${target}" is spoken by ${speakers.map(({ name }) => name).join(', ')}.`
    : 'Leave the voice out.';

/** @throws {TranslationError} of class `config`, naming the entry */
export function checkHotwords(
  { id, limits }: Model,
  hotwords: Readonly<Record<string, unknown>>,
): SessionSettings['hotwords'] {
  const most = limits?.hotwords ?? MAX_HOTWORDS;
  const entries = Object.entries(hotwords);
  if (entries.length > most) {
    throw badHotwords(`${entries.length} hotwords are too many: ${id} takes ${most}. Leave out the common words.`);
  }
  return Object.fromEntries(entries.map(([term, translation]) => [term, checkTerm(term, translation)]));
}

function checkTerm(term: string, translation: unknown): string {
  if (!term.trim()) throw badHotwords(`A hotword is empty (translation: ${JSON.stringify(translation)}). Name it.`);
  const entry = JSON.stringify(term.slice(0, MAX_TERM_CHARACTERS));
  if (typeof translation !== 'string' || !translation.trim()) {
    throw badHotwords(`The hotword ${entry} has no translation in words. Give it one, in quotes if it is a number.`);
  }
  if (term.length > MAX_TERM_CHARACTERS || translation.length > MAX_TERM_CHARACTERS) {
    throw badHotwords(`The hotword ${entry} is longer than ${MAX_TERM_CHARACTERS} characters. Shorten it to a term.`);
  }
  return translation;
}

const badHotwords = (message: string): TranslationError => new TranslationError('config', 'hotwords', message);
