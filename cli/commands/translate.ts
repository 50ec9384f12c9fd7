import { setTimeout as delay } from 'node:timers/promises';
import {
  type Connect,
  openLiveTranslate,
  type SessionEvents,
  type SessionOptions,
  settingsFor,
} from '@mediasoup-booth/interpreter/livetranslate';
import { LanguageCode } from '@mediasoup-booth/protocol';
import { SPEECH_SAMPLE_RATE, VOICE_SAMPLE_RATE } from '../../audio/sample-rates.ts';
import { endpoints, modelNamed } from '../../config/models.ts';
import { speechOf } from '../../recordings/speech-of.ts';
import { type Clock, systemClock } from '../../time/clock.ts';
import { boothCommand, parsedBy, text } from '../arguments.ts';
import { reserveConnection } from '../connection-budget.ts';
import { createPrintingConnect, describeEndpoint, FastForwardClock } from '../dry-run.ts';
import { chooseEngine, type EngineChoice } from '../engine-choice.ts';
import { CommandError, UsageError } from '../errors.ts';
import { openQuietLog } from '../log.ts';
import { checkContext, checkLanguages } from '../model-support.ts';
import { openRecording, RECORDING, type RecordingChoice, withRecordingChoice } from '../recording-input.ts';
import { readHotwords, readPicture } from '../session-context.ts';
import { type Environment, readSettings, type Settings, withTranslationService } from '../settings.ts';
import { inRealTime, readPcm } from '../speech.ts';
import { jsonLines, subtitles } from '../subtitles.ts';
import { type SpeechOutcome, translateSpeech } from '../translate-speech.ts';
import { startTranslationService, type TranslationService } from '../translation-service.ts';
import { usageSummary } from '../usage-summary.ts';
import { WavFile } from '../wav-file.ts';

interface TranslateOptions extends RecordingChoice {
  from: LanguageCode;
  to: LanguageCode;
  model?: string;
  url?: string;
  voice?: string;
  hotwords?: string;
  image?: string;
  textOnly?: boolean;
  out?: string;
  json?: boolean;
  dryRun?: boolean;
}

export const translate = withRecordingChoice(boothCommand('translate'))
  .description(
    `Translates a recording or a microphone, in real time and without a room. The cloud models are served in Singapore (${endpoints.international}), in Beijing (${endpoints.mainland}), and at each workspace's own host (wss://WORKSPACE.ap-southeast-1.maas.aliyuncs.com/api-ws/v1/realtime): name yours by --url or BOOTH_LIVETRANSLATE_URL.`,
  )
  .argument('<FILE>', `${RECORDING}; "-" reads raw 16 kHz mono 16-bit PCM from stdin`)
  .requiredOption('--from <LANGUAGE>', 'The language that is spoken, such as "en"', parsedBy(LanguageCode))
  .requiredOption('--to <LANGUAGE>', 'The language wanted; the same: a transcript', parsedBy(LanguageCode))
  .option('--model <MODEL>', 'Instead of the configured one', text)
  .option('--url <wss://…>', 'A LiveTranslate endpoint, instead of the configured one (livetranslate.url)', text)
  .option('--voice <NAME>', "Instead of the model's own", text)
  .option('--hotwords <FILE>', 'Terms and how they shall be translated: a YAML or JSON map', text)
  .option(
    '--image <FILE>',
    'A PNG, JPEG or WebP picture of what is spoken about; sent with the first speech and each minute',
    text,
  )
  .option('--text-only', 'No speech')
  .option('--out <FILE.wav>', 'Writes the speech there', text)
  .option('--json', 'Everything that happens, one JSON object a line')
  .option('--dry-run', 'Connects nowhere and prints the frames that it would send, one JSON object a line')
  .action(async (file: string, options: TranslateOptions) => {
    const { from: source, to: target, dryRun = false, out: outPath } = options;
    const settings = settingsWith(options, dryRun);
    const choice = chooseEngine(settings.config, settings.environment);
    // A service that the person names may support more than its model's table says, and refuses what it does not support itself.
    if (!options.url) {
      checkLanguages(choice.model, source, target);
      checkContext(choice.model, options);
    }
    checkCombination(options);
    const sessionOptions: SessionOptions = {
      source,
      target,
      audio: !options.textOnly,
      ...(options.voice && { voice: options.voice }),
      ...(options.hotwords && { hotwords: await readHotwords(options.hotwords, choice.model) }),
    };
    // Settings that the model would refuse are found before anything is started.
    settingsFor(choice.model, sessionOptions);
    const picture = options.image ? await readPicture(options.image, choice.model) : undefined;
    const clock = dryRun ? new FastForwardClock() : systemClock;
    const speech = await openSpeech(file, options, clock, settings.environment);
    const out = outPath ? new WavFile(outPath, VOICE_SAMPLE_RATE) : undefined;
    const log = openQuietLog(settings);

    console.error(dryRun ? `${choice.model.id} · nothing is sent` : choice.view.label);
    const service = dryRun ? notStarted(choice, settings) : await startTranslationService(choice, settings, log);
    try {
      if (!dryRun) await waitForConnection(await reserveConnection(choice.model, settings, log));
      const startMs = clock.now();
      const printer = options.json ? jsonLines(() => clock.now() - startMs) : subtitles(source, target);
      const connect = dryRun ? { connect: printing } : {};
      const outcome = await translateSpeech({
        openSession: openLiveTranslate({ ...service.access, ...connect, clock, log }),
        sessionOptions,
        speech,
        events: out ? withFile(out, printer) : printer,
        ...(picture && { picture }),
        signal: interrupted(),
      });
      out?.close();
      if (dryRun) return;
      console.error(usageSummary(outcome, choice.model, choice.url));
      if (options.image) console.error(describePicture(options.image, outcome));
      requireText(outcome, file);
      if (out) console.error(`${outPath}: ${out.seconds.toFixed(1)} s of speech`);
    } finally {
      await service.stop();
      process.stdin.destroy();
    }
  });

