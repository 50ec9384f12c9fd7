/**
 * One run of `booth translate`, from its plan to the files that it writes. What is translated is kept in a journal until then, so that
 * a run that was stopped, by whomever or whatever, is gone on with.
 */
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { openLiveTranslate, type SessionEvents } from '@mediasoup-booth/interpreter/livetranslate';
import type { LanguageCode } from '@mediasoup-booth/protocol';
import type { Logger } from 'pino';
import { pricingOf } from '../config/prices.ts';
import { systemClock } from '../time/clock.ts';
import { accountBudget } from './account-budget.ts';
import { openConnectionBudget } from './connection-budget.ts';
import { openUsageStore } from './data-folder-stores.ts';
import { CommandError } from './errors.ts';
import { clockTime, progressLine } from './progress.ts';
import { jsonLines, printLine, subtitles, writeStatusLine } from './subtitles.ts';
import type { RecordingPictures, TranslationOutcome } from './target-translation.ts';
import { picturesOf, translateTargets } from './translate-targets.ts';
import { noRecord } from './translated-utterance.ts';
import { countedBy, TranslationBudget, whileAffordable } from './translation-budget.ts';
import { endAtInterrupt, interrupted } from './translation-interrupt.ts';
import { type JournalSubject, MICROPHONE, TranslationJournal } from './translation-journal.ts';
import type { TranslateOptions, TranslationPlan } from './translation-plan.ts';
import { startTranslationService, type TranslationService } from './translation-service.ts';
import { openSpeech } from './translation-speech.ts';
import { costOf, usageSummary } from './usage-summary.ts';

type WarningLog = Pick<Logger, 'warn'>;

const PROGRESS_EVERY_MS = 500;

/** @throws {CommandError}, {RecordingError} and {TranslationError}; what was translated until then is kept */
export async function runTranslation(plan: TranslationPlan): Promise<void> {
  const spent = new AbortController();
  const counts = tellingOnce(plan.settings.dataDir);
  const budget = openBudget(plan, counts, () => spent.abort());
  const journal = plan.outputs.areWanted ? await openJournal(plan) : undefined;
  const stop = interrupted();
  const signal = AbortSignal.any([stop, spent.signal]);
  const opened: { service?: TranslationService; pictures?: RecordingPictures } = {};
  try {
    const fromMs = doneMs(plan, journal);
    const speech = await openSpeech(plan.recording, plan.options, fromMs / 1000, signal);
    console.error(plan.choice.view.label);
    opened.service = await startTranslationService(plan.choice, plan.settings, plan.log);
    const pictures = picturesOf(plan, fromMs);
    if (pictures) opened.pictures = pictures;
    const { outcome, isWhole } = await translateTargets(plan, {
      openSession: openLiveTranslate({ ...opened.service.access, clock: systemClock, log: plan.log }),
      ...{ clock: systemClock, speech, fromMs, signal },
      pictures: pictures && whileAffordable(pictures, budget),
      reserve: connectionReservation(plan, counts, signal),
      run: (target) => ({
        events: (soFar) => countedBy(budget, target, printed(plan, target), soFar),
        record: journal?.target(target) ?? noRecord,
        fromMs: journal?.target(target).doneMs ?? 0,
      }),
      ...(hasProgressBar(plan.options) && { onProgress: progressPrinter(plan, fromMs) }),
    });
    writeStatusLine('');
    await budget.settled();
    console.error(usageSummary(outcome, plan.choice.model, plan.choice.url));
    if (plan.options.image) console.error(describePicture(plan.options.image, outcome));
    if ((stop.aborted || !isWhole) && journal && plan.recording) {
      leaveForLater(plan, journal, budget);
      return;
    }
    if (!isWhole && budget.isReached) tellSpent(budget, journal);
    requireText(outcome, plan.file, fromMs);
    if (journal) await write(plan, journal, stop);
  } catch (error) {
    writeStatusLine('');
    if (journal) keepOrRemove(plan, journal);
    throw error;
  } finally {
    opened.pictures?.close?.();
    await opened.service?.stop();
    await budget.settled();
    process.stdin.destroy();
  }
}

/** Where what is used cannot be counted, the translation goes on; the person is told in one line, however often it fails. */
function tellingOnce(dataDir: string): WarningLog {
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
  { choice, settings }: TranslationPlan,
  counts: WarningLog,
  onReached: () => void,
): TranslationBudget {
  const { model, url } = choice;
  return new TranslationBudget({
    ...{ model, pricing: pricingOf(model, url), budget: accountBudget(settings.config.budget), onReached },
    openStore: () => openUsageStore(settings.dataDir, counts),
    nowMs: Date.now,
  });
}

