import { setTimeout as delay } from 'node:timers/promises';
import { joinMovingRoom, type RoomConnection } from '@mediasoup-booth/interpreter/remote';
import { LanguageCode, LanguagesResponse } from '@mediasoup-booth/protocol';
import { InvalidArgumentError } from 'commander';
import { SPEECH_SAMPLE_RATE } from '../../audio/sample-rates.ts';
import { systemClock } from '../../time/clock.ts';
import { parsedBy, text } from '../arguments.ts';
import { CaptionPrinter } from '../caption-printer.ts';
import { ChannelListener } from '../channel-listener.ts';
import { ChannelRecorder } from '../channel-recorder.ts';
import { CommandError } from '../errors.ts';
import { openQuietLog } from '../log.ts';
import { type RoomCommandOptions, roomCommand, roomEntryFrom } from '../room-command.ts';
import { readSettings } from '../settings.ts';
import { waitForStopSignal } from '../stop-signal.ts';
import { WavFile } from '../wav-file.ts';

const ANSWER_WITHIN_MS = 5000;

interface ListenOptions extends RoomCommandOptions {
  language: LanguageCode;
  out?: string;
  json?: boolean;
  seconds?: number;
}

export const listen = roomCommand('listen')
  .description(
    'Hears and reads a language in a room: prints its captions, with what they translate, until it is stopped.',
  )
  .requiredOption('--language <LANGUAGE>', 'What to hear and read, such as "es"', parsedBy(LanguageCode))
  .option('--out <FILE.wav>', 'Writes what the channel says, 16 kHz mono, pauses included', text)
  .option('--json', 'Prints room messages, one a line')
  .option('--seconds <N>', 'Stops after so long', positiveSeconds)
  .action(async (options: ListenOptions) => {
    const { language, out, json, seconds } = options;
    const settings = readSettings();
    const log = openQuietLog(settings);
    const needs = { grants: ['channels', 'captions'], name: 'Listener' } as const;
    const { url, token } = await roomEntryFrom(options, settings, needs);
    const file = out === undefined ? undefined : new WavFile(out, SPEECH_SAMPLE_RATE);
    const recorder = file && new ChannelRecorder((samples) => file.append(samples));

    const { promise: ended, resolve: end } = Promise.withResolvers<string>();
    const printer = new CaptionPrinter(console.log);
    const listeners = new WeakMap<RoomConnection, ChannelListener>();
    const listenIn = (room: RoomConnection) =>
      new ChannelListener(room, {
        language,
        onMessage: (message) => {
          if (json) console.log(JSON.stringify(message));
          else printer.push(message);
        },
        ...(recorder && { onPacket: (track, packet) => recorder.push(track, packet) }),
        onFailed: (error) => log.warn({ error }, 'something in the room could not be received'),
      });
    const leave = await joinMovingRoom({
      url,
      token,
      preferences: { speaks: null, hears: language, reads: [language, 'original'] },
      clock: systemClock,
      prepare: async (room) => void listeners.set(room, listenIn(room)),
      joined() {},
      changed: (room) => listeners.get(room)?.reconcile(),
      ended: ({ reason }) => end(reason),
    });

    const targets = await targetsOf(url);
    if (targets.length > 0 && !targets.includes(language))
      log.warn(
        `there is no translation into "${language}" here, only into ${targets.join(', ')}: what is said in it will come`,
      );

    const stopped =
      seconds === undefined ? waitForStopSignal() : Promise.race([waitForStopSignal(), delay(seconds * 1000)]);
    const lost = await Promise.race([stopped, ended]);
    leave();
    await recorder?.close();
    file?.close();
    if (typeof lost === 'string') throw new CommandError(lost);
  });

/** The languages that the server translates into; none where it does not answer. */
async function targetsOf(signalUrl: string): Promise<LanguageCode[]> {
  const url = new URL('/v1/languages', signalUrl.replace(/^ws/, 'http'));
  try {
    const reply = await fetch(url, { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
    return LanguagesResponse.parse(await reply.json()).targets.map(({ code }) => code);
  } catch {
    return [];
  }
}

function positiveSeconds(value: string): number {
  const seconds = Number(value);
  if (!(seconds > 0 && seconds <= 86_400)) throw new InvalidArgumentError('A number of seconds is needed.');
  return seconds;
}
