/** The RTP payload format of H264 (RFC 6184, packetization modes 0 and 1). A key frame is its parameter sets and IDR slices, with start codes. */
import { BitReader } from './bit-reader.ts';
import type { FrameSize, PayloadFormat } from './key-frame.ts';

const SLICE = 1;
const IDR = 5;
const SPS = 7;
const PPS = 8;
const STAP_A = 24;
const FU_A = 28;
const START_CODE = Buffer.from([0, 0, 0, 1]);
/** A packet of 1500 bytes cannot hold more meaningful units. */
const MAX_UNITS_PER_PACKET = 64;
/** Profiles whose sequence parameter set contains the chroma format (H.264 §7.3.2.1.1). */
const PROFILES_WITH_CHROMA = new Set([100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135]);

export const h264: PayloadFormat = {
  inspect(payload) {
    const types = fragments(payload).map(({ type }) => type);
    if (types.includes(SPS)) return { begins: 'key' };
    return { begins: types.includes(SLICE) ? 'delta' : undefined };
  },
  depacketize(payloads) {
    const units: Buffer[] = [];
    const parts: Buffer[] = [];
    for (const { bytes, begins, ends } of payloads.flatMap(fragments)) {
      if (begins) parts.length = 0;
      parts.push(bytes);
      if (ends) units.push(Buffer.concat(parts.splice(0)));
    }
    const needed = units.filter((unit) => [IDR, SPS, PPS].includes(typeOf(unit)));
    const sps = needed.find((unit) => typeOf(unit) === SPS);
    const isWhole = [IDR, PPS].every((type) => needed.some((unit) => typeOf(unit) === type));
    const size = sps && isWhole ? sizeOf(sps) : undefined;
    return size && { data: Buffer.concat(needed.flatMap((unit) => [START_CODE, unit])), size };
  },
};

/** A NAL unit or a part of one. */
interface Fragment {
  type: number;
  begins: boolean;
  ends: boolean;
  bytes: Buffer;
}

const typeOf = (unit: Buffer): number => (unit[0] ?? 0) & 0x1f;
const whole = (bytes: Buffer): Fragment => ({ type: typeOf(bytes), begins: true, ends: true, bytes });

function fragments(payload: Buffer): Fragment[] {
  const kind = typeOf(payload);
  if (kind === STAP_A) return aggregated(payload.subarray(1)).map(whole);
  if (kind !== FU_A) return kind > 0 && kind < STAP_A ? [whole(payload)] : [];
  const header = payload[1];
  if (header === undefined) return [];
  const type = header & 0x1f;
  const begins = (header & 0x80) !== 0;
  const unitHeader = Buffer.from([((payload[0] ?? 0) & 0xe0) | type]);
  const rest = payload.subarray(2);
  return [{ type, begins, ends: (header & 0x40) !== 0, bytes: begins ? Buffer.concat([unitHeader, rest]) : rest }];
}

function aggregated(bytes: Buffer): Buffer[] {
  const units: Buffer[] = [];
  for (let at = 0; at + 2 < bytes.length && units.length < MAX_UNITS_PER_PACKET; ) {
    const end = at + 2 + bytes.readUInt16BE(at);
    units.push(bytes.subarray(at + 2, end));
    at = end;
  }
  return units;
}

/** Reads the size from a sequence parameter set (H.264 §7.3.2.1.1). */
function sizeOf(sps: Buffer): FrameSize | undefined {
  const bits = new BitReader(withoutEmulationPrevention(sps.subarray(1)));
  const profile = bits.read(8);
  bits.skip(16);
  bits.expGolomb();
  const chroma = PROFILES_WITH_CHROMA.has(profile) ? skipHighProfile(bits) : 1;
  bits.expGolomb();
  skipPictureOrder(bits);
  bits.expGolomb();
  bits.skip(1);
  const widthInBlocks = bits.expGolomb() + 1;
  const heightInUnits = bits.expGolomb() + 1;
  const isProgressive = bits.flag();
  if (!isProgressive) bits.skip(1);
  bits.skip(1);
  const isCropped = bits.flag();
  const [left, right, top, bottom] = isCropped
    ? [bits.expGolomb(), bits.expGolomb(), bits.expGolomb(), bits.expGolomb()]
    : [0, 0, 0, 0];
  const unitX = chroma === 1 || chroma === 2 ? 2 : 1;
  const fields = isProgressive ? 1 : 2;
  const unitY = (chroma === 1 ? 2 : 1) * fields;
  const width = 16 * widthInBlocks - unitX * (left + right);
  const height = 16 * fields * heightInUnits - unitY * (top + bottom);
  return bits.isOverrun || width <= 0 || height <= 0 ? undefined : { width, height };
}

/** @returns the chroma format */
function skipHighProfile(bits: BitReader): number {
  const chroma = bits.expGolomb();
  if (chroma === 3) bits.skip(1);
  bits.expGolomb();
  bits.expGolomb();
  bits.skip(1);
  const hasScaling = bits.flag();
  for (let list = 0; hasScaling && list < (chroma === 3 ? 12 : 8); list++) {
    if (bits.flag()) skipScalingList(bits, list < 6 ? 16 : 64);
  }
  return chroma;
}

function skipScalingList(bits: BitReader, length: number): void {
  let [last, next] = [8, 8];
  for (let i = 0; i < length; i++) {
    if (next !== 0) next = (last + signedGolomb(bits)) & 0xff;
    if (next !== 0) last = next;
  }
}

function skipPictureOrder(bits: BitReader): void {
  const type = bits.expGolomb();
  if (type === 0) bits.expGolomb();
  if (type !== 1) return;
  bits.skip(1);
  bits.expGolomb();
  bits.expGolomb();
  const frames = Math.min(bits.expGolomb(), 255);
  for (let i = 0; i < frames; i++) bits.expGolomb();
}

function signedGolomb(bits: BitReader): number {
  const code = bits.expGolomb();
  return code % 2 === 1 ? (code + 1) / 2 : -code / 2;
}

function withoutEmulationPrevention(bytes: Buffer): Buffer {
  return Buffer.from(bytes.filter((byte, i) => !(byte === 3 && bytes[i - 1] === 0 && bytes[i - 2] === 0)));
}
