/**
 * Decodes WAV as it comes: RIFF and RF64, PCM of 8, 16, 24 and 32 bits, float of 32 and 64 bits, A-law and µ-law, any rate and any
 * number of channels. Sizes in the file are not trusted: sound goes on to the end of the file where the size is missing (a pipe) or
 * too large, and a file that was cut ends where it was cut.
 *
 * Bounded: a header of at most 1 MiB is searched for its chunks.
 */
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
}

export interface WavHeader {
  format: WavFormat;
  /** Where the samples start. */
  dataAt: number;
  /** Undefined where the file does not say it. */
  dataBytes: number | undefined;
}

const MAX_HEADER_BYTES = 1_048_576;
const PCM = 1;
const FLOAT = 3;
const A_LAW = 6;
const MU_LAW = 7;
const EXTENSIBLE = 0xfffe;
const UNKNOWN_SIZE = 0xffffffff;
const MAX_CHANNELS = 32;
const MAX_SAMPLE_RATE = 768_000;

/** Whether a file that begins with these bytes is WAV. */
export const isWav = (bytes: Buffer): boolean =>
  ['RIFF', 'RF64', 'BW64'].includes(bytes.toString('latin1', 0, 4)) && bytes.toString('latin1', 8, 12) === 'WAVE';

/**
 * Reads the header; undefined where more bytes are needed.
 *
 * @throws {WavFormatError}
 */
export function parseWavHeader(bytes: Buffer): WavHeader | undefined {
  if (bytes.length < 12) return undefined;
  if (!isWav(bytes)) throw new WavFormatError('not a WAV file');
  let format: WavFormat | undefined;
  let longDataBytes: number | undefined;
  for (let at = 12; ; ) {
    if (at > MAX_HEADER_BYTES) throw new WavFormatError('a WAV file without any audio data');
    if (at + 8 > bytes.length) return undefined;
    const id = bytes.toString('latin1', at, at + 4);
    const size = bytes.readUInt32LE(at + 4);
    const body = at + 8;
    if (id === 'data') {
      if (!format) throw new WavFormatError('a WAV file without a format before its data');
      return { format, dataAt: body, dataBytes: dataSize(size, longDataBytes) };
    }
    if (body + Math.min(size, MAX_HEADER_BYTES) > bytes.length) return undefined;
    if (id === 'ds64' && size >= 16) longDataBytes = Number(bytes.readBigUInt64LE(body + 8));
    if (id === 'fmt ') format = parseFormat(bytes.subarray(body, body + size));
    at = body + size + (size & 1);
  }
}

/** RF64 has the size in a chunk of its own; 0 and the largest number are what is written to a pipe. */
function dataSize(size: number, longSize: number | undefined): number | undefined {
  if (size !== 0 && size !== UNKNOWN_SIZE) return size;
  return longSize && Number.isSafeInteger(longSize) ? longSize : undefined;
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
  return { channels, sampleRate, bytesPerSample, decode };
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
 * Decodes a stream of bytes.
 *
 * @throws {WavFormatError} before the first block
 */
export async function* readWav(stream: AsyncIterable<Buffer>): AsyncGenerator<SoundBlock> {
  let pending: Buffer = Buffer.alloc(0);
  let header: WavHeader | undefined;
  let left = Number.POSITIVE_INFINITY;
  for await (const part of stream) {
    pending = pending.length === 0 ? part : Buffer.concat([pending, part]);
    if (!header) {
      header = parseWavHeader(pending);
      if (!header) continue;
      pending = pending.subarray(header.dataAt);
      left = header.dataBytes ?? Number.POSITIVE_INFINITY;
    }
    const { channels, bytesPerSample } = header.format;
    const usable = Math.min(left, pending.length);
    const whole = usable - (usable % (channels * bytesPerSample));
    if (whole > 0) yield decodeBlock(header.format, pending.subarray(0, whole));
    left -= whole;
    pending = pending.subarray(whole);
    if (left < channels * bytesPerSample) return;
  }
  if (!header) throw new WavFormatError('a WAV file without any audio data');
}

function decodeBlock({ channels, sampleRate, bytesPerSample, decode }: WavFormat, bytes: Buffer): SoundBlock {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const samples = Float32Array.from({ length: bytes.length / bytesPerSample }, (_, i) =>
    decode(view, i * bytesPerSample),
  );
  return { sampleRate, channels: deinterleave(samples, channels, 1) };
}
