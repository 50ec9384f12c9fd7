import { setTimeout as delay } from 'node:timers/promises';
import { joinMovingRoom, type RoomConnection } from '@mediasoup-booth/interpreter/remote';
import { LanguageCode } from '@mediasoup-booth/protocol';
import { VOICE_SAMPLE_RATE } from '../../audio/sample-rates.ts';
import { type MediaFile, requireReadAgain } from '../../recordings/probe.ts';
import { type Damage, speechOf } from '../../recordings/speech-of.ts';
import { systemClock } from '../../time/clock.ts';
import { parsedBy } from '../arguments.ts';
import { type CameraOutput, CameraPublisher } from '../camera-publisher.ts';
import { CommandError } from '../errors.ts';
import { openRecording, RECORDING, type RecordingChoice, withRecordingChoice } from '../recording-input.ts';
import { RecordingPublisher } from '../recording-publisher.ts';
import { type RoomCommandOptions, roomCommand, roomEntryFrom } from '../room-command.ts';
import { readSettings } from '../settings.ts';
import { damageNotice } from '../speech.ts';
import { waitForStopSignal } from '../stop-signal.ts';

/** Receivers of the microphone are ready for its first word after this long. */
const READY_MS = 700;

interface SpeakOptions extends RoomCommandOptions, RecordingChoice {
  speaks?: LanguageCode;
  loop?: boolean;
  camera: boolean;
}

export const speak = withRecordingChoice(roomCommand('speak'))
  .description('Says a recording in a room, in real time, as a participant of its own, then leaves.')
  .argument('<FILE>', RECORDING)
  .option(
    '--speaks <LANGUAGE>',
    'The language of the recording (default: as the token says, else en)',
    parsedBy(LanguageCode),
  )
  .option('--loop', 'Begins again when it is over, until Ctrl-C')
  .option('--no-camera', "Does not show a video's picture")
  .action(async (file: string, options: SpeakOptions) => {
    const settings = readSettings();
    const needs = { grants: ['publish'], name: 'Speaker' } as const;
    const { url, token, speaks } = await roomEntryFrom(options, settings, needs);
    const language = options.speaks ?? speaks ?? 'en';
    const recording = await openRecording(file, options, settings.environment);
    if (options.loop) requireReadAgain(recording, '--loop');
    const { promise: ended, resolve: end } = Promise.withResolvers<string>();
    const publish = async (room: RoomConnection) => ({
      microphone: await room.publishMicrophone(),
      camera: options.camera ? await openCamera(room, recording) : undefined,
    });
    let outputs: Awaited<ReturnType<typeof publish>> | undefined;
    const leave = await joinMovingRoom({
      url,
      token,
      preferences: { speaks: language, hears: 'original', reads: [] },
      clock: systemClock,
      prepare: publish,
      joined(_, published) {
        outputs = published;
      },
      changed() {},
      ended: ({ reason }) => end(reason),
    });
    const stopped = options.loop ? waitForStopSignal() : undefined;
    let isOver = false;
    let publisher: RecordingPublisher | undefined;
    let camera: CameraPublisher | undefined;
    const prepareCamera = async () =>
      recording.decoding.by === 'ffmpeg' ? camera?.prepare(file, recording.decoding.programs) : undefined;
    let isTold = false;
    const onDamage = (damage: Damage) => {
      if (!isTold) console.error(damageNotice(recording, damage));
      isTold = true;
    };
    const say = async () => {
      publisher = await RecordingPublisher.create({ write: (...packet) => outputs?.microphone.write(...packet) });
      if (outputs?.camera)
        camera = new CameraPublisher({ write: (...part) => outputs?.camera?.write(...part) }, systemClock);
      await delay(READY_MS);
      do {
        const sound = publisher;
        const show = await prepareCamera();
        const said = sound.play(speechOf(recording, VOICE_SAMPLE_RATE, { ...options, onDamage }));
        const shown = show?.(() => sound.positionMs);
        await said;
        if (!options.loop) return;
        await shown;
      } while (!isOver);
    };
    const lost = await Promise.race([say(), ended, ...(stopped ? [stopped] : [])]).finally(() => {
      isOver = true;
      publisher?.close();
      camera?.close();
      leave();
    });
    if (typeof lost === 'string') throw new CommandError(`the room was lost before everything was said: ${lost}`);
  });

/** A camera for the picture of a recording; undefined where it has none, or the room takes none. */
async function openCamera(room: RoomConnection, { video, decoding }: MediaFile): Promise<CameraOutput | undefined> {
  return video && decoding.by === 'ffmpeg' ? room.publishCamera?.('vp8') : undefined;
}
