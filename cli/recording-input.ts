/** Recordings that a person names on the command line, and what of them is listened to. */
import { type Command, InvalidArgumentError } from 'commander';
import { type MediaFile, type ProbeOptions, probe } from '../recordings/probe.ts';
import { checkChoice, type SpeechChoice } from '../recordings/speech-of.ts';
import { findFfmpegPrograms } from '../scripts/setup/ffmpeg.mjs';
import { wholeNumber } from './arguments.ts';
import type { Environment } from './settings.ts';

export type RecordingChoice = Pick<SpeechChoice, 'track' | 'channel'>;

/** What `FILE` may be, as help tells it. */
export const RECORDING =
  'An audio or video file: whatever FFmpeg reads, where it is installed; else WAV, MP3, Ogg Opus and FLAC';

/** Adds the options of `RecordingChoice`. */
export const withRecordingChoice = (command: Command): Command =>
  command
    .option('--track <NUMBER>', 'The audio track to listen to, from 1 (default: the first)', ordinal)
    .option(
      '--channel <CHANNEL>',
      'The channel to listen to: left, right, center, or a number from 1, where each has a speaker of its own (default: all, mixed)',
      channelNumber,
    );

const channels: Readonly<Record<string, number>> = { left: 1, right: 2, center: 3 };
const MOST = 64;

/** @throws {InvalidArgumentError} */
function ordinal(value: string): number {
  const number = wholeNumber(MOST)(value);
  if (number === 0) throw new InvalidArgumentError('They are counted from 1.');
  return number;
}

/** @throws {InvalidArgumentError} */
export function channelNumber(value: string): number {
  const named = Object.hasOwn(channels, value) ? channels[value] : undefined;
  if (named === undefined && !/^\d+$/.test(value))
    throw new InvalidArgumentError('left, right, center or a number from 1 is needed.');
  return named ?? ordinal(value);
}

/** FFmpeg, where this computer has it. */
export const ffmpegOn = (environment: Environment): ProbeOptions => ({ ffmpeg: findFfmpegPrograms(environment) });

/** @throws {RecordingError} where it cannot be read, or the chosen track or channel is not in it */
export async function openRecording(
  path: string,
  choice: RecordingChoice,
  environment: Environment,
): Promise<MediaFile> {
  const recording = await probe(path, ffmpegOn(environment));
  checkChoice(recording, choice);
  return recording;
}
