import { stat } from 'node:fs/promises';
import { constants } from 'node:os';
import { resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  openLiveTranslate,
  type SessionEvents,
  type SessionOptions,
  settingsFor,
  sumUsage,
} from '@mediasoup-booth/interpreter/livetranslate';
import { LanguageCode } from '@mediasoup-booth/protocol';
import { Option } from 'commander';
import type { Logger } from 'pino';
import { acceptsPictures, endpoints, modelNamed } from '../../config/models.ts';
import { pricingOf } from '../../config/prices.ts';
import { soundFormatOf } from '../../recordings/outputs.ts';
import type { MediaFile } from '../../recordings/probe.ts';
import { systemClock } from '../../time/clock.ts';
import { accountBudget } from '../account-budget.ts';
import { boothCommand, listOf, parsedBy, text } from '../arguments.ts';
import { openConnectionBudget } from '../connection-budget.ts';
import { openUsageStore } from '../data-folder-stores.ts';
import { FastForwardClock, FramePrinter, notStarted, printingConnect } from '../dry-run.ts';
import { chooseEngine, type EngineChoice } from '../engine-choice.ts';
import { CommandError, UsageError } from '../errors.ts';
import { openQuietLog } from '../log.ts';
import { checkContext, checkLanguages } from '../model-support.ts';
import { clockTime, progressLine } from '../progress.ts';
import { ffmpegOn, openRecording, RECORDING, type RecordingChoice, withRecordingChoice } from '../recording-input.ts';
import { stillPicture, videoPictures } from '../recording-pictures.ts';
import { readHotwords, readPicture } from '../session-context.ts';
import { readSettings, type Settings, withTranslationService } from '../settings.ts';
import { jsonLines, printLine, subtitles, writeStatusLine } from '../subtitles.ts';
import { type RecordingPictures, TargetTranslation, type TranslationOutcome } from '../target-translation.ts';
import { translateRecording } from '../translate-recording.ts';
import { noRecord } from '../translated-utterance.ts';
import { countedBy, TranslationBudget, whileAffordable } from '../translation-budget.ts';
import { translationEstimate } from '../translation-estimate.ts';
import { type JournalSubject, MICROPHONE, TranslationJournal } from '../translation-journal.ts';
import { type OutputOptions, TranslationOutputs } from '../translation-outputs.ts';
import { startTranslationService, type TranslationService } from '../translation-service.ts';
import { openSpeech } from '../translation-speech.ts';
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
const STDIN = MICROPHONE;

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
  .option(
    '--dry-run',
    'Connects nowhere; estimates time and money, names the files that it would write, and prints the first frames that it would send',
  )
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
    const subject = await subjectOf(file, options, targets);
    const log = openQuietLog(settings);
    const spent = new AbortController();
    const counts = tellingOnce(settings.dataDir);
    const budget = dryRun ? undefined : openBudget(choice, settings, counts, () => spent.abort());
    const journal = outputs.areWanted && !dryRun ? await openJournal(outputs, recording, subject, options) : undefined;
    const stop = interrupted();
    const signal = AbortSignal.any([stop, spent.signal]);
    const fromMs = Math.min(...targets.map((target) => journal?.target(target).doneMs ?? 0));
    const clock = dryRun ? new FastForwardClock() : systemClock;
    const frames = new FramePrinter(console.log);
    let service: TranslationService | undefined;
    let pictures: RecordingPictures | undefined;
    try {
      const speech = await openSpeech(recording, options, fromMs / 1000, signal);
      console.error(dryRun ? `${choice.model.id} · nothing is sent` : choice.view.label);
      if (dryRun) {
        const { audio } = sessionOptions(source);
        console.error(translationEstimate(recording?.durationSeconds, targets.length, choice, audio));
        for (const path of outputs.paths) console.error(`would write ${path}`);
        if (options.json) console.error('would print everything that happens, one JSON object a line');
      }
      service = dryRun ? notStarted(choice, settings) : await startTranslationService(choice, settings, log);
      pictures = picturesFor(picture, recording, options, choice, fromMs / 1000);
      const shown = pictures && whileAffordable(pictures, budget);
      const openSession = openLiveTranslate({
        ...service.access,
        ...(dryRun && { connect: printingConnect(frames) }),
        ...{ clock, log },
      });
      const reserveConnection = openConnectionBudget(choice.model, settings, counts);
      const isBarShown = hasProgressBar(options);
      const startMs = clock.now();
      const printerOf = (target: LanguageCode): SessionEvents =>
        options.json && !dryRun
          ? jsonLines(() => clock.now() - startMs, targets.length > 1 ? target : undefined)
          : subtitles(source, target, !isBarShown);
      const translations = targets.map((target) => {
        const from = journal?.target(target).doneMs ?? 0;
        const translation: TargetTranslation = new TargetTranslation({
          openSession,
          sessionOptions: sessionOptions(target),
          events: countedBy(budget, target, printerOf(target), () => translation.outcome),
          record: journal?.target(target) ?? noRecord,
          clock,
          pace: choice.model.catchUpRate,
          reserve: async () => {
            if (!dryRun) await waitForConnection(await reserveConnection(), signal);
          },
          ...(shown && { pictures: shown }),
          fromMs: from,
          signal,
          onCut: (error, retryInMs) => printLine(`${error.message} The next attempt is in ${retryInMs / 1000} s.`),
        });
        return { translation, fromMs: from };
      });
      const outcome = () => summed(translations.map(({ translation }) => translation.outcome));
      const showProgress = isBarShown
        ? progressPrinter(recording, fromMs, () => ({
            cost: costOf(outcome().usage, choice.model, choice.url),
            lostSeconds: outcome().lostSeconds,
          }))
        : () => {};
      const isWhole = await translateRecording({
        targets: translations,
        speech,
        fromMs,
        signal,
        onProgress: showProgress,
      });
      writeStatusLine('');
      if (dryRun) {
        if (frames.summary !== undefined) console.error(frames.summary);
        return;
      }
      await budget?.settled();
      console.error(usageSummary(outcome(), choice.model, choice.url));
      if (options.image) console.error(describePicture(options.image, outcome()));
      if ((stop.aborted || !isWhole) && journal && recording) {
        const done = clockTime(Math.min(...targets.map((target) => journal.target(target).doneMs)) / 1000);
        journal.close();
        if (budget?.isReached)
          throw new CommandError(
            `${budget.spentWords}: stopped at ${done}: raise it, or wait until midnight (UTC): then the same command with --resume goes on`,
          );
        console.error(`stopped at ${done}: the same command with --resume goes on`);
        return;
      }
      if (!isWhole && budget?.isReached) {
        if (!journal) throw new CommandError(`${budget.spentWords}: raise it, or go on after midnight (UTC)`);
        console.error(`${budget.spentWords}: nothing more is translated`);
      }
      requireText(outcome(), file, fromMs);
      if (!journal) return;
      endAtInterrupt(stop, recording !== undefined);
      const written = await outputs.write({ recording, choice: options, journal, onProgress: writeStatusLine });
      writeStatusLine('');
      journal.remove();
      for (const line of written) console.error(line);
    } catch (error) {
      writeStatusLine('');
      if (journal) keepOrRemove(journal, targets, recording !== undefined);
      throw error;
    } finally {
      pictures?.close?.();
      await service?.stop();
      await budget?.settled();
      process.stdin.destroy();
    }
  });

