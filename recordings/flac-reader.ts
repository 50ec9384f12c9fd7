/**
 * Decodes FLAC (RFC 9639) as it comes. A file that ends early ends where it was cut; a damaged frame is skipped.
 *
 * Bounded: metadata and frames of more than 16 MiB, the largest that the format has, are not waited for.
 */
import type { SoundBlock } from './sound.ts';

/** The bytes are not FLAC. */
export class FlacFormatError extends Error {
  override readonly name = 'FlacFormatError';
}

const MAX_PENDING_BYTES = 16_777_216 + 65_536;
const STREAM_INFO_BYTES = 34;

/** More bytes are needed. */
class Incomplete extends Error {}
/** What follows is no frame. */
class Damaged extends Error {}

interface StreamInfo {
  sampleRate: number;
  bitsPerSample: number;
}

/** @throws {FlacFormatError} before the first block */
export async function* readFlac(stream: AsyncIterable<Buffer>): AsyncGenerator<SoundBlock> {
  let pending: Buffer = Buffer.alloc(0);
  let info: StreamInfo | undefined;
  for await (const part of stream) {
    pending = pending.length === 0 ? part : Buffer.concat([pending, part]);
    if (!info) {
      const metadata = readMetadata(pending);
      if (!metadata) {
        if (pending.length > MAX_PENDING_BYTES) throw new FlacFormatError('a FLAC file without any sound');
        continue;
      }
      info = metadata.info;
      pending = pending.subarray(metadata.end);
    }
    for (let frame = nextFrame(pending, info); frame; frame = nextFrame(pending, info)) {
      pending = frame.rest;
      if (frame.block) yield frame.block;
    }
    if (pending.length > MAX_PENDING_BYTES) pending = pending.subarray(1);
  }
  if (!info) throw new FlacFormatError('a FLAC file without any sound');
}

/** Undefined where more bytes are needed. */
function readMetadata(bytes: Buffer): { info: StreamInfo; end: number } | undefined {
  if (bytes.length < 4) return undefined;
  if (bytes.toString('latin1', 0, 4) !== 'fLaC') throw new FlacFormatError('not a FLAC file');
  let info: StreamInfo | undefined;
  for (let at = 4; at + 4 <= bytes.length; ) {
    const header = bytes.readUInt32BE(at);
    const length = header & 0xffffff;
    const body = at + 4;
    if (body + length > bytes.length) return undefined;
    if (((header >>> 24) & 0x7f) === 0 && length >= STREAM_INFO_BYTES) info = readStreamInfo(bytes.subarray(body));
    at = body + length;
    if (header >>> 31 === 0) continue;
    if (!info) throw new FlacFormatError('a FLAC file without a header');
    return { info, end: at };
  }
  return undefined;
}

const readStreamInfo = (bytes: Buffer): StreamInfo => ({
  sampleRate: bytes.readUIntBE(10, 3) >> 4,
  bitsPerSample: ((bytes.readUInt16BE(12) >> 4) & 0x1f) + 1,
});

/** Undefined where more bytes are needed. Without `block`: what was there is no frame, and is skipped. */
function nextFrame(bytes: Buffer, info: StreamInfo): { block?: SoundBlock; rest: Buffer } | undefined {
  let at = 0;
  while (at + 1 < bytes.length && !isSync(bytes, at)) at++;
  if (at + 1 >= bytes.length) return undefined;
  try {
    const reader = new BitReader(bytes, at);
    const block = readFrame(reader, info);
    return { block, rest: bytes.subarray(reader.byteOffset) };
  } catch (error) {
    if (error instanceof Incomplete) return undefined;
    if (error instanceof Damaged) return { rest: bytes.subarray(at + 1) };
    throw error;
  }
}

const isSync = (bytes: Buffer, at: number): boolean => bytes[at] === 0xff && ((bytes[at + 1] ?? 0) & 0xfe) === 0xf8;

class BitReader {
  readonly #bytes: Buffer;
  #bit: number;

