/**
 * The sound of a recording as one voice, streamed: of any length, memory stays flat. A file that is damaged or ends early is read as
 * far as it goes.
 */
import { createReadStream } from 'node:fs';
import { Resampler } from '../audio/resample.ts';
import { FfmpegError, type FfmpegPrograms, fileArgument, LOCAL_ONLY, outputOf } from './ffmpeg.ts';
import { FlacFormatError } from './flac-reader.ts';
import { MonoMixer } from './mono-mixer.ts';
import { ownDecoders } from './own-decoders.ts';
import type { MediaFile } from './probe.ts';
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
}

const CHUNKS_PER_SECOND = 10;
const READ_BYTES = 65_536;
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
  let isSilent = true;
  try {
    const blocks = blocksOf(recording, sampleRate, choice);
    for await (const chunk of chunked(
      resampled(mono(recording.path, blocks, choice.channel), sampleRate),
      sampleRate,
    )) {
      isSilent = false;
      yield chunk;
    }
  } catch (error) {
    if (!isSilent && isDamage(error)) return;
    throw explained(recording.path, error);
  }
  if (isSilent && !choice.fromSeconds) throw new RecordingError(`${recording.path}: no sound is in it`);
}

const isDamage = (error: unknown): boolean =>
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
  const { path, decoding, audio } = recording;
  const { track = 1, fromSeconds = 0 } = choice;
  if (decoding.by === 'ffmpeg') {
    const channels = audio[track - 1]?.channels ?? 1;
    return decodedByFfmpeg(path, decoding.programs, { track, channels, sampleRate, fromSeconds });
  }
  const bytes = createReadStream(path, { highWaterMark: READ_BYTES });
  const blocks = decoding.format === 'wav' ? readWav(bytes) : ownDecoders[decoding.format](bytes);
  return fromSeconds > 0 ? skipping(blocks, fromSeconds) : blocks;
}

interface FfmpegChoice {
  track: number;
  channels: number;
  sampleRate: number;
  fromSeconds: number;
}

async function* decodedByFfmpeg(
  path: string,
  { ffmpeg }: FfmpegPrograms,
  { track, channels, sampleRate, fromSeconds }: FfmpegChoice,
): AsyncGenerator<SoundBlock> {
  const frameBytes = 2 * channels;
  let rest: Buffer = Buffer.alloc(0);
  const args = [
    ...['-nostdin', '-v', 'error', ...LOCAL_ONLY],
    ...(fromSeconds > 0 ? ['-ss', String(fromSeconds)] : []),
    ...['-i', fileArgument(path), '-map', `0:a:${track - 1}`],
    // Sound that starts late or has gaps keeps its place in time.
    ...['-af', 'aresample=async=1000:first_pts=0'],
    ...['-ac', String(channels), '-ar', String(sampleRate), '-f', 's16le', 'pipe:1'],
  ];
  for await (const part of outputOf(ffmpeg, args)) {
    const bytes = rest.length === 0 ? part : Buffer.concat([rest, part]);
    const whole = bytes.length - (bytes.length % frameBytes);
    if (whole > 0) {
      const samples = Int16Array.from({ length: whole / 2 }, (_, i) => bytes.readInt16LE(i * 2));
      yield { sampleRate, channels: deinterleave(samples, channels, 1 / 32_768) };
    }
    rest = bytes.subarray(whole);
  }
}

async function* skipping(blocks: AsyncGenerator<SoundBlock>, seconds: number): AsyncGenerator<SoundBlock> {
  let skipped = 0;
  for await (const { sampleRate, channels } of blocks) {
    const length = channels[0]?.length ?? 0;
    const cut = Math.min(length, Math.max(0, Math.round(seconds * sampleRate) - skipped));
    skipped += cut;
    if (cut < length) yield { sampleRate, channels: channels.map((samples) => samples.subarray(cut)) };
  }
}

/** One voice, of blocks that may change their rate and their number of channels on the way, as concatenated files do. */
async function* mono(
  path: string,
  blocks: AsyncGenerator<SoundBlock>,
  channel: number | undefined,
): AsyncGenerator<{ sampleRate: number; samples: Float32Array }> {
  let mixer: { of: string; mixer: MonoMixer } | undefined;
  for await (const { sampleRate, channels } of blocks) {
    if (channel !== undefined) {
      checkChannel(path, channels.length, channel);
      yield { sampleRate, samples: channels[channel - 1] ?? new Float32Array(0) };
      continue;
    }
    const of = `${channels.length} ${sampleRate}`;
    if (mixer?.of !== of) mixer = { of, mixer: new MonoMixer(channels.length, sampleRate) };
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
