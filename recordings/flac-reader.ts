/**
 * Decodes FLAC (RFC 9639) as it comes. Frames whose checksums are wrong are left out, and silence keeps the time of what is missing.
 *
 * Bounded: frames of more than 16 MiB, the largest that the format has, are not waited for; of metadata, whose size does not matter,
 * only what describes the sound is read.
 */
import { type ChannelRoles, rolesOfFlac, rolesOfMask } from './channel-layout.ts';
import type { ReadAt } from './read-at.ts';
import type { SoundBlock } from './sound.ts';

/** The bytes are not FLAC, or end before the sound does. */
export class FlacFormatError extends Error {
  override readonly name = 'FlacFormatError';
}

const MAX_FRAME_BYTES = 16_777_216;
const STREAM_INFO_BYTES = 34;
const STREAM_INFO = 0;
const COMMENTS = 4;
const MAX_COMMENT_BYTES = 65_536;
const CHANNEL_MASK = /WAVEFORMATEXTENSIBLE_CHANNEL_MASK=0x([0-9a-f]{1,8})/i;
const MAX_METADATA_BLOCKS = 1000;
/** What is missing for longer than this was not in the file, or its frames say wrong numbers. */
const MAX_GAP_SECONDS = 600;

/** More bytes are needed. */
class Incomplete extends Error {}
/** What follows is no frame. */
class Damaged extends Error {}

export interface FlacHeader {
  sampleRate: number;
  channels: number;
  bitsPerSample: number;
  /** Samples of each frame, where all frames have the same number. */
  blockSamples: number;
  /** Undefined where the file does not say it. */
  totalSamples: number | undefined;
  roles: ChannelRoles;
  /** Where the first frame starts. */
  framesAt: number;
}

/**
 * @param startAt where `fLaC` is in the file
 * @throws {FlacFormatError}
 */
export async function readFlacHeader(read: ReadAt, startAt: number): Promise<FlacHeader> {
  if ((await read(startAt, 4)).toString('latin1') !== 'fLaC') throw new FlacFormatError('not a FLAC file');
  let info: Omit<FlacHeader, 'roles' | 'framesAt'> | undefined;
  let roles: ChannelRoles | undefined;
  let at = startAt + 4;
  for (let block = 0; block < MAX_METADATA_BLOCKS; block++) {
    const header = await read(at, 4);
    if (header.length < 4) break;
    const type = header.readUInt8(0) & 0x7f;
    const length = header.readUIntBE(1, 3);
    if (type === STREAM_INFO && length >= STREAM_INFO_BYTES) info = streamInfo(await read(at + 4, STREAM_INFO_BYTES));
    if (type === COMMENTS) roles = rolesIn(await read(at + 4, Math.min(length, MAX_COMMENT_BYTES)));
    at += 4 + length;
    if (header.readUInt8(0) < 0x80) continue;
    if (!info) break;
    return { ...info, roles: roles ?? rolesOfFlac(info.channels), framesAt: at };
  }
  throw new FlacFormatError('a FLAC file without a header');
}

function streamInfo(bytes: Buffer): Omit<FlacHeader, 'roles' | 'framesAt'> | undefined {
  if (bytes.length < STREAM_INFO_BYTES) return undefined;
  const total = (bytes.readUInt8(13) & 0xf) * 2 ** 32 + bytes.readUInt32BE(14);
  return {
    blockSamples: bytes.readUInt16BE(2),
    sampleRate: bytes.readUIntBE(10, 3) >> 4,
    channels: ((bytes.readUInt8(12) >> 1) & 7) + 1,
    bitsPerSample: ((bytes.readUInt16BE(12) >> 4) & 0x1f) + 1,
    totalSamples: total || undefined,
  };
}

function rolesIn(comments: Buffer): ChannelRoles | undefined {
  const mask = CHANNEL_MASK.exec(comments.toString('latin1'))?.[1];
  return mask === undefined ? undefined : rolesOfMask(Number.parseInt(mask, 16));
}

/**
 * Decodes the bytes from the first frame on.
 *
 * @throws {FlacFormatError} at the end, where a second or more is missing of what the header says
 */
export async function* readFlac(frames: AsyncIterable<Buffer>, header: FlacHeader): AsyncGenerator<SoundBlock> {
  let samples = 0;
  for await (const { position, block } of framesIn(frames, header)) {
    const gap = gapBefore(position, samples, header);
    for (let left = gap; left > 0; left -= header.sampleRate)
      yield { ...silence(Math.min(left, header.sampleRate), block), roles: header.roles };
    yield { ...block, roles: header.roles };
    samples += gap + lengthOf(block);
  }
  if (header.totalSamples !== undefined && header.totalSamples - samples >= header.sampleRate)
    throw new FlacFormatError('the file ends before its sound does');
}

const lengthOf = ({ channels }: SoundBlock): number => channels[0]?.length ?? 0;

const silence = (length: number, { sampleRate, channels }: SoundBlock): SoundBlock => ({
  sampleRate,
  channels: channels.map(() => new Float32Array(length)),
});

