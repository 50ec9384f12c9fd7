import { setTimeout as delay } from 'node:timers/promises';
import { type Connect, openLiveTranslate } from '../../bot/session/livetranslate/connect.ts';
import { settingsFor } from '../../bot/session/livetranslate/settings.ts';
import type { SessionEvents, SessionOptions } from '../../bot/session/translation-session.ts';
import { endpoints, modelNamed } from '../../config/models.ts';
import { type Clock, systemClock } from '../../time/clock.ts';
import { command } from '../command.ts';
import { describedEndpoint, ImpatientClock, printingFrames } from '../dry-run.ts';
import { chooseEngine, type EngineChoice } from '../engine-choice.ts';
import { CommandError, UsageError } from '../errors.ts';
import { readHotwords } from '../hotwords.ts';
import { openQuietLog } from '../log.ts';
import { bookConnection } from '../lone-account.ts';
import { checkHelp, checkPair, languageCode } from '../pairs.ts';
import { readPicture } from '../picture.ts';
import { readSettings, type Settings, withService } from '../settings.ts';
import { inRealTime, pieces, piecesFrom, readSpeech } from '../speech.ts';
import { jsonLines, OUTPUT_RATE, subtitles } from '../subtitles.ts';
import { type Outcome, translateSpeech } from '../translate-speech.ts';
import { startTranslationService, type TranslationService } from '../translation-service.ts';
import { usageSummary } from '../usage-summary.ts';
import { WavFile } from '../wav-file.ts';

export const translate = command({
  name: 'translate',
  description: `Translates a recording or a microphone, in real time and without a room. The cloud models are served in Singapore (${endpoints.international}), in Beijing (${endpoints.mainland}), and at each workspace's own host (wss://WORKSPACE.ap-southeast-1.maas.aliyuncs.com/api-ws/v1/realtime): name yours by --url or BOOTH_LIVETRANSLATE_URL.`,
  args: {
    file: {
      type: 'positional',
      required: true,
      description: 'A WAV file of 16-bit PCM; "-" reads raw 16 kHz mono 16-bit PCM from stdin',
    },
    from: { type: 'string', required: true, valueHint: 'en', description: 'The language that is spoken' },
    to: { type: 'string', required: true, valueHint: 'es', description: 'The language wanted; the same: a transcript' },
    model: { type: 'string', valueHint: 'MODEL', description: 'Instead of the configured one' },
    url: {
      type: 'string',
      valueHint: 'wss://…',
      description: 'A LiveTranslate endpoint, instead of the configured one (livetranslate.url)',
    },
    voice: { type: 'string', valueHint: 'NAME', description: "Instead of the model's own" },
    hotwords: {
      type: 'string',
      valueHint: 'FILE',
      description: 'Terms and how they shall be translated: a YAML or JSON map',
    },
    image: {
      type: 'string',
      valueHint: 'FILE',
      description: 'A PNG, JPEG or WebP picture of what is spoken about; sent with the first speech and each minute',
    },
    'text-only': { type: 'boolean', description: 'No speech' },
    out: { type: 'string', valueHint: 'FILE.wav', description: 'Writes the speech there' },
    json: { type: 'boolean', description: 'Everything that happens, one JSON object a line' },
    'dry-run': {
      type: 'boolean',
      description: 'Connects nowhere and prints the frames that it would send, one JSON object a line',
    },
  },
  async run({ args }) {
    const dryRun = args['dry-run'] ?? false;
    const settings = serviceFor(args, dryRun);
    const choice = chooseEngine(settings.config, settings.environment);
    const source = languageCode('--from', args.from);
    const target = languageCode('--to', args.to);
    // Who names a service knows what it can do, and it says so itself if not.
    if (!args.url) {
      checkPair(choice.model, source, target);
      checkHelp(choice.model, args);
    }
    checkOptions(args, source === target, dryRun);
    const session: SessionOptions = {
      source,
      target,
      audio: !args['text-only'],
      ...(args.voice && { voice: args.voice }),
      ...(args.hotwords && { hotwords: await readHotwords(args.hotwords, choice.model) }),
    };
    // What the model would refuse is told before anything is started for it.
    settingsFor(choice.model, session);
    const picture = args.image ? await readPicture(args.image, choice.model) : undefined;
    const clock = dryRun ? new ImpatientClock() : systemClock;
    const speech = await openSpeech(args.file, clock);
    const out = args.out ? new WavFile(args.out, OUTPUT_RATE) : undefined;
    const log = openQuietLog(settings);

    console.error(dryRun ? `${choice.model.id} · nothing is sent` : choice.view.label);
    const service = dryRun ? notStarted(choice, settings) : await startTranslationService(choice, settings, log);
    try {
      if (!dryRun) await untilGranted(await bookConnection(choice.model, settings, log));
      const startMs = clock.now();
      const printer = args.json ? jsonLines(() => clock.now() - startMs) : subtitles(source, target);
      const connect = dryRun ? { connect: printing } : {};
      const outcome = await translateSpeech({
        openSession: openLiveTranslate({ ...service.access, ...connect, clock, log }),
        session,
        speech,
        events: out ? alsoWriting(out, printer) : printer,
        ...(picture && { picture }),
        enough: interrupted(),
      });
      out?.close();
      if (dryRun) return;
      console.error(usageSummary(outcome, choice.model, choice.url));
      if (args.image) console.error(pictureReport(args.image, outcome));
      check(outcome, args.file);
      if (out) console.error(`${args.out}: ${out.seconds.toFixed(1)} s of speech`);
    } finally {
      await service.stop();
      process.stdin.destroy();
    }
  },
});

