/**
 * The RTP payload format of VP9 (RFC 9628). Only the lowest spatial layer is used. Whether a frame is a key frame is read from its own
 * header, as some senders never say so in the payload descriptor.
 */
import { BitReader } from './bit-reader.ts';
import type { FrameSize, PayloadFormat } from './key-frame.ts';

const FRAME_MARKER = 2;
const SYNC_CODE = 0x498342;
const SRGB = 7;
const MAX_REFERENCES = 3;

export const vp9: PayloadFormat = {
  inspect(payload) {
    const { layer, begins, ends, data } = parsed(payload);
    if (layer !== 0) return {};
    return { ends, begins: begins ? (sizeOfKeyFrame(data) ? 'key' : 'delta') : undefined };
  },
  depacketize(payloads) {
    const lowest = payloads.map(parsed).filter(({ layer }) => layer === 0);
    const data = Buffer.concat(lowest.map(({ data }) => data));
    const size = sizeOfKeyFrame(data);
    return size && { data, size };
  },
};

interface Parsed {
  layer: number;
  begins: boolean;
  ends: boolean;
  data: Buffer;
}

function parsed(payload: Buffer): Parsed {
  const first = payload[0] ?? 0;
  const has = (mask: number) => (first & mask) !== 0;
  const [hasPictureId, isPredicted, hasLayers, isFlexible] = [has(0x80), has(0x40), has(0x20), has(0x10)];
  const [begins, ends, hasStructure] = [has(0x08), has(0x04), has(0x02)];
  let at = 1;
  if (hasPictureId) at += (payload[at] ?? 0) & 0x80 ? 2 : 1;
  let layer = 0;
  if (hasLayers) {
    layer = ((payload[at] ?? 0) >> 1) & 0x07;
    at += isFlexible ? 1 : 2;
  }
  if (isFlexible && isPredicted) {
    let references = 0;
    let isMore = true;
    while (isMore && references++ < MAX_REFERENCES) isMore = ((payload[at++] ?? 0) & 1) !== 0;
  }
  if (hasStructure) at = structureEnd(payload, at);
  return { layer, begins, ends, data: payload.subarray(at) };
}

function structureEnd(payload: Buffer, at: number): number {
  const first = payload[at++] ?? 0;
  const layers = (first >> 5) + 1;
  const [hasSizes, hasPictureGroup] = [(first & 0x10) !== 0, (first & 0x08) !== 0];
  if (hasSizes) at += 4 * layers;
  if (!hasPictureGroup) return at;
  const pictures = payload[at++] ?? 0;
  for (let i = 0; i < pictures && at < payload.length; i++) {
    const references = ((payload[at++] ?? 0) >> 2) & 0x03;
    at += references;
  }
  return at;
}

/** Reads the size from the uncompressed header (VP9 bitstream specification §6.2); undefined where it is not that of a key frame. */
function sizeOfKeyFrame(frame: Buffer): FrameSize | undefined {
  const bits = new BitReader(frame);
  if (bits.read(2) !== FRAME_MARKER) return undefined;
  const profile = bits.read(1) + 2 * bits.read(1);
  if (profile === 3) bits.skip(1);
  const showsExisting = bits.flag();
  const isInter = bits.flag();
  bits.skip(2);
  if (showsExisting || isInter || bits.read(24) !== SYNC_CODE) return undefined;
  if (profile >= 2) bits.skip(1);
  const isOddProfile = profile === 1 || profile === 3;
  if (bits.read(3) === SRGB) {
    if (isOddProfile) bits.skip(1);
  } else {
    bits.skip(isOddProfile ? 4 : 1);
  }
  const size = { width: bits.read(16) + 1, height: bits.read(16) + 1 };
  return bits.isOverrun ? undefined : size;
}