function gapBefore(position: number, samples: number, { sampleRate, totalSamples }: FlacHeader): number {
  const gap = position - samples;
  const isPossible =
    gap > 0 && gap <= MAX_GAP_SECONDS * sampleRate && position < (totalSamples ?? Number.POSITIVE_INFINITY);
  return isPossible && samples > 0 ? gap : 0;
}

interface Frame {
  /** The number of its first sample. */
  position: number;
  block: SoundBlock;
}

async function* framesIn(stream: AsyncIterable<Buffer>, header: FlacHeader): AsyncGenerator<Frame> {
  let pending: Buffer = Buffer.alloc(0);
  for await (const part of stream) {
    pending = pending.length === 0 ? part : Buffer.concat([pending, part]);
    for (let next = nextFrame(pending, header, false); next; next = nextFrame(pending, header, false)) {
      pending = next.rest;
      if (next.frame) yield next.frame;
    }
  }
  for (let next = nextFrame(pending, header, true); next; next = nextFrame(pending, header, true)) {
    pending = next.rest;
    if (next.frame) yield next.frame;
  }
}

/** Undefined where more bytes are needed. Without `frame`: what was there is none, and is skipped. */
function nextFrame(bytes: Buffer, header: FlacHeader, isEnd: boolean): { frame?: Frame; rest: Buffer } | undefined {
  let at = 0;
  while (at + 1 < bytes.length && !isSync(bytes, at)) at++;
  if (at + 1 >= bytes.length) return undefined;
  try {
    const reader = new BitReader(bytes, at);
    const frame = readFrame(reader, header);
    return { frame, rest: bytes.subarray(reader.byteOffset) };
  } catch (error) {
    const isWaitedFor = error instanceof Incomplete && !isEnd && bytes.length - at <= MAX_FRAME_BYTES;
    if (isWaitedFor) return undefined;
    if (error instanceof Incomplete || error instanceof Damaged) return { rest: bytes.subarray(at + 1) };
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

  /** Reads a checksum of what was read from `from` on. @throws {Damaged} */
  check(from: number, checksum: (bytes: Buffer) => number, bits: 8 | 16): void {
    const expected = checksum(this.#bytes.subarray(from, this.byteOffset));
    if (this.read(bits) !== expected) throw new Damaged();
  }
}

const sampleRates = [0, 88_200, 176_400, 192_000, 8000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 96_000];
const sampleSizes = [0, 8, 12, -1, 16, 20, 24, 32];
const LEFT_SIDE = 8;
const RIGHT_SIDE = 9;
const MID_SIDE = 10;

function readFrame(reader: BitReader, header: FlacHeader): Frame {
  const from = reader.byteOffset;
  const isNumberedBySample = reader.read(16) % 2 === 1;
  const sizeCode = reader.read(4);
  const rateCode = reader.read(4);
  const assignment = reader.read(4);
  const bitsPerSample = sampleSizes[reader.read(3)] || header.bitsPerSample;
  if (reader.read(1) !== 0 || assignment > MID_SIDE || bitsPerSample < 0 || sizeCode === 0 || rateCode === 15)
    throw new Damaged();
  const number = readCodedNumber(reader);
  const length = blockLength(reader, sizeCode);
  const sampleRate = frameRate(reader, rateCode) || header.sampleRate;
  reader.check(from, crc8, 8);
  const count = assignment < LEFT_SIDE ? assignment + 1 : 2;
  const channels = Array.from({ length: count }, (_, channel) =>
    readSubframe(reader, length, bitsPerSample + (isSide(assignment, channel) ? 1 : 0)),
  );
  reader.alignToByte();
  reader.check(from, crc16, 16);
  restoreStereo(channels, assignment);
  const scale = 2 ** (1 - bitsPerSample);
  return {
    position: isNumberedBySample ? number : number * header.blockSamples,
    block: { sampleRate, channels: channels.map((samples) => Float32Array.from(samples, (sample) => sample * scale)) },
  };
}

/** The number of the frame or of its first sample, coded as UTF-8 codes characters. */
function readCodedNumber(reader: BitReader): number {
  const first = reader.read(8);
  const ones = Math.clz32(~(first << 24));
  if (ones === 1 || ones > 7) throw new Damaged();
  let number = ones === 0 ? first : first & (0x7f >> ones);
  for (let i = 1; i < ones; i++) {
    const next = reader.read(8);
    if (next >> 6 !== 2) throw new Damaged();
    number = number * 64 + (next & 0x3f);
  }
  return number;
}

const crcTable = (bits: 8 | 16, polynomial: number): readonly number[] =>
  Array.from({ length: 256 }, (_, byte) => {
    let value = byte << (bits - 8);
    for (let i = 0; i < 8; i++) value = value & (1 << (bits - 1)) ? (value << 1) ^ polynomial : value << 1;
    return value & (2 ** bits - 1);
  });
const crc8Table = crcTable(8, 0x07);
const crc16Table = crcTable(16, 0x8005);

function crc8(bytes: Buffer): number {
  let value = 0;
  for (const byte of bytes) value = crc8Table[value ^ byte] ?? 0;
  return value;
}

function crc16(bytes: Buffer): number {
  let value = 0;
  for (const byte of bytes) value = ((value & 0xff) << 8) ^ (crc16Table[(value >> 8) ^ byte] ?? 0);
  return value;
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