async function untilGranted(waitMs: number): Promise<void> {
  if (waitMs === 0) return;
  const seconds = Math.ceil(waitMs / 1000);
  console.error(`waiting ${seconds} s: an account may open few connections in a minute`);
  await delay(waitMs);
}

interface ServiceArguments {
  url?: string | undefined;
  model?: string | undefined;
}

/** Frames can be shown without a key: the model's own host stands for the one that would be chosen. */
function serviceFor({ url, model }: ServiceArguments, dryRun: boolean): Settings {
  const settings = withService(readSettings(), { url, model });
  const { livetranslate } = settings.config;
  if (!dryRun || livetranslate.url || !livetranslate.model) return settings;
  return withService(settings, { url: modelNamed(livetranslate.model).url });
}

interface SpeechArguments {
  'text-only'?: boolean | undefined;
  out?: string | undefined;
  voice?: string | undefined;
  json?: boolean | undefined;
}

/** @throws {UsageError} for what cannot be had together */
function checkOptions(args: SpeechArguments, transcriptOnly: boolean, dryRun: boolean): void {
  const silent = args['text-only'] || transcriptOnly;
  if (args.out && silent) throw new UsageError('there is no speech for --out');
  if (args.voice && silent) throw new UsageError('there is no speech for --voice');
  if (dryRun && (args.out || args.json)) throw new UsageError('--dry-run prints frames: leave --out and --json out');
}

const printing: Connect = (endpoint, clock) => {
  console.error(describedEndpoint(endpoint));
  return printingFrames(console.log)(endpoint, clock);
};

/** The embedded engine has its port only when it runs. */
const notStarted = ({ url, key, model }: EngineChoice, { config }: Settings): TranslationService => ({
  access: {
    url: url ?? `ws://127.0.0.1:${config.engine.port}/api-ws/v1/realtime`,
    model: model.id,
    ...(key && { key }),
  },
  stop: async () => {},
});

async function openSpeech(file: string, clock: Clock): Promise<AsyncGenerator<Int16Array>> {
  if (file !== '-') return inRealTime(pieces(await readSpeech(file)), clock);
  if (process.stdin.isTTY) {
    throw new UsageError(
      '"-" reads a microphone from a pipe: arecord -q -t raw -f S16_LE -r 16000 | booth translate - …',
    );
  }
  const speech = piecesFrom(process.stdin);
  // What is wrong with it is told before anything is started for it.
  const first = await speech.next();
  if (first.done) throw new CommandError('stdin: nothing came');
  return inRealTime(followed(first.value, speech), clock);
}

async function* followed<T>(first: T, rest: AsyncIterable<T>): AsyncGenerator<T> {
  yield first;
  yield* rest;
}

const alsoWriting = (out: WavFile, events: SessionEvents): SessionEvents => ({
  ...events,
  audio(segment, samples) {
    out.append(samples);
    events.audio(segment, samples);
  },
});

/** The first Ctrl-C ends the speech, and what was said still comes out; the second ends everything. */
function interrupted(): AbortSignal {
  const enough = new AbortController();
  process.once('SIGINT', () => enough.abort());
  return enough.signal;
}

const pictureReport = (file: string, { shown }: Outcome): string =>
  shown > 0
    ? `${file}: sent ${shown} ${shown === 1 ? 'time' : 'times'}`
    : `${file}: not sent, the session never had room`;

function check({ error, sentSeconds, texts }: Outcome, file: string): void {
  const name = file === '-' ? 'stdin' : file;
  if (error) throw error;
  if (texts === 0) throw new CommandError(`${name}: no speech was understood in ${sentSeconds.toFixed(1)} s`);
}
