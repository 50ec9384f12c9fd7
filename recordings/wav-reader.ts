/**
 * Decodes WAV as it comes: RIFF and RF64, PCM of 8, 16, 24 and 32 bits, float of 32 and 64 bits, A-law and µ-law, any rate and any
 * number of channels. Sizes in the file are not trusted: sound goes on to the end of the file where the size is missing (a pipe), too
 * large, or has overflowed, and a file that was cut is read to where it was cut.
 *
 * Bounded: the data are searched behind at most 1000 other chunks, which are not read, of whatever size.
 */
import { type ChannelRoles, rolesOfMask } from './channel-layout.ts';
import type { ReadAt } from './read-at.ts';
import { deinterleave, type SoundBlock } from './sound.ts';

/** The bytes are not WAV, or WAV with a codec that is not decoded here. */
export class WavFormatError extends Error {
  override readonly name = 'WavFormatError';
}

export interface WavFormat {
  channels: number;
  sampleRate: number;
  bytesPerSample: number;
  /** Decodes one sample; the result is from -1 to 1. */
  decode(bytes: DataView, at: number): number;
  roles: ChannelRoles;
}

export interface WavHeader {
  format: WavFormat;
  /** Where the samples start. */
  dataAt: number;
  /** What the file says that there is; undefined where it does not. */
  dataBytes: number | undefined;
}

const MAX_CHUNKS = 1000;
const CHUNK_HEADER_BYTES = 8;
/** What is read of chunks that tell something. */
const MAX_CHUNK_BYTES = 64;
const PCM = 1;
const FLOAT = 3;
const A_LAW = 6;
const MU_LAW = 7;
const EXTENSIBLE = 0xfffe;
/** What programs write to a pipe, as they cannot come back to it: from here to the largest number there is. */
const UNKNOWN_SIZE = 0x7fff0000;
const OVERFLOW = 2 ** 32;
const MAX_CHANNELS = 32;
const MAX_SAMPLE_RATE = 768_000;

/** Whether a file that begins with these bytes is WAV. */
export const isWav = (bytes: Buffer): boolean =>
  ['RIFF', 'RF64', 'BW64'].includes(bytes.toString('latin1', 0, 4)) && bytes.toString('latin1', 8, 12) === 'WAVE';

/** @throws {WavFormatError} where the bytes are no WAV, of a codec that is not decoded here, or have no data */
export async function readWavHeader(read: ReadAt, fileBytes: number): Promise<WavHeader> {
  if (!isWav(await read(0, 12))) throw new WavFormatError('not a WAV file');
  let format: WavFormat | undefined;
  let longDataBytes: number | undefined;
  let at = 12;
  for (let chunk = 0; chunk < MAX_CHUNKS && at + CHUNK_HEADER_BYTES <= fileBytes; chunk++) {
    const bytes = await read(at, CHUNK_HEADER_BYTES + MAX_CHUNK_BYTES);
    const id = bytes.toString('latin1', 0, 4);
    const size = bytes.readUInt32LE(4);
    const dataAt = at + CHUNK_HEADER_BYTES;
    const body = bytes.subarray(CHUNK_HEADER_BYTES, CHUNK_HEADER_BYTES + size);
    if (id === 'data') {
      if (!format) throw new WavFormatError('a WAV file without a format before its data');
      return { format, dataAt, dataBytes: dataSize(size, longDataBytes, fileBytes - dataAt) };
    }
    if (id === 'ds64' && body.length >= 16) longDataBytes = Number(body.readBigUInt64LE(8));
    if (id === 'fmt ') format = parseFormat(body);
    at = dataAt + size + (size & 1);
  }
  throw new WavFormatError('a WAV file without any audio data');
}

/**
 * How many bytes of data the file says that it has; undefined where it does not.
 *
 * @param size in the header of the data
 * @param longSize in RF64's chunk for it
 * @param there from the beginning of the data to the end of the file
 */
export function dataSize(size: number, longSize: number | undefined, there: number): number | undefined {
  if (longSize && Number.isSafeInteger(longSize)) return longSize;
  if (size === 0 || (size >= UNKNOWN_SIZE && size > there)) return undefined;
  // The size of data that are larger than its 32 bits has overflowed.
  return size + Math.floor(Math.max(0, there - size) / OVERFLOW) * OVERFLOW;
}

