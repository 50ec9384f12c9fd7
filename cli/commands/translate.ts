import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  type Connect,
  openLiveTranslate,
  type SessionEvents,
  type SessionOptions,
  settingsFor,
  sumUsage,
} from '@mediasoup-booth/interpreter/livetranslate';
import { LanguageCode } from '@mediasoup-booth/protocol';
import { Option } from 'commander';
import { SPEECH_SAMPLE_RATE } from '../../audio/sample-rates.ts';
import { acceptsPictures, endpoints, modelNamed } from '../../config/models.ts';
import { soundFormatOf } from '../../recordings/outputs.ts';
import type { MediaFile } from '../../recordings/probe.ts';
import { type Damage, speechOf } from '../../recordings/speech-of.ts';
import { systemClock } from '../../time/clock.ts';
import { boothCommand, listOf, parsedBy, text } from '../arguments.ts';
import { reserveConnection } from '../connection-budget.ts';
import { createPrintingConnect, describeEndpoint, FastForwardClock } from '../dry-run.ts';
import { chooseEngine, type EngineChoice } from '../engine-choice.ts';
import { CommandError, UsageError } from '../errors.ts';
import { openQuietLog } from '../log.ts';
import { checkContext, checkLanguages } from '../model-support.ts';
import { clockTime, progressLine } from '../progress.ts';
import { ffmpegOn, openRecording, RECORDING, type RecordingChoice, withRecordingChoice } from '../recording-input.ts';
import { stillPicture, videoPictures } from '../recording-pictures.ts';
import { readHotwords, readPicture } from '../session-context.ts';
import { readSettings, type Settings, withTranslationService } from '../settings.ts';
import { damageNotice, readPcm } from '../speech.ts';
import { jsonLines, subtitles, writeStatusLine } from '../subtitles.ts';
import { type RecordingPictures, TargetTranslation, type TranslationOutcome } from '../target-translation.ts';
import { translateRecording } from '../translate-recording.ts';
import { noRecord } from '../translated-utterance.ts';
import { translationEstimate } from '../translation-estimate.ts';
import { TranslationJournal } from '../translation-journal.ts';
import { type OutputOptions, TranslationOutputs } from '../translation-outputs.ts';
import { startTranslationService, type TranslationService } from '../translation-service.ts';
import { costOf, usageSummary } from '../usage-summary.ts';

