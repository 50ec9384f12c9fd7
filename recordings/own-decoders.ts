/** The decoders for a computer without FFmpeg: MP3 by mpg123, Ogg Opus by libopus (both in WebAssembly). */
import { createDecoder } from 'libopus-wasm';
import { oggPackets } from './ogg-packets.ts';
import { RecordingError } from './recording-error.ts';
import { deinterleave, type SoundBlock } from './sound.ts';

const startsWith = (bytes: Buffer, text: string): boolean => bytes.toString('latin1', 0, text.length) === text;

/** Decodes a stream of bytes. @throws {RecordingError} without a path where it is not what it seems to be */
export type Decode = (stream: AsyncIterable<Buffer>) => AsyncGenerator<SoundBlock>;

async function* readMp3(stream: AsyncIterable<Buffer>): AsyncGenerator<SoundBlock> {
  const { MPEGDecoder } = await import('mpg123-decoder');
  const decoder = new MPEGDecoder();
  await decoder.ready;
  try {
    for await (const part of stream) {
      const { channelData, samplesDecoded, sampleRate } = decoder.decode(part);
      if (samplesDecoded > 0) yield { sampleRate, channels: channelData };
    }
  } finally {
    decoder.free();
  }
}

const OPUS_RATE = 48_000;
const OPUS_SCALE = 1 / 32_768;

type OpusDecoder = Awaited<ReturnType<typeof createDecoder>>;

/** RFC 7845; also of files that were joined, each of which begins with a header. */
async function* readOggOpus(stream: AsyncIterable<Buffer>): AsyncGenerator<SoundBlock> {
  let opened: { decoder: OpusDecoder; channels: number } | undefined;
  let skipped = 0;
  let isComment = false;
  try {
    for await (const { bytes, isFirst } of oggPackets(stream)) {
      if (isFirst || !opened) {
        const { channels, preSkip } = opusHead(bytes);
        opened?.decoder.free();
        opened = { decoder: await createDecoder({ channels, sampleRate: OPUS_RATE }), channels };
        skipped = preSkip;
        isComment = true;
        continue;
      }
      if (!isComment) {
        const { decoder, channels } = opened;
        const pcm = decoded(decoder, bytes);
        const cut = Math.min(skipped, pcm.length / channels);
        skipped -= cut;
        const rest = pcm.subarray(cut * channels);
        if (rest.length > 0) yield { sampleRate: OPUS_RATE, channels: deinterleave(rest, channels, OPUS_SCALE) };
      }
      isComment = false;
    }
  } finally {
    opened?.decoder.free();
  }
}

function opusHead(head: Buffer): { channels: 1 | 2; preSkip: number } {
  if (!startsWith(head, 'OpusHead') || head.length < 19)
    throw new RecordingError('Ogg without Opus is read by FFmpeg alone: get it by "npm run setup -- ffmpeg"');
  const channels = head[9];
  if (channels !== 1 && channels !== 2)
    throw new RecordingError(
      'Opus of more than two channels is read by FFmpeg alone: get it by "npm run setup -- ffmpeg"',
    );
  return { channels, preSkip: head.readUInt16LE(10) };
}

/** A damaged packet is concealed: what follows it keeps its time. */
function decoded(decoder: OpusDecoder, packet: Buffer): Int16Array {
  try {
    return decoder.decode(packet);
  } catch {
    return decoder.decodePacketLoss(OPUS_RATE / 50);
  }
}

export const ownDecoders: Readonly<Record<'mp3' | 'ogg', Decode>> = { mp3: readMp3, ogg: readOggOpus };