  constructor(bytes: Buffer, byteOffset: number) {
    this.#bytes = bytes;
    this.#bit = byteOffset * 8;
  }

  get byteOffset(): number {
    return Math.ceil(this.#bit / 8);
  }

  /** @param count at most 32 */
  read(count: number): number {
    if (this.#bit + count > this.#bytes.length * 8) throw new Incomplete();
    let value = 0;
    for (let left = count; left > 0; ) {
      const used = this.#bit & 7;
      const taken = Math.min(left, 8 - used);
      const byte = this.#bytes[this.#bit >> 3] ?? 0;
      value = value * 2 ** taken + ((byte >> (8 - used - taken)) & (2 ** taken - 1));
      this.#bit += taken;
      left -= taken;
    }
    return value;
  }

  readSigned(count: number): number {
    if (count === 0) return 0;
    const value = this.read(count);
    return value >= 2 ** (count - 1) ? value - 2 ** count : value;
  }

  /** The number of zeros before the next one. */
  readUnary(): number {
    let zeros = 0;
    for (;;) {
      if (this.#bit >= this.#bytes.length * 8) throw new Incomplete();
      const used = this.#bit & 7;
      const rest = ((this.#bytes[this.#bit >> 3] ?? 0) << used) & 0xff;
      if (rest === 0) {
        zeros += 8 - used;
        this.#bit += 8 - used;
        continue;
      }
      const before = Math.clz32(rest) - 24;
      this.#bit += before + 1;
      return zeros + before;
    }
  }

  alignToByte(): void {
    this.#bit = this.byteOffset * 8;
  }
}

const sampleRates = [0, 88_200, 176_400, 192_000, 8000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 96_000];
const sampleSizes = [0, 8, 12, -1, 16, 20, 24, 32];
const LEFT_SIDE = 8;
const RIGHT_SIDE = 9;
const MID_SIDE = 10;

function readFrame(reader: BitReader, info: StreamInfo): SoundBlock {
  reader.read(16);
  const sizeCode = reader.read(4);
  const rateCode = reader.read(4);
  const assignment = reader.read(4);
  const bitsPerSample = sampleSizes[reader.read(3)] || info.bitsPerSample;
  if (reader.read(1) !== 0 || assignment > MID_SIDE || bitsPerSample < 0 || sizeCode === 0 || rateCode === 15)
    throw new Damaged();
  skipCodedNumber(reader);
  const length = blockLength(reader, sizeCode);
  const sampleRate = frameRate(reader, rateCode) || info.sampleRate;
  // The checksum of the header.
  reader.read(8);
  const count = assignment < LEFT_SIDE ? assignment + 1 : 2;
  const channels = Array.from({ length: count }, (_, channel) =>
    readSubframe(reader, length, bitsPerSample + (isSide(assignment, channel) ? 1 : 0)),
  );
  reader.alignToByte();
  // The checksum of the frame.
  reader.read(16);
  restoreStereo(channels, assignment);
  const scale = 2 ** (1 - bitsPerSample);
  return { sampleRate, channels: channels.map((samples) => Float32Array.from(samples, (sample) => sample * scale)) };
}

/** The number of the frame or sample, coded as UTF-8 codes characters. */
function skipCodedNumber(reader: BitReader): void {
  const first = reader.read(8);
  const ones = Math.clz32(~(first << 24));
  if (ones === 1 || ones > 7) throw new Damaged();
  for (let i = 1; i < ones; i++) if (reader.read(8) >> 6 !== 2) throw new Damaged();
}

function blockLength(reader: BitReader, code: number): number {
  if (code === 1) return 192;
  if (code <= 5) return 576 * 2 ** (code - 2);
  if (code === 6) return reader.read(8) + 1;
  if (code === 7) return reader.read(16) + 1;
  return 256 * 2 ** (code - 8);
}

function frameRate(reader: BitReader, code: number): number {
  if (code === 12) return reader.read(8) * 1000;
  if (code === 13) return reader.read(16);
  if (code === 14) return reader.read(16) * 10;
  return sampleRates[code] ?? 0;
}

const isSide = (assignment: number, channel: number): boolean =>
  ((assignment === LEFT_SIDE || assignment === MID_SIDE) && channel === 1) ||
  (assignment === RIGHT_SIDE && channel === 0);

function readSubframe(reader: BitReader, length: number, bitsWithWaste: number): Float64Array {
  if (reader.read(1) !== 0) throw new Damaged();
  const type = reader.read(6);
  const wasted = reader.read(1) === 1 ? reader.readUnary() + 1 : 0;
  const bits = bitsWithWaste - wasted;
  if (bits < 1) throw new Damaged();
  const samples = new Float64Array(length);
  if (type === 0) samples.fill(reader.readSigned(bits));
  else if (type === 1) for (let i = 0; i < length; i++) samples[i] = reader.readSigned(bits);
  else if (type >= 8 && type <= 12) readPredicted(reader, samples, bits, type - 8);
  else if (type >= 32) readPredicted(reader, samples, bits, type - 31, true);
  else throw new Damaged();
  if (wasted > 0) for (let i = 0; i < length; i++) samples[i] = (samples[i] ?? 0) * 2 ** wasted;
  return samples;
}

/** The coefficients of the fixed predictors, by their order; the first is for the sample before. */
const fixedCoefficients = [[], [1], [2, -1], [3, -3, 1], [4, -6, 4, -1]];

function readPredicted(reader: BitReader, samples: Float64Array, bits: number, order: number, isLinear = false): void {
  if (order > samples.length) throw new Damaged();
  for (let i = 0; i < order; i++) samples[i] = reader.readSigned(bits);
  let coefficients: readonly number[] = fixedCoefficients[order] ?? [];
  let shift = 0;
  if (isLinear) {
    const precision = reader.read(4) + 1;
    shift = reader.readSigned(5);
    if (precision > 15 || shift < 0) throw new Damaged();
    coefficients = Array.from({ length: order }, () => reader.readSigned(precision));
  }
  readResidual(reader, samples, order);
  const divisor = 2 ** shift;
  for (let i = order; i < samples.length; i++) {
    let sum = 0;
    for (let j = 0; j < order; j++) sum += (coefficients[j] ?? 0) * (samples[i - 1 - j] ?? 0);
    samples[i] = (samples[i] ?? 0) + Math.floor(sum / divisor);
  }
}

function readResidual(reader: BitReader, samples: Float64Array, order: number): void {
  const method = reader.read(2);
  if (method > 1) throw new Damaged();
  const parameterBits = method === 0 ? 4 : 5;
  const escapeCode = 2 ** parameterBits - 1;
  const partitions = 2 ** reader.read(4);
  const partitionLength = samples.length / partitions;
  if (!Number.isInteger(partitionLength) || partitionLength < order) throw new Damaged();
  for (let partition = 0; partition < partitions; partition++) {
    const parameter = reader.read(parameterBits);
    const rawBits = parameter === escapeCode ? reader.read(5) : undefined;
    const from = partition === 0 ? order : partition * partitionLength;
    for (let i = from; i < (partition + 1) * partitionLength; i++)
      samples[i] = rawBits === undefined ? readRice(reader, parameter) : reader.readSigned(rawBits);
  }
}

function readRice(reader: BitReader, parameter: number): number {
  const high = reader.readUnary();
  const folded = high * 2 ** parameter + reader.read(parameter);
  return folded % 2 === 0 ? folded / 2 : -(folded + 1) / 2;
}

function restoreStereo([first, second]: readonly Float64Array[], assignment: number): void {
  if (!first || !second || assignment < LEFT_SIDE) return;
  for (let i = 0; i < first.length; i++) {
    const [a, b] = [first[i] ?? 0, second[i] ?? 0];
    if (assignment === LEFT_SIDE) second[i] = a - b;
    if (assignment === RIGHT_SIDE) first[i] = a + b;
    if (assignment !== MID_SIDE) continue;
    const mid = 2 * a + Math.abs(b % 2);
    first[i] = (mid + b) / 2;
    second[i] = (mid - b) / 2;
  }
}
