/**
 * The sound of a recording as one voice, streamed: of any length, memory stays flat. A file that is damaged or ends early is read as
 * far as it goes, and who reads it is told.
 */
import { createReadStream } from 'node:fs';
import { Resampler } from '../audio/resample.ts';
import { rolesOfLayout } from './channel-layout.ts';
import { FfmpegError, type FfmpegPrograms, inputInTime, LOCAL_ONLY, outputOf } from './ffmpeg.ts';
import { FlacFormatError, readFlac } from './flac-reader.ts';
import { MonoMixer } from './mono-mixer.ts';
import { ownDecoders } from './own-decoders.ts';
import type { OwnFormat } from './own-formats.ts';
import type { AudioTrack, MediaFile } from './probe.ts';
import { RecordingError, recordingProblem } from './recording-error.ts';
import { deinterleave, type SoundBlock } from './sound.ts';
import { readWav, WavFormatError } from './wav-reader.ts';

export interface SpeechChoice {
  /** Number of the audio track, from 1. Default: the first. */
  track?: number;
  /** Number of the channel that is listened to, from 1. Default: all, mixed. */
  channel?: number;
  /** Where to begin. Default: 0. */
  fromSeconds?: number;
  /** Called at the end where a second or more at the end of the recording could not be read. */
  onDamage?(damage: Damage): void;
}

/** The recording could be read to a place before its end. */
export interface Damage {
  /** From the beginning of the recording. */
  readSeconds: number;
  error: Error;
}

const CHUNKS_PER_SECOND = 10;
const READ_BYTES = 65_536;
/** Lengths in headers are this much wrong, at most. */
const TOLERATED_SECONDS = 1;
/** What the resampler's filter still holds comes out with this much silence. */
const FLUSH_SECONDS = 0.02;

/** @throws {RecordingError} where the track or the channel is not in the recording */
export function checkChoice({ path, audio }: MediaFile, { track = 1, channel }: SpeechChoice): void {
  const chosen = audio[track - 1];
  if (!chosen)
    throw new RecordingError(
      `${path}: has ${counted(audio.length, 'audio track')}, and no number ${track}: change --track`,
    );
  if (channel !== undefined && chosen.channels > 0) checkChannel(path, chosen.channels, channel);
}

