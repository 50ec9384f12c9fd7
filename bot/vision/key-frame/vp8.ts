/** The RTP payload format of VP8 (RFC 7741). */
import type { FrameSize, PayloadFormat } from './key-frame.ts';

/** Follows the first three bytes of a key frame (RFC 6386 §9.1). */
const START_CODE = 0x9d012a;
const KEY_FRAME_HEADER = 10;

export const vp8: PayloadFormat = {
  inspect(payload) {
    const { beginsFrame, data } = parsed(payload);
    const first = data[0];
    if (!beginsFrame || first === undefined) return {};
    const isKey = (first & 1) === 0;
    return { begins: isKey ? 'key' : 'delta' };
  },
  depacketize(payloads) {
    const data = Buffer.concat(payloads.map((payload) => parsed(payload).data));
    const size = sizeOf(data);
    return size && { data, size };
  },
};

function parsed(payload: Buffer): { beginsFrame: boolean; data: Buffer } {
  const first = payload[0] ?? 0;
  let length = 1;
  if (first & 0x80) {
    const extension = payload[1] ?? 0;
    const hasPictureId = (extension & 0x80) !== 0;
    const hasTl0PicIdx = (extension & 0x40) !== 0;
    const hasTidOrKeyIdx = (extension & 0x30) !== 0;
    const isLongId = hasPictureId && ((payload[2] ?? 0) & 0x80) !== 0;
    length = 2 + Number(hasPictureId) + Number(isLongId) + Number(hasTl0PicIdx) + Number(hasTidOrKeyIdx);
  }
  const startsPartition = (first & 0x10) !== 0;
  const partition = first & 0x07;
  return { beginsFrame: startsPartition && partition === 0, data: payload.subarray(length) };
}

function sizeOf(frame: Buffer): FrameSize | undefined {
  if (frame.length < KEY_FRAME_HEADER || frame.readUIntBE(3, 3) !== START_CODE) return undefined;
  // The two highest bits of each are a scaling hint for the player.
  return { width: frame.readUInt16LE(6) & 0x3fff, height: frame.readUInt16LE(8) & 0x3fff };
}