interface TranslateOptions extends RecordingChoice, OutputOptions {
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

const PROGRESS_EVERY_MS = 500;
/** The speech of a microphone, of which nothing is known in advance. */
const STDIN = '-';

export const translate = withRecordingChoice(boothCommand('translate'))
  .description(
    `Translates a recording or a microphone, without a room. The cloud models are served in Singapore (${endpoints.international}), in Beijing (${endpoints.mainland}), and at each workspace's own host (wss://WORKSPACE.ap-southeast-1.maas.aliyuncs.com/api-ws/v1/realtime): name yours by --url or BOOTH_LIVETRANSLATE_URL.`,
  )
  .argument('<FILE>', `${RECORDING}; "-" reads raw 16 kHz mono 16-bit PCM from stdin`)
  .requiredOption('--from <LANGUAGE>', 'The language that is spoken, such as "en"', parsedBy(LanguageCode))
  .requiredOption(
    '--to <LANGUAGE>',
    'The languages wanted, separated by commas; the same as is spoken: a transcript',
    listOf(LanguageCode),
  )
  .option('--model <MODEL>', 'Instead of the configured one', text)
  .option('--url <wss://…>', 'A LiveTranslate endpoint, instead of the configured one (livetranslate.url)', text)
  .option('--voice <NAME>', "Instead of the model's own", text)
  .option('--hotwords <FILE>', 'Terms and how they shall be translated: a YAML or JSON map', text)
  .option(
    '--image <FILE>',
    'A PNG, JPEG or WebP picture of what is spoken about; sent with the first speech and each minute',
    text,
  )
  .addOption(
    new Option('--pictures <on|off>', "Whether the model is shown what changes in a video's picture")
      .choices(['on', 'off'])
      .default('on'),
  )
  .option('--text-only', 'No speech')
  .option(
    '--out <FILE>',
    'Writes the speech, each sentence where it was said: .wav, .opus, or .mp4 with the original and its picture',
    text,
  )
  .addOption(
    new Option('--original <lowered|off>', 'Whether the original is heard beneath the translation')
      .choices(['lowered', 'off'])
      .default('lowered'),
  )
  .option('--subtitles <FILE>', 'Writes subtitles: .srt or .vtt', text)
  .option('--bilingual', 'Subtitles hold what was said, too, above its translation')
  .option('--overwrite', 'Replaces files that exist')
  .option('--resume', 'Goes on with a translation that was stopped')
  .option('--json', 'Everything that happens, one JSON object a line')
  .option('--dry-run', 'Connects nowhere, estimates time and money, and prints the frames that it would send')
  .action(async (file: string, options: TranslateOptions) => {
    const { from: source, dryRun = false } = options;
    const targets = [...new Set(options.to)];
    const settings = settingsWith(options, dryRun);
    const choice = chooseEngine(settings.config, settings.environment);
    // A service that the person names may support more than its model's table says, and refuses what it does not support itself.
    if (!options.url) {
      for (const target of targets) checkLanguages(choice.model, source, target);
      checkContext(choice.model, options);
    }
    checkCombination(file, options);
    const { ffmpeg } = ffmpegOn(settings.environment);
    const outputs = new TranslationOutputs(options, source, targets, ffmpeg);
    const sessionOptions = await sessionOptionsOf(options, choice, outputs);
    // Settings that the model would refuse are found before anything is started.
    for (const target of targets) settingsFor(choice.model, sessionOptions(target));
    const picture = options.image ? await readPicture(options.image, choice.model) : undefined;
    const recording = file === STDIN ? undefined : await openRecording(file, options, settings.environment);
    if (outputs.areWanted && !dryRun && !options.resume) await outputs.check(file, recording?.durationSeconds);
    const journal =
      outputs.areWanted && !dryRun
        ? new TranslationJournal(outputs.journalFolder, await subjectOf(file, options, targets), {
            resume: options.resume ?? false,
            overwrite: (options.overwrite ?? false) || recording === undefined,
          })
        : undefined;
    const stop = interrupted();
    const fromMs = Math.min(...targets.map((target) => journal?.target(target).doneMs ?? 0));
    const clock = dryRun ? new FastForwardClock() : systemClock;
    const speech = await openSpeech(recording, options, fromMs / 1000, stop);
    const log = openQuietLog(settings);

    console.error(dryRun ? `${choice.model.id} · nothing is sent` : choice.view.label);
    if (dryRun)
      console.error(
        translationEstimate(recording?.durationSeconds, targets.length, choice, sessionOptions(source).audio),
      );
    const service = dryRun ? notStarted(choice, settings) : await startTranslationService(choice, settings, log);
    const pictures = picturesFor(picture, recording, options, choice, fromMs / 1000);
    const startMs = clock.now();
    const printerOf = (target: LanguageCode): SessionEvents =>
      options.json
        ? jsonLines(() => clock.now() - startMs, targets.length > 1 ? target : undefined)
        : subtitles(source, target);
    const translations = targets.map((target) => {
      const from = journal?.target(target).doneMs ?? 0;
      const connect = dryRun ? { connect: printing } : {};
      const translation = new TargetTranslation({
        openSession: openLiveTranslate({ ...service.access, ...connect, clock, log }),
        sessionOptions: sessionOptions(target),
        events: printerOf(target),
        record: journal?.target(target) ?? noRecord,
        clock,
        pace: choice.model.catchUpRate,
        reserve: async () => {
          if (!dryRun) await waitForConnection(await reserveConnection(choice.model, settings, log), stop);
        },
        ...(pictures && { pictures }),
        fromMs: from,
        signal: stop,
        onCut: (error, retryInMs) => console.error(`${error.message} The next attempt is in ${retryInMs / 1000} s.`),
      });
      return { translation, fromMs: from };
    });
    const outcome = () => summed(translations.map(({ translation }) => translation.outcome));
    const showProgress = progressPrinter(options, recording, fromMs, () => ({
      cost: costOf(outcome().usage, choice.model, choice.url),
      lostSeconds: outcome().lostSeconds,
    }));
    try {
      await translateRecording({ targets: translations, speech, fromMs, signal: stop, onProgress: showProgress });
      writeStatusLine('');
      if (dryRun) return;
      console.error(usageSummary(outcome(), choice.model, choice.url));
      if (options.image) console.error(describePicture(options.image, outcome()));
      if (stop.aborted && journal && recording) {
        const doneMs = Math.min(...targets.map((target) => journal.target(target).doneMs));
        journal.close();
        console.error(`stopped at ${clockTime(doneMs / 1000)}: the same command with --resume goes on`);
        return;
      }
      requireText(outcome(), file, fromMs);
      if (!journal) return;
      const written = await outputs.write(recording, options, (target) => journal.target(target));
      journal.remove();
      for (const line of written) console.error(line);
    } catch (error) {
      writeStatusLine('');
      if (journal && recording) keepOrRemove(journal, targets);
      throw error;
    } finally {
      pictures?.close?.();
      await service.stop();
      process.stdin.destroy();
    }
  });

/** What was translated is kept for --resume; where nothing was, nothing is left behind. */
function keepOrRemove(journal: TranslationJournal, targets: readonly LanguageCode[]): void {
  const isDone = targets.some((target) => journal.target(target).utterances.length > 0);
  if (!isDone) {
    journal.remove();
    return;
  }
  journal.close();
  console.error('what is translated so far is kept: the same command with --resume goes on');
}

async function sessionOptionsOf(
  options: TranslateOptions,
  choice: EngineChoice,
  outputs: TranslationOutputs,
): Promise<(target: LanguageCode) => SessionOptions> {
  const hotwords = options.hotwords ? await readHotwords(options.hotwords, choice.model) : undefined;
  // Who writes subtitles alone pays for no voice.
  const isHeard = !options.textOnly && (options.out !== undefined || !outputs.areWanted);
  return (target) => ({
    source: options.from,
    target,
    audio: isHeard,
    ...(options.voice && { voice: options.voice }),
    ...(hotwords && { hotwords }),
  });
}

async function subjectOf(
  file: string,
  { from, track = 1, channel = 0 }: TranslateOptions,
  targets: readonly LanguageCode[],
) {
  const bytes = file === STDIN ? 0 : (await stat(file)).size;
  return { input: file === STDIN ? STDIN : resolve(file), bytes, source: from, targets: [...targets], track, channel };
}

function picturesFor(
  still: Uint8Array | undefined,
  recording: MediaFile | undefined,
  { pictures, url }: TranslateOptions,
  { model }: EngineChoice,
  fromSeconds: number,
): RecordingPictures | undefined {
  if (still) return stillPicture(still);
  if (pictures === 'off' || !recording?.video || recording.decoding.by !== 'ffmpeg') return undefined;
  if (!acceptsPictures(model) && !url) return undefined;
  const { programs } = recording.decoding;
  return videoPictures({ path: recording.path, programs, fromSeconds });
}

function progressPrinter(
  { json, dryRun }: TranslateOptions,
  recording: MediaFile | undefined,
  fromMs: number,
  spent: () => { cost: string | undefined; lostSeconds: number },
): (positionMs: number) => void {
  if (json || dryRun || !process.stderr.isTTY) return () => {};
  const startMs = systemClock.now();
  let printedMs = 0;
  return (positionMs) => {
    const nowMs = systemClock.now();
    if (nowMs - printedMs < PROGRESS_EVERY_MS) return;
    printedMs = nowMs;
    writeStatusLine(
      progressLine({
        doneSeconds: positionMs / 1000,
        totalSeconds: recording?.durationSeconds,
        elapsedSeconds: (nowMs - startMs) / 1000,
        fromSeconds: fromMs / 1000,
        ...spent(),
      }),
    );
  };
}

const summed = (outcomes: readonly TranslationOutcome[]): TranslationOutcome => {
  const sum = (of: (outcome: TranslationOutcome) => number) =>
    outcomes.reduce((total, outcome) => total + of(outcome), 0);
  return {
    sentSeconds: sum(({ sentSeconds }) => sentSeconds),
    receivedSeconds: sum(({ receivedSeconds }) => receivedSeconds),
    usage: sumUsage(outcomes.map(({ usage }) => usage)),
    picturesSent: sum(({ picturesSent }) => picturesSent),
    finalTexts: sum(({ finalTexts }) => finalTexts),
    lostSeconds: sum(({ lostSeconds }) => lostSeconds),
  };
};

/** @throws the signal's `AbortError` */
async function waitForConnection(waitMs: number, signal: AbortSignal): Promise<void> {
  if (waitMs === 0) return;
  const seconds = Math.ceil(waitMs / 1000);
  console.error(`waiting ${seconds} s: an account may open few connections in a minute`);
  await delay(waitMs, undefined, { signal });
}

/** Frames can be printed without a key: then the model's own host stands for the one that would be chosen. */
function settingsWith({ url, model }: TranslateOptions, dryRun: boolean): Settings {
  const settings = withTranslationService(readSettings(), { url, model });
  const { livetranslate } = settings.config;
  if (!dryRun || livetranslate.url || !livetranslate.model) return settings;
  return withTranslationService(settings, { url: modelNamed(livetranslate.model).url });
}

/** @throws {UsageError} for options that exclude each other */
function checkCombination(file: string, options: TranslateOptions): void {
  const { from, to, textOnly, voice, out, subtitles: subtitleFile, json, dryRun, resume } = options;
  const isTextOnly = textOnly || to.every((target) => target === from);
  if (out && isTextOnly) throw new UsageError('there is no speech for --out');
  if (voice && isTextOnly) throw new UsageError('there is no speech for --voice');
  if (dryRun && (out || json)) throw new UsageError('--dry-run prints frames: leave --out and --json out');
  if (resume && !out && !subtitleFile) throw new UsageError('--resume goes on with what --out and --subtitles write');
  if (file !== STDIN) return;
  if (resume) throw new UsageError('--resume needs a recording, and "-" is a microphone');
  if (out && soundFormatOf(out) === 'mp4')
    throw new UsageError('a microphone has no picture for an .mp4: write .wav or .opus');
}

const printing: Connect = (endpoint, clock) => {
  console.error(describeEndpoint(endpoint));
  return createPrintingConnect(console.log)(endpoint, clock);
};

/** The service that would be used. The embedded engine is shown at its configured port, as it is not started. */
const notStarted = ({ url, key, model }: EngineChoice, { config }: Settings): TranslationService => ({
  access: {
    url: url ?? `ws://127.0.0.1:${config.engine.port}/api-ws/v1/realtime`,
    model: model.id,
    ...(key && { key }),
  },
  stop: async () => {},
});

async function openSpeech(
  recording: MediaFile | undefined,
  choice: RecordingChoice,
  fromSeconds: number,
  stop: AbortSignal,
): Promise<AsyncIterable<Int16Array>> {
  if (recording) {
    const onDamage = (damage: Damage) => {
      writeStatusLine('');
      console.error(damageNotice(recording, damage));
    };
    return speechOf(recording, SPEECH_SAMPLE_RATE, { ...choice, fromSeconds, onDamage });
  }
  if (process.stdin.isTTY) {
    throw new UsageError(
      '"-" reads a microphone from a pipe: arecord -q -t raw -f S16_LE -r 16000 | booth translate - …',
    );
  }
  const speech = readPcm(process.stdin);
  // What is wrong with stdin is found before anything is started.
  const first = await speech.next();
  if (first.done) throw new CommandError('stdin: nothing came');
  stop.addEventListener('abort', () => process.stdin.destroy(), { once: true });
  return microphone(first.value, speech, stop);
}

/** The end of stdin at Ctrl-C is the end of the speech. */
async function* microphone(
  first: Int16Array,
  rest: AsyncIterable<Int16Array>,
  stop: AbortSignal,
): AsyncGenerator<Int16Array> {
  yield first;
  try {
    yield* rest;
  } catch (error) {
    if (!stop.aborted) throw error;
  }
}

/** The first Ctrl-C ends the speech, and the translation of what was said still comes; the second ends the process. */
function interrupted(): AbortSignal {
  const controller = new AbortController();
  process.once('SIGINT', () => controller.abort());
  return controller.signal;
}

const describePicture = (file: string, { picturesSent }: TranslationOutcome): string =>
  picturesSent > 0
    ? `${file}: sent ${picturesSent} ${picturesSent === 1 ? 'time' : 'times'}`
    : `${file}: not sent, the session never had room`;

function requireText({ sentSeconds, finalTexts }: TranslationOutcome, file: string, fromMs: number): void {
  const name = file === STDIN ? 'stdin' : file;
  if (finalTexts === 0 && fromMs === 0)
    throw new CommandError(`${name}: no speech was understood in ${sentSeconds.toFixed(1)} s`);
}