function parseFormat(chunk: Buffer): WavFormat {
  if (chunk.length < 16) throw new WavFormatError('a WAV file with a broken format chunk');
  const declared = chunk.readUInt16LE(0);
  const code = declared === EXTENSIBLE && chunk.length >= 26 ? chunk.readUInt16LE(24) : declared;
  const channels = chunk.readUInt16LE(2);
  const sampleRate = chunk.readUInt32LE(4);
  const blockBytes = chunk.readUInt16LE(12);
  const bits = chunk.readUInt16LE(14);
  if (channels < 1 || channels > MAX_CHANNELS) throw new WavFormatError(`a WAV file with ${channels} channels`);
  if (sampleRate < 1000 || sampleRate > MAX_SAMPLE_RATE) throw new WavFormatError(`a WAV file of ${sampleRate} Hz`);
  const bytesPerSample = Math.ceil(bits / 8);
  const decode = decoderOf(code, bytesPerSample);
  if (!decode || blockBytes !== bytesPerSample * channels)
    throw new WavFormatError(`a WAV file of ${bits}-bit samples, format ${code}`);
  const roles = declared === EXTENSIBLE && chunk.length >= 24 ? rolesOfMask(chunk.readUInt32LE(20)) : {};
  return { channels, sampleRate, bytesPerSample, decode, roles };
}

function decoderOf(code: number, bytes: number): WavFormat['decode'] | undefined {
  if (code === A_LAW && bytes === 1) return (view, at) => aLaw(view.getUint8(at));
  if (code === MU_LAW && bytes === 1) return (view, at) => muLaw(view.getUint8(at));
  if (code === FLOAT && bytes === 4) return (view, at) => audible(view.getFloat32(at, true));
  if (code === FLOAT && bytes === 8) return (view, at) => audible(view.getFloat64(at, true));
  if (code !== PCM) return undefined;
  if (bytes === 1) return (view, at) => (view.getUint8(at) - 128) / 128;
  if (bytes === 2) return (view, at) => view.getInt16(at, true) / 32_768;
  if (bytes === 3) return (view, at) => (view.getInt8(at + 2) * 65_536 + view.getUint16(at, true)) / 8_388_608;
  if (bytes === 4) return (view, at) => view.getInt32(at, true) / 2_147_483_648;
  return undefined;
}

/** Float samples may be anything; what is no number is silence. */
const audible = (sample: number): number => (Number.isFinite(sample) ? Math.max(-1, Math.min(1, sample)) : 0);

/** ITU-T G.711. */
function muLaw(byte: number): number {
  const inverted = ~byte & 0xff;
  const magnitude = (((inverted & 0x0f) << 3) + 0x84) << ((inverted & 0x70) >> 4);
  return (inverted & 0x80 ? 0x84 - magnitude : magnitude - 0x84) / 32_768;
}

/** ITU-T G.711. */
function aLaw(byte: number): number {
  const toggled = byte ^ 0x55;
  const exponent = (toggled & 0x70) >> 4;
  const mantissa = ((toggled & 0x0f) << 4) + 8;
  const magnitude = exponent === 0 ? mantissa : (mantissa + 0x100) << (exponent - 1);
  return (toggled & 0x80 ? magnitude : -magnitude) / 32_768;
}

/**
 * Decodes the bytes from where the header says that the data are.
 *
 * @throws {WavFormatError} at the end, where a second or more is missing of what the header says
 */
export async function* readWav(
  data: AsyncIterable<Buffer>,
  { format, dataBytes = Number.POSITIVE_INFINITY }: WavHeader,
): AsyncGenerator<SoundBlock> {
  const frameBytes = format.channels * format.bytesPerSample;
  let pending: Buffer = Buffer.alloc(0);
  let left = dataBytes;
  for await (const part of data) {
    pending = pending.length === 0 ? part : Buffer.concat([pending, part]);
    const usable = Math.min(left, pending.length);
    const whole = usable - (usable % frameBytes);
    if (whole > 0) yield decodeBlock(format, pending.subarray(0, whole));
    left -= whole;
    pending = pending.subarray(whole);
    if (left < frameBytes) return;
  }
  if (Number.isFinite(left) && left >= format.sampleRate * frameBytes)
    throw new WavFormatError('the file ends before its sound does');
}

function decodeBlock({ channels, sampleRate, bytesPerSample, decode, roles }: WavFormat, bytes: Buffer): SoundBlock {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const samples = Float32Array.from({ length: bytes.length / bytesPerSample }, (_, i) =>
    decode(view, i * bytesPerSample),
  );
  return { sampleRate, channels: deinterleave(samples, channels, 1), roles };
}
