import { setTimeout as delay } from 'node:timers/promises';
import { joinRoom } from '@mediasoup-booth/interpreter/remote';
import { LanguageCode } from '@mediasoup-booth/protocol';
import { VOICE_SAMPLE_RATE } from '../../audio/sample-rates.ts';
import { speechOf } from '../../recordings/speech-of.ts';
import { systemClock } from '../../time/clock.ts';
import { parsedBy } from '../arguments.ts';
import { CommandError } from '../errors.ts';
import { openRecording, RECORDING, type RecordingChoice, withRecordingChoice } from '../recording-input.ts';
import { RecordingPublisher } from '../recording-publisher.ts';
import { type RoomCommandOptions, roomCommand, roomEntryFrom } from '../room-command.ts';
import { readSettings } from '../settings.ts';

/** Receivers of the microphone are ready for its first word after this long. */
const READY_MS = 700;

export const speak = withRecordingChoice(roomCommand('speak'))
  .description('Says a recording in a room, in real time, as a participant of its own, then leaves.')
  .argument('<FILE>', RECORDING)
  .option(
    '--speaks <LANGUAGE>',
    'The language of the recording (default: as the token says, else en)',
    parsedBy(LanguageCode),
  )
  .action(async (file: string, options: RoomCommandOptions & RecordingChoice & { speaks?: LanguageCode }) => {
    const settings = readSettings();
    const needs = { grants: ['publish'], name: 'Speaker' } as const;
    const { url, token, speaks } = await roomEntryFrom(options, settings, needs);
    const language = options.speaks ?? speaks ?? 'en';
    const recording = await openRecording(file, options, settings.environment);
    const { promise: ended, resolve: end } = Promise.withResolvers<string>();
    const connection = await joinRoom({
      url,
      token,
      preferences: { speaks: language, hears: 'original', reads: [] },
      clock: systemClock,
      events: { changed() {}, ended: ({ reason }) => end(reason) },
    });
    let publisher: RecordingPublisher | undefined;
    const say = async () => {
      publisher = await RecordingPublisher.create(await connection.publishMicrophone());
      await delay(READY_MS);
      await publisher.play(speechOf(recording, VOICE_SAMPLE_RATE, options));
    };
    const lost = await Promise.race([say(), ended]).finally(() => {
      publisher?.close();
      connection.close();
    });
    if (lost !== undefined) throw new CommandError(`the room was lost before everything was said: ${lost}`);
  });
