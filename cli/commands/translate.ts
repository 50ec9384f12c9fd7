import { systemClock } from '../../bot/clock.ts';
import { openLiveTranslate } from '../../bot/translation/livetranslate/connect.ts';
import type { SessionEvents } from '../../bot/translation/session.ts';
import { command } from '../command.ts';
import { chooseEngine } from '../engine-choice.ts';
import { CommandError, UsageError } from '../errors.ts';
import { openQuietLog } from '../log.ts';
import { checkPair, languageCode } from '../pairs.ts';
import { readSettings, withService } from '../settings.ts';
import { inRealTime, pieces, piecesFrom, readSpeech } from '../speech.ts';
import { jsonLines, OUTPUT_RATE, subtitles } from '../subtitles.ts';
import { type Outcome, translateSpeech } from '../translate-speech.ts';
import { startTranslationService } from '../translation-service.ts';
import { WavFile } from '../wav-file.ts';

export const translate = command({
  name: 'translate',
  description: 'Translates a recording or a microphone, in real time and without a room.',
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
      description: 'A LiveTranslate endpoint, instead of the configured one',
    },
    voice: { type: 'string', valueHint: 'NAME', description: "Instead of the model's own" },
    'text-only': { type: 'boolean', description: 'No speech' },
    out: { type: 'string', valueHint: 'FILE.wav', description: 'Writes the speech there' },
    json: { type: 'boolean', description: 'Everything that happens, one JSON object a line' },
  },
  async run({ args }) {
    const settings = withService(readSettings(), { url: args.url, model: args.model });
    const choice = chooseEngine(settings.config, settings.environment);
    const source = languageCode('--from', args.from);
    const target = languageCode('--to', args.to);
    // Who names a service knows what it can do, and it says so itself if not.
    if (!args.url) checkPair(choice.model, source, target);
    if (args.out && (args['text-only'] || source === target)) throw new UsageError('there is no speech for --out');
    const speech = await openSpeech(args.file);
    const out = args.out ? new WavFile(args.out, OUTPUT_RATE) : undefined;
    const log = openQuietLog(settings);

    console.error(choice.view.label);
    const service = await startTranslationService(choice, settings, log);
    try {
      const startMs = systemClock.now();
      const printer = args.json ? jsonLines(() => systemClock.now() - startMs) : subtitles(source, target);
      const outcome = await translateSpeech({
        openSession: openLiveTranslate({ ...service.access, clock: systemClock, log }),
        session: { source, target, audio: !args['text-only'], ...(args.voice && { voice: args.voice }) },
        speech,
        events: out ? alsoWriting(out, printer) : printer,
        enough: interrupted(),
      });
      out?.close();
      check(outcome, args.file);
      if (out) console.error(`${args.out}: ${out.seconds.toFixed(1)} s of speech`);
    } finally {
      await service.stop();
      process.stdin.destroy();
    }
  },
});

async function openSpeech(file: string): Promise<AsyncGenerator<Int16Array>> {
  if (file !== '-') return inRealTime(pieces(await readSpeech(file)), systemClock);
  if (process.stdin.isTTY) {
    throw new UsageError(
      '"-" reads a microphone from a pipe: arecord -q -t raw -f S16_LE -r 16000 | booth translate - …',
    );
  }
  const speech = piecesFrom(process.stdin);
  // What is wrong with it is told before anything is started for it.
  const first = await speech.next();
  if (first.done) throw new CommandError('stdin: nothing came');
  return inRealTime(followed(first.value, speech), systemClock);
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

function check({ error, sentSeconds, texts }: Outcome, file: string): void {
  const name = file === '-' ? 'stdin' : file;
  if (error) throw error;
  if (texts === 0) throw new CommandError(`${name}: no speech was understood in ${sentSeconds.toFixed(1)} s`);
}
