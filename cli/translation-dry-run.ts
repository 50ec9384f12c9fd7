/** `booth translate --dry-run`: connects nowhere, estimates time and money, and prints the first frames that would be sent. */
import { openLiveTranslate } from '@mediasoup-booth/interpreter/livetranslate';
import { FastForwardClock, FramePrinter, notStarted, printingConnect } from './dry-run.ts';
import { subtitles, writeStatusLine } from './subtitles.ts';
import { picturesOf, translateTargets } from './translate-targets.ts';
import { noRecord } from './translated-utterance.ts';
import { translationEstimate } from './translation-estimate.ts';
import { interrupted } from './translation-interrupt.ts';
import type { TranslationPlan } from './translation-plan.ts';
import { openSpeech } from './translation-speech.ts';

/** @throws {CommandError} and {RecordingError} where the speech cannot be read */
export async function dryRun(plan: TranslationPlan): Promise<void> {
  const { options, source, choice, settings, recording, log } = plan;
  const signal = interrupted();
  const clock = new FastForwardClock();
  const frames = new FramePrinter(console.log);
  const speech = await openSpeech(recording, options, 0, signal);
  printEstimate(plan);
  const { access } = notStarted(choice, settings);
  const pictures = picturesOf(plan, 0);
  try {
    await translateTargets(plan, {
      openSession: openLiveTranslate({ ...access, connect: printingConnect(frames), clock, log }),
      ...{ clock, speech, fromMs: 0, pictures, signal },
      reserve: async () => {},
      run: (target) => ({ events: () => subtitles(source, target, true), record: noRecord, fromMs: 0 }),
    });
    if (frames.summary !== undefined) console.error(frames.summary);
  } finally {
    writeStatusLine('');
    pictures?.close?.();
    process.stdin.destroy();
  }
}

function printEstimate({
  options,
  source,
  targets,
  choice,
  outputs,
  recording,
  sessionOptions,
}: TranslationPlan): void {
  console.error(`${choice.model.id} · nothing is sent`);
  const { audio } = sessionOptions(source);
  console.error(translationEstimate(recording?.durationSeconds, targets.length, choice, audio));
  for (const path of outputs.paths) console.error(`would write ${path}`);
  if (options.json) console.error('would print everything that happens, one JSON object a line');
}