/** Where what is used cannot be counted, the translation goes on; the person is told in one line, however often it fails. */
function tellingOnce(dataDir: string): Pick<Logger, 'warn'> {
  const told = new Set<unknown>();
  return {
    warn: (_: unknown, problem?: unknown) => {
      if (told.has(problem)) return;
      told.add(problem);
      printLine(
        `${dataDir}: ${problem}: the next command does not count what this one uses (make it writable, or set BOOTH_DATA_DIR)`,
      );
    },
  };
}

/** @throws {CommandError} where it is used up, or cannot be kept */
function openBudget(
  { model, url }: EngineChoice,
  { config, dataDir }: Settings,
  log: Pick<Logger, 'warn'>,
  onReached: () => void,
): TranslationBudget {
  return new TranslationBudget({
    ...{ model, pricing: pricingOf(model, url), budget: accountBudget(config.budget), onReached },
    openStore: () => openUsageStore(dataDir, log),
    nowMs: Date.now,
  });
}

/** What is there is checked before anything of it is touched. @throws {CommandError} and {RecordingError} */
async function openJournal(
  outputs: TranslationOutputs,
  recording: MediaFile | undefined,
  subject: JournalSubject,
  { resume = false, overwrite = false }: TranslateOptions,
): Promise<TranslationJournal> {
  if (!resume) await outputs.check(recording);
  const journal = new TranslationJournal(outputs.journalFolder, subject, { resume, overwrite });
  if (!resume) return journal;
  try {
    await outputs.check(recording, journal);
    return journal;
  } catch (error) {
    journal.close();
    throw error;
  }
}

/** What was translated is kept; where nothing was, nothing is left behind. */
function keepOrRemove(journal: TranslationJournal, targets: readonly LanguageCode[], canResume: boolean): void {
  // It was closed with words of its own.
  if (!journal.isOpen) return;
  if (targets.every((target) => journal.target(target).utterances.length === 0)) {
    journal.remove();
    return;
  }
  journal.close();
  if (canResume)
    console.error(
      'what is translated so far is kept: when what follows is mended, the same command with --resume goes on',
    );
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

const hasProgressBar = ({ json, dryRun }: TranslateOptions): boolean =>
  !json && !dryRun && process.stderr.isTTY === true;

function progressPrinter(
  recording: MediaFile | undefined,
  fromMs: number,
  spent: () => { cost: string | undefined; lostSeconds: number },
): (positionMs: number) => void {
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
  printLine(`waiting ${seconds} s: an account may open few connections in a minute`);
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
  const { from, to, textOnly, voice, out, subtitles: subtitleFile, resume } = options;
  const isTextOnly = textOnly || to.every((target) => target === from);
  if (out && isTextOnly) throw new UsageError('there is no speech for --out');
  if (voice && isTextOnly) throw new UsageError('there is no speech for --voice');
  if (resume && !out && !subtitleFile) throw new UsageError('--resume goes on with what --out and --subtitles write');
  if (file !== STDIN) return;
  if (resume) throw new UsageError('--resume needs a recording, and "-" is a microphone');
  if (out && soundFormatOf(out) === 'mp4')
    throw new UsageError('a microphone has no picture for an .mp4: write .wav or .opus');
}

/**
 * The first Ctrl-C ends the speech, and the translation of what was said still comes; the second ends the process, as other signals do:
 * by `exit`, which ends FFmpeg as well.
 */
function interrupted(): AbortSignal {
  const controller = new AbortController();
  const exit = (signal: NodeJS.Signals): never => process.exit(128 + constants.signals[signal]);
  process.once('SIGINT', () => {
    controller.abort();
    process.once('SIGINT', exit);
  });
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.once(signal, exit);
  return controller.signal;
}

/** Nothing waits for an answer any more: while files are written, Ctrl-C ends the process. */
function endAtInterrupt(stop: AbortSignal, canResume: boolean): void {
  stop.addEventListener(
    'abort',
    () => {
      printLine(`stopped${canResume ? ': the same command with --resume writes what is translated' : ''}`);
      process.exit(128 + constants.signals.SIGINT);
    },
    { once: true },
  );
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
