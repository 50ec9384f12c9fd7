/** Translates the speech of a plan into all of its languages, over one reading, and sums up what that took. */
import { type OpenSession, type SessionEvents, sumUsage } from '@mediasoup-booth/interpreter/livetranslate';
import type { LanguageCode } from '@mediasoup-booth/protocol';
import { acceptsPictures } from '../config/models.ts';
import type { Clock } from '../time/clock.ts';
import { stillPicture, videoPictures } from './recording-pictures.ts';
import { printLine } from './subtitles.ts';
import { type RecordingPictures, TargetTranslation, type TranslationOutcome } from './target-translation.ts';
import { translateRecording } from './translate-recording.ts';
import type { TranslationRecord } from './translated-utterance.ts';
import type { TranslationPlan } from './translation-plan.ts';

/** One language, as it is translated now. */
export interface TargetRun {
  /** @param outcome so far */
  events(outcome: () => TranslationOutcome): SessionEvents;
  record: TranslationRecord;
  /** Where its speech begins in the recording, in milliseconds: earlier speech was translated before. */
  fromMs: number;
}

export interface TranslateTargetsOptions {
  openSession: OpenSession;
  clock: Clock;
  speech: AsyncIterable<Int16Array>;
  /** Where the speech begins in the recording. */
  fromMs: number;
  pictures: RecordingPictures | undefined;
  /** Ends the speech. */
  signal: AbortSignal;
  /** Called before each session is opened; resolves when it may be. */
  reserve(): Promise<void>;
  run(target: LanguageCode): TargetRun;
  /** Called with the position in the recording, and what was used so far in all languages. */
  onProgress?(positionMs: number, outcome: () => TranslationOutcome): void;
}

/** @returns what all languages took together, and whether all of the speech was translated. @throws as `translateRecording` */
export async function translateTargets(
  { targets, choice, sessionOptions }: TranslationPlan,
  options: TranslateTargetsOptions,
): Promise<{ outcome: TranslationOutcome; isWhole: boolean }> {
  const { openSession, clock, speech, fromMs, pictures, signal, reserve, run, onProgress } = options;
  const translated = targets.map((target) => {
    const { events, record, fromMs: from } = run(target);
    const translation: TargetTranslation = new TargetTranslation({
      ...{ openSession, clock, reserve, record, signal, fromMs: from },
      ...(pictures && { pictures }),
      sessionOptions: sessionOptions(target),
      events: events(() => translation.outcome),
      pace: choice.model.catchUpRate,
      onCut: (error, retryInMs) => printLine(`${error.message} The next attempt is in ${retryInMs / 1000} s.`),
    });
    return { translation, fromMs: from };
  });
  const outcome = () => summed(translated.map(({ translation }) => translation.outcome));
  const isWhole = await translateRecording({
    targets: translated,
    ...{ speech, fromMs, signal },
    onProgress: (positionMs) => onProgress?.(positionMs, outcome),
  });
  return { outcome: outcome(), isWhole };
}

function summed(outcomes: readonly TranslationOutcome[]): TranslationOutcome {
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
}

/** The pictures that the model is shown with the speech: the one that the person has named, or the video's. */
export function picturesOf(
  { picture, recording, options, choice }: TranslationPlan,
  fromMs: number,
): RecordingPictures | undefined {
  if (picture) return stillPicture(picture);
  if (options.pictures === 'off' || !recording?.video || recording.decoding.by !== 'ffmpeg') return undefined;
  if (!acceptsPictures(choice.model) && !options.url) return undefined;
  const { programs } = recording.decoding;
  return videoPictures({ path: recording.path, programs, fromSeconds: fromMs / 1000 });
}
