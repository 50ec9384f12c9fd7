import { setTimeout as delay } from 'node:timers/promises';
import { SPEECH_SAMPLE_RATE } from '../../audio/sample-rates.ts';
import { joinRoom } from '../../bot/room/mediasoup-room.ts';
import { LanguageCode } from '../../protocol/languages.ts';
import { LanguagesResponse } from '../../protocol/rest.ts';
import { systemClock } from '../../time/clock.ts';
import { valid } from '../arguments.ts';
import { CaptionPrinter } from '../caption-printer.ts';
import { command } from '../command.ts';
import { CommandError, UsageError } from '../errors.ts';
import { Listener } from '../listener.ts';
import { openQuietLog } from '../log.ts';
import { Recorder } from '../recorder.ts';
import { entryFrom, roomArguments } from '../room-arguments.ts';
import { readSettings } from '../settings.ts';
import { untilStopped } from '../until-stopped.ts';
import { WavFile } from '../wav-file.ts';

const ANSWER_WITHIN_MS = 5000;

export const listen = command({
  name: 'listen',
  description:
    'Hears and reads a language in a room: prints its captions, with what they translate, until it is stopped.',
  args: {
    ...roomArguments,
    language: { type: 'string', required: true, valueHint: 'es', description: 'What to hear and read' },
    out: {
      type: 'string',
      valueHint: 'FILE.wav',
      description: 'Writes what the channel says, 16 kHz mono, pauses included',
    },
    json: { type: 'boolean', description: 'Prints room messages, one a line' },
    seconds: { type: 'string', valueHint: 'N', description: 'Stops after so long' },
  },
  async run({ args }) {
    const settings = readSettings();
    const log = openQuietLog(settings);
    const { url, token } = entryFrom(args, settings, 'subscribe');
    const language = valid('--language', LanguageCode, args.language);
    const seconds = args.seconds === undefined ? undefined : positive('--seconds', args.seconds);
    const file = args.out === undefined ? undefined : new WavFile(args.out, SPEECH_SAMPLE_RATE);
    const recorder = file && new Recorder((samples) => file.append(samples));

    const { promise: ended, resolve: end } = Promise.withResolvers<string>();
    const printer = new CaptionPrinter(console.log);
    let listener: Listener | undefined;
    const connection = await joinRoom({
      url,
      token,
      preferences: { speaks: null, hears: language, reads: [language, 'original'] },
      clock: systemClock,
      events: { changed: () => listener?.follow(), ended: ({ reason }) => end(reason) },
    });
    listener = new Listener(connection, {
      language,
      onMessage: (message) => {
        if (args.json) console.log(JSON.stringify(message));
        else printer.read(message);
      },
      ...(recorder && { onPacket: (track, packet) => recorder.packet(track, packet) }),
      onFailed: (error) => log.warn({ error }, 'something in the room could not be received'),
    });

    const targets = await targetsOf(url);
    if (targets.length > 0 && !targets.includes(language))
      log.warn(
        `there is no translation into "${language}" here, only into ${targets.join(', ')}: what is said in it will come`,
      );

    const stopped = seconds === undefined ? untilStopped() : Promise.race([untilStopped(), delay(seconds * 1000)]);
    const lost = await Promise.race([stopped, ended]);
    connection.close();
    await recorder?.close();
    file?.close();
    if (typeof lost === 'string') throw new CommandError(lost);
  },
});

/** What the server translates into; nothing where it does not say. */
async function targetsOf(signalUrl: string): Promise<LanguageCode[]> {
  const url = new URL('/v1/languages', signalUrl.replace(/^ws/, 'http'));
  try {
    const reply = await fetch(url, { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
    return LanguagesResponse.parse(await reply.json()).targets.map(({ code }) => code);
  } catch {
    return [];
  }
}

function positive(option: string, text: string): number {
  const number = Number(text);
  if (!(number > 0 && number <= 86_400)) throw new UsageError(`${option} needs a number of seconds, not "${text}"`);
  return number;
}