/** What is there is checked before anything of it is touched. @throws {CommandError} and {RecordingError} */
async function openJournal(plan: TranslationPlan): Promise<TranslationJournal> {
  const { outputs, recording, options } = plan;
  const { resume = false, overwrite = false } = options;
  const subject = await subjectOf(plan);
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

async function subjectOf({ file, source, targets, options }: TranslationPlan): Promise<JournalSubject> {
  const { track = 1, channel = 0 } = options;
  const isMicrophone = file === MICROPHONE;
  const bytes = isMicrophone ? 0 : (await stat(file)).size;
  return { input: isMicrophone ? file : resolve(file), bytes, source, targets: [...targets], track, channel };
}

/** How much of the recording is translated into every language. */
const doneMs = ({ targets }: TranslationPlan, journal: TranslationJournal | undefined): number =>
  Math.min(...targets.map((target) => journal?.target(target).doneMs ?? 0));

/** @returns waits until a session may be opened, and tells people so. It rejects with the signal's `AbortError` */
function connectionReservation(
  { choice, settings }: TranslationPlan,
  counts: WarningLog,
  signal: AbortSignal,
): () => Promise<void> {
  const reserve = openConnectionBudget(choice.model, settings, counts);
  return async () => {
    const waitMs = await reserve();
    if (waitMs === 0) return;
    printLine(`waiting ${Math.ceil(waitMs / 1000)} s: an account may open few connections in a minute`);
    await delay(waitMs, undefined, { signal });
  };
}

function printed({ options, source, targets }: TranslationPlan, target: LanguageCode): SessionEvents {
  if (!options.json) return subtitles(source, target, !hasProgressBar(options));
  const startMs = systemClock.now();
  return jsonLines(() => systemClock.now() - startMs, targets.length > 1 ? target : undefined);
}

const hasProgressBar = ({ json }: TranslateOptions): boolean => !json && process.stderr.isTTY === true;

function progressPrinter(
  { recording, choice }: TranslationPlan,
  fromMs: number,
): (positionMs: number, outcome: () => TranslationOutcome) => void {
  const startMs = systemClock.now();
  let printedMs = 0;
  return (positionMs, outcome) => {
    const nowMs = systemClock.now();
    if (nowMs - printedMs < PROGRESS_EVERY_MS) return;
    printedMs = nowMs;
    const { usage, lostSeconds } = outcome();
    writeStatusLine(
      progressLine({
        doneSeconds: positionMs / 1000,
        totalSeconds: recording?.durationSeconds,
        elapsedSeconds: (nowMs - startMs) / 1000,
        fromSeconds: fromMs / 1000,
        cost: costOf(usage, choice.model, choice.url),
        lostSeconds,
      }),
    );
  };
}

/** @throws {CommandError} where the budget has stopped it */
function leaveForLater(plan: TranslationPlan, journal: TranslationJournal, budget: TranslationBudget): void {
  const done = clockTime(doneMs(plan, journal) / 1000);
  journal.close();
  if (budget.isReached)
    throw new CommandError(
      `${budget.spentWords}: stopped at ${done}: raise it, or wait until midnight (UTC): then the same command with --resume goes on`,
    );
  console.error(`stopped at ${done}: the same command with --resume goes on`);
}

/** @throws {CommandError} where nothing is written of what was translated */
function tellSpent(budget: TranslationBudget, journal: TranslationJournal | undefined): void {
  if (!journal) throw new CommandError(`${budget.spentWords}: raise it, or go on after midnight (UTC)`);
  console.error(`${budget.spentWords}: nothing more is translated`);
}

/** @throws {RecordingError} */
async function write(plan: TranslationPlan, journal: TranslationJournal, stop: AbortSignal): Promise<void> {
  const { outputs, recording, options } = plan;
  endAtInterrupt(stop, recording !== undefined);
  const written = await outputs.write({ recording, choice: options, journal, onProgress: writeStatusLine });
  writeStatusLine('');
  journal.remove();
  for (const line of written) console.error(line);
}

/** What was translated is kept; where nothing was, nothing is left behind. */
function keepOrRemove({ targets, recording }: TranslationPlan, journal: TranslationJournal): void {
  // It was closed with words of its own.
  if (!journal.isOpen) return;
  if (targets.every((target) => journal.target(target).utterances.length === 0)) {
    journal.remove();
    return;
  }
  journal.close();
  if (recording)
    console.error(
      'what is translated so far is kept: when what follows is mended, the same command with --resume goes on',
    );
}

const describePicture = (file: string, { picturesSent }: TranslationOutcome): string =>
  picturesSent > 0
    ? `${file}: sent ${picturesSent} ${picturesSent === 1 ? 'time' : 'times'}`
    : `${file}: not sent, the session never had room`;

/** @throws {CommandError} where nothing was understood */
function requireText({ sentSeconds, finalTexts }: TranslationOutcome, file: string, fromMs: number): void {
  const name = file === MICROPHONE ? 'stdin' : file;
  if (finalTexts === 0 && fromMs === 0)
    throw new CommandError(`${name}: no speech was understood in ${sentSeconds.toFixed(1)} s`);
}