async function waitForConnection(waitMs: number): Promise<void> {
  if (waitMs === 0) return;
  const seconds = Math.ceil(waitMs / 1000);
  console.error(`waiting ${seconds} s: an account may open few connections in a minute`);
  await delay(waitMs);
}

/** Frames can be printed without a key: then the model's own host stands for the one that would be chosen. */
function settingsWith({ url, model }: TranslateOptions, dryRun: boolean): Settings {
  const settings = withTranslationService(readSettings(), { url, model });
  const { livetranslate } = settings.config;
  if (!dryRun || livetranslate.url || !livetranslate.model) return settings;
  return withTranslationService(settings, { url: modelNamed(livetranslate.model).url });
}

/** @throws {UsageError} for options that exclude each other */
function checkCombination({ from, to, textOnly, voice, out, json, dryRun }: TranslateOptions): void {
  const isTextOnly = textOnly || from === to;
  if (out && isTextOnly) throw new UsageError('there is no speech for --out');
  if (voice && isTextOnly) throw new UsageError('there is no speech for --voice');
  if (dryRun && (out || json)) throw new UsageError('--dry-run prints frames: leave --out and --json out');
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
  file: string,
  choice: RecordingChoice,
  clock: Clock,
  environment: Environment,
): Promise<AsyncGenerator<Int16Array>> {
  if (file !== '-') {
    const recording = await openRecording(file, choice, environment);
    return inRealTime(speechOf(recording, SPEECH_SAMPLE_RATE, choice), clock);
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
  return inRealTime(prepend(first.value, speech), clock);
}

async function* prepend<T>(first: T, rest: AsyncIterable<T>): AsyncGenerator<T> {
  yield first;
  yield* rest;
}

const withFile = (out: WavFile, events: SessionEvents): SessionEvents => ({
  ...events,
  audio(segment, samples) {
    out.append(samples);
    events.audio(segment, samples);
  },
});

/** The first Ctrl-C ends the speech, and the translation of what was said still comes; the second ends the process. */
function interrupted(): AbortSignal {
  const controller = new AbortController();
  process.once('SIGINT', () => controller.abort());
  return controller.signal;
}

const describePicture = (file: string, { picturesSent }: SpeechOutcome): string =>
  picturesSent > 0
    ? `${file}: sent ${picturesSent} ${picturesSent === 1 ? 'time' : 'times'}`
    : `${file}: not sent, the session never had room`;

function requireText({ error, sentSeconds, finalTexts }: SpeechOutcome, file: string): void {
  const name = file === '-' ? 'stdin' : file;
  if (error) throw error;
  if (finalTexts === 0) throw new CommandError(`${name}: no speech was understood in ${sentSeconds.toFixed(1)} s`);
}
