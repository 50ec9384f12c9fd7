/** The RTP payload format of AV1 (AOMedia, v1.0). Only the lowest spatial layer is used; its OBUs are given size fields. */
import { BitReader } from './bit-reader.ts';
import type { FrameSize, PayloadFormat } from './key-frame.ts';

const SEQUENCE_HEADER = 1;
const FRAME_HEADER = 3;
const TILE_GROUP = 4;
const FRAME = 6;
/** OBU types that make up a frame; delimiters, metadata and padding are left out. */
const WANTED = new Set([SEQUENCE_HEADER, FRAME_HEADER, TILE_GROUP, FRAME]);
const KEY_FRAME = 0;
/** More elements than any sender puts into a packet. */
const MAX_ELEMENTS_PER_PACKET = 64;

export const av1: PayloadFormat = {
  inspect(payload) {
    const [first] = elements(payload);
    if (!first || first.continues || layerOf(first.bytes) !== 0) return {};
    if (typeOf(first.bytes) === SEQUENCE_HEADER) return { begins: 'key' };
    return { begins: isFrame(first.bytes) && !isKeyFrame(bodyOf(first.bytes)) ? 'delta' : undefined };
  },
  depacketize(payloads) {
    const parts: Buffer[][] = [];
    for (const { bytes, continues } of payloads.flatMap(elements)) {
      if (continues) parts.at(-1)?.push(bytes);
      else parts.push([bytes]);
    }
    const obus = parts.map((some) => Buffer.concat(some));
    const wanted = obus.filter((obu) => WANTED.has(typeOf(obu)) && layerOf(obu) === 0);
    const sequence = wanted.find((obu) => typeOf(obu) === SEQUENCE_HEADER);
    const frame = wanted.find(isFrame);
    if (!sequence || !frame || !isKeyFrame(bodyOf(frame))) return undefined;
    const size = sizeOf(bodyOf(sequence));
    return size && { data: Buffer.concat(wanted.map(withSize)), size };
  },
};

/** An OBU or a part of one. */
interface Element {
  continues: boolean;
  bytes: Buffer;
}

function elements(payload: Buffer): Element[] {
  const header = payload[0] ?? 0;
  const firstContinues = (header & 0x80) !== 0;
  const count = (header >> 4) & 0x03;
  const found: Element[] = [];
  for (let at = 1; at < payload.length && found.length < MAX_ELEMENTS_PER_PACKET; ) {
    // Where the header counts the elements, the last one has no length and takes the rest of the packet.
    const isLast = count !== 0 && found.length === count - 1;
    const prefix = isLast ? { value: payload.length - at, bytes: 0 } : leb128(payload, at);
    if (!prefix) return [];
    const begin = at + prefix.bytes;
    at = begin + prefix.value;
    found.push({ continues: firstContinues && found.length === 0, bytes: payload.subarray(begin, at) });
  }
  return found;
}

const typeOf = (obu: Buffer): number => ((obu[0] ?? 0) >> 3) & 0x0f;
const isFrame = (obu: Buffer): boolean => typeOf(obu) === FRAME || typeOf(obu) === FRAME_HEADER;
const hasExtension = (obu: Buffer): boolean => ((obu[0] ?? 0) & 0x04) !== 0;
const layerOf = (obu: Buffer): number => (hasExtension(obu) ? ((obu[1] ?? 0) >> 3) & 0x03 : 0);

/** The payload of an OBU, without its header and size field. */
function bodyOf(obu: Buffer): Buffer {
  const header = hasExtension(obu) ? 2 : 1;
  const hasSize = ((obu[0] ?? 0) & 0x02) !== 0;
  const size = hasSize ? leb128(obu, header) : undefined;
  return size ? obu.subarray(header + size.bytes, header + size.bytes + size.value) : obu.subarray(header);
}

/** The OBU with a size field, and without an extension header, as a single layer needs none. */
function withSize(obu: Buffer): Buffer {
  const body = bodyOf(obu);
  const size: number[] = [];
  for (let rest = body.length; size.length === 0 || rest > 0; rest >>= 7)
    size.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
  return Buffer.concat([Buffer.from([(typeOf(obu) << 3) | 0x02, ...size]), body]);
}

function leb128(bytes: Buffer, at: number): { value: number; bytes: number } | undefined {
  let value = 0;
  // Four bytes can hold a length beyond that of any packet.
  for (let i = 0; i < 4; i++) {
    const byte = bytes[at + i];
    if (byte === undefined) return undefined;
    value |= (byte & 0x7f) << (7 * i);
    if ((byte & 0x80) === 0) return { value, bytes: i + 1 };
  }
  return undefined;
}

function isKeyFrame(frame: Buffer): boolean {
  const bits = new BitReader(frame);
  const showsExisting = bits.flag();
  return !showsExisting && bits.read(2) === KEY_FRAME && !bits.isOverrun;
}

/** Reads the size from a sequence header (AV1 bitstream specification §5.5.1). Still pictures are not supported. */
function sizeOf(sequence: Buffer): FrameSize | undefined {
  const bits = new BitReader(sequence);
  const profile = bits.read(3);
  bits.skip(1);
  const isReduced = bits.flag();
  // Browsers send 8 bits, 4:2:0; other formats would not be decoded correctly.
  if (profile !== 0 || isReduced) return undefined;
  skipOperatingPoints(bits);
  const widthBits = bits.read(4) + 1;
  const heightBits = bits.read(4) + 1;
  const size = { width: bits.read(widthBits) + 1, height: bits.read(heightBits) + 1 };
  return bits.isOverrun ? undefined : size;
}

function skipOperatingPoints(bits: BitReader): void {
  const hasTiming = bits.flag();
  let delayBits: number | undefined;
  if (hasTiming) {
    bits.skip(64);
    const isEven = bits.flag();
    if (isEven) bits.expGolomb();
    const hasDecoderModel = bits.flag();
    if (hasDecoderModel) {
      delayBits = bits.read(5) + 1;
      bits.skip(42);
    }
  }
  const hasDisplayDelay = bits.flag();
  const points = bits.read(5) + 1;
  for (let i = 0; i < points; i++) {
    bits.skip(12);
    const hasTier = bits.read(5) > 7;
    if (hasTier) bits.skip(1);
    if (delayBits !== undefined && bits.flag()) bits.skip(2 * delayBits + 1);
    if (hasDisplayDelay && bits.flag()) bits.skip(4);
  }
}