function checkChannel(path: string, channels: number, channel: number): void {
  if (channel <= channels) return;
  throw new RecordingError(`${path}: has ${counted(channels, 'channel')}, and no number ${channel}: change --channel`);
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

/**
 * Mono, 16 bits, in chunks of 100 ms.
 *
 * @param sampleRate samples per second of the result
 * @throws {RecordingError} where nothing can be decoded
 *
 * @example
 * for await (const chunk of speechOf(await probe('talk.mp4', { ffmpeg }), SPEECH_SAMPLE_RATE)) session.send(chunk);
 */
export async function* speechOf(
  recording: MediaFile,
  sampleRate: number,
  choice: SpeechChoice = {},
): AsyncGenerator<Int16Array> {
  checkChoice(recording, choice);
  const { fromSeconds = 0 } = choice;
  let samples = 0;
  try {
    const blocks = blocksOf(recording, sampleRate, choice);
    for await (const chunk of chunked(
      resampled(mono(recording.path, blocks, choice.channel), sampleRate),
      sampleRate,
    )) {
      samples += chunk.length;
      yield chunk;
    }
  } catch (error) {
    const isReadable = samples > 0 || fromSeconds > 0;
    if (!isReadable || !isDamage(error)) throw explained(recording.path, error);
    const readSeconds = fromSeconds + samples / sampleRate;
    if (endsEarly(recording, readSeconds)) choice.onDamage?.({ readSeconds, error });
    return;
  }
  if (samples === 0 && fromSeconds === 0) throw new RecordingError(`${recording.path}: no sound is in it`);
}

/** Where nothing says how long a recording is, what fails fails before its end. */
const endsEarly = ({ durationSeconds }: MediaFile, readSeconds: number): boolean =>
  durationSeconds === undefined || readSeconds < durationSeconds - TOLERATED_SECONDS;

const isDamage = (error: unknown): error is Error =>
  error instanceof FfmpegError || error instanceof WavFormatError || error instanceof FlacFormatError;

function explained(path: string, error: unknown): unknown {
  if (error instanceof RecordingError)
    return error.message.startsWith(path) ? error : new RecordingError(`${path}: ${error.message}`);
  if (error instanceof Error && isDamage(error))
    return new RecordingError(`${path}: cannot be decoded: ${error.message}`);
  return recordingProblem(path, error);
}

/** The channels as they are in the file; FFmpeg has brought them to `sampleRate` already. */
function blocksOf(recording: MediaFile, sampleRate: number, choice: SpeechChoice): AsyncGenerator<SoundBlock> {
  const { decoding, audio } = recording;
  const { track = 1, fromSeconds = 0 } = choice;
  const chosen = audio[track - 1] ?? audio[0];
  if (decoding.by === 'ffmpeg' && chosen)
    return decodedByFfmpeg(recording, decoding.programs, { track, chosen, sampleRate, fromSeconds });
  const blocks = decodedHere(recording.path, decoding as OwnFormat);
  return fromSeconds > 0 ? skipping(blocks, fromSeconds) : blocks;
}

function decodedHere(path: string, own: OwnFormat): AsyncGenerator<SoundBlock> {
  const bytesFrom = (start: number) => createReadStream(path, { start, highWaterMark: READ_BYTES });
  if (own.format === 'wav') return readWav(bytesFrom(own.header.dataAt), own.header);
  if (own.format === 'flac') return readFlac(bytesFrom(own.header.framesAt), own.header);
  return ownDecoders[own.format](bytesFrom(own.startAt));
}

interface FfmpegChoice {
  /** From 1. */
  track: number;
  chosen: AudioTrack;
  sampleRate: number;
  fromSeconds: number;
}

/** @throws {FfmpegError} at the end, also where FFmpeg ended well, but has complained and ended early */
async function* decodedByFfmpeg(
  recording: MediaFile,
  { ffmpeg }: FfmpegPrograms,
  { track, chosen, sampleRate, fromSeconds }: FfmpegChoice,
): AsyncGenerator<SoundBlock> {
  const { channels, layout } = chosen;
  const roles = layout === undefined ? {} : rolesOfLayout(layout);
  const frameBytes = 2 * channels;
  let rest: Buffer = Buffer.alloc(0);
  let frames = 0;
  const args = [
    ...['-nostdin', '-v', 'error', ...LOCAL_ONLY],
    ...(fromSeconds > 0 ? ['-ss', String(fromSeconds)] : []),
    ...[...inputInTime(recording.path), '-map', `0:a:${track - 1}`],
    // Sound that starts late or has gaps keeps its place in time.
    ...['-af', `aresample=async=1000:first_pts=0${keepsLayout(layout) ? `,aformat=channel_layouts=${layout}` : ''}`],
    ...(keepsLayout(layout) ? [] : ['-ac', String(channels)]),
    ...['-ar', String(sampleRate), '-f', 's16le', 'pipe:1'],
  ];
  let complaint: string | undefined;
  const output = outputOf(ffmpeg, args, (line) => {
    complaint = line;
  });
  for await (const part of output) {
    const bytes = rest.length === 0 ? part : Buffer.concat([rest, part]);
    const whole = bytes.length - (bytes.length % frameBytes);
    rest = bytes.subarray(whole);
    if (whole === 0) continue;
    const samples = Int16Array.from({ length: whole / 2 }, (_, i) => bytes.readInt16LE(i * 2));
    frames += whole / frameBytes;
    yield { sampleRate, channels: deinterleave(samples, channels, 1 / 32_768), roles };
  }
  const isKnown = recording.durationSeconds !== undefined;
  if (complaint && isKnown && endsEarly(recording, fromSeconds + frames / sampleRate)) throw new FfmpegError(complaint);
}

/** Whether the layout has a name that FFmpeg takes; by their number alone it would mix channels into the layout that is most common. */
const keepsLayout = (layout: string | undefined): layout is string =>
  layout !== undefined && /^[\w.]+(\([\w-]+\))?$/.test(layout);

async function* skipping(blocks: AsyncGenerator<SoundBlock>, seconds: number): AsyncGenerator<SoundBlock> {
  let skipped = 0;
  for await (const { sampleRate, channels, ...more } of blocks) {
    const length = channels[0]?.length ?? 0;
    const cut = Math.min(length, Math.max(0, Math.round(seconds * sampleRate) - skipped));
    skipped += cut;
    if (cut < length) yield { sampleRate, channels: channels.map((samples) => samples.subarray(cut)), ...more };
  }
}

/** One voice, of blocks that may change their rate and their number of channels on the way, as concatenated files do. */
async function* mono(
  path: string,
  blocks: AsyncGenerator<SoundBlock>,
  channel: number | undefined,
): AsyncGenerator<{ sampleRate: number; samples: Float32Array }> {
  let mixer: { of: string; mixer: MonoMixer } | undefined;
  for await (const { sampleRate, channels, roles = {} } of blocks) {
    if (channel !== undefined) {
      checkChannel(path, channels.length, channel);
      yield { sampleRate, samples: channels[channel - 1] ?? new Float32Array(0) };
      continue;
    }
    const of = `${channels.length} ${sampleRate} ${roles.centre} ${roles.lowFrequency}`;
    if (mixer?.of !== of) mixer = { of, mixer: new MonoMixer(channels.length, sampleRate, roles) };
    yield { sampleRate, samples: mixer.mixer.push(channels) };
  }
}

async function* resampled(
  voice: AsyncGenerator<{ sampleRate: number; samples: Float32Array }>,
  to: number,
): AsyncGenerator<Int16Array> {
  let resampler: { from: number; resampler: Resampler } | undefined;
  try {
    for await (const { sampleRate, samples } of voice) {
      const pcm = toInt16(samples);
      if (sampleRate === to) {
        yield pcm;
        continue;
      }
      if (resampler?.from !== sampleRate) {
        resampler?.resampler.close();
        resampler = { from: sampleRate, resampler: await Resampler.create(sampleRate, to) };
      }
      yield resampler.resampler.push(pcm);
    }
    if (resampler) yield resampler.resampler.push(new Int16Array(Math.round(resampler.from * FLUSH_SECONDS)));
  } finally {
    resampler?.resampler.close();
  }
}

const toInt16 = (samples: Float32Array): Int16Array =>
  Int16Array.from(samples, (sample) => Math.max(-32_768, Math.min(32_767, Math.round(sample * 32_768))));

async function* chunked(parts: AsyncGenerator<Int16Array>, sampleRate: number): AsyncGenerator<Int16Array> {
  const chunk = new Int16Array(sampleRate / CHUNKS_PER_SECOND);
  let filled = 0;
  for await (const part of parts) {
    for (let at = 0; at < part.length; ) {
      const taken = Math.min(part.length - at, chunk.length - filled);
      chunk.set(part.subarray(at, at + taken), filled);
      filled += taken;
      at += taken;
      if (filled < chunk.length) continue;
      yield chunk.slice();
      filled = 0;
    }
  }
  if (filled > 0) yield chunk.slice(0, filled);
}
