/** What one run of `booth translate` is to do: settled, and checked as far as it can be, before anything is started or paid for. */
import { type SessionOptions, settingsFor } from '@mediasoup-booth/interpreter/livetranslate';
import type { LanguageCode } from '@mediasoup-booth/protocol';
import type { Logger } from 'pino';
import { modelNamed } from '../config/models.ts';
import { soundFormatOf } from '../recordings/outputs.ts';
import type { MediaFile } from '../recordings/probe.ts';
import { chooseEngine, type EngineChoice } from './engine-choice.ts';
import { UsageError } from './errors.ts';
import { openQuietLog } from './log.ts';
import { checkContext, checkLanguages } from './model-support.ts';
import { ffmpegOn, openRecording, type RecordingChoice } from './recording-input.ts';
import { readHotwords, readPicture } from './session-context.ts';
import { readSettings, type Settings, withTranslationService } from './settings.ts';
import { MICROPHONE } from './translation-journal.ts';
import { type OutputOptions, TranslationOutputs } from './translation-outputs.ts';

export interface TranslateOptions extends RecordingChoice, OutputOptions {
  from: LanguageCode;
  to: readonly LanguageCode[];
  model?: string;
  url?: string;
  voice?: string;
  hotwords?: string;
  image?: string;
  pictures: 'on' | 'off';
  textOnly?: boolean;
  json?: boolean;
  resume?: boolean;
  dryRun?: boolean;
}

export interface TranslationPlan {
  /** As the person has named it; `-` is a microphone, of which nothing is known in advance. */
  file: string;
  options: TranslateOptions;
  source: LanguageCode;
  targets: readonly LanguageCode[];
  settings: Settings;
  choice: EngineChoice;
  outputs: TranslationOutputs;
  sessionOptions(target: LanguageCode): SessionOptions;
  /** The picture that the person has named. */
  picture: Uint8Array | undefined;
  /** Undefined: a microphone. */
  recording: MediaFile | undefined;
  log: Logger;
}

/** @throws {UsageError}, {CommandError} and {RecordingError} for what cannot be done */
export async function planTranslation(file: string, options: TranslateOptions): Promise<TranslationPlan> {
  const { from: source, url } = options;
  const targets = [...new Set(options.to)];
  const settings = settingsWith(options);
  const choice = chooseEngine(settings.config, settings.environment);
  // A service that the person names may support more than its model's table says, and refuses what it does not support itself.
  if (!url) {
    for (const target of targets) checkLanguages(choice.model, source, target);
    checkContext(choice.model, options);
  }
  checkCombination(file, options);
  const { ffmpeg } = ffmpegOn(settings.environment);
  const outputs = new TranslationOutputs(options, source, targets, ffmpeg);
  const sessionOptions = await sessionOptionsOf(options, choice, outputs);
  // Settings that the model would refuse are found before anything is started.
  for (const target of targets) settingsFor(choice.model, sessionOptions(target));
  return {
    ...{ file, options, source, targets, settings, choice, outputs, sessionOptions },
    picture: options.image ? await readPicture(options.image, choice.model) : undefined,
    recording: file === MICROPHONE ? undefined : await openRecording(file, options, settings.environment),
    log: openQuietLog(settings),
  };
}

/** Frames can be printed without a key: then the model's own host stands for the one that would be chosen. */
function settingsWith({ url, model, dryRun }: TranslateOptions): Settings {
  const settings = withTranslationService(readSettings(), { url, model });
  const { livetranslate } = settings.config;
  if (!dryRun || livetranslate.url || !livetranslate.model) return settings;
  return withTranslationService(settings, { url: modelNamed(livetranslate.model).url });
}

/** @throws {UsageError} for options that exclude each other */
function checkCombination(file: string, options: TranslateOptions): void {
  const { from, to, textOnly, voice, out, subtitles, resume } = options;
  const isTextOnly = textOnly || to.every((target) => target === from);
  if (out && isTextOnly) throw new UsageError('there is no speech for --out');
  if (voice && isTextOnly) throw new UsageError('there is no speech for --voice');
  if (resume && !out && !subtitles) throw new UsageError('--resume goes on with what --out and --subtitles write');
  if (file !== MICROPHONE) return;
  if (resume) throw new UsageError('--resume needs a recording, and "-" is a microphone');
  if (out && soundFormatOf(out) === 'mp4')
    throw new UsageError('a microphone has no picture for an .mp4: write .wav or .opus');
}

async function sessionOptionsOf(
  { from: source, hotwords: file, textOnly, out, voice }: TranslateOptions,
  { model }: EngineChoice,
  { areWanted }: TranslationOutputs,
): Promise<(target: LanguageCode) => SessionOptions> {
  const hotwords = file ? await readHotwords(file, model) : undefined;
  // Who writes subtitles alone pays for no voice.
  const audio = !textOnly && (out !== undefined || !areWanted);
  return (target) => ({ source, target, audio, ...(voice && { voice }), ...(hotwords && { hotwords }) });
}
