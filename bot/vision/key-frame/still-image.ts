/** Wraps key frames into the image formats that use the same bitstream, so that no video decoder is needed: VP8 as WebP, AV1 as AVIF. */
import type { KeyFrame } from './key-frame.ts';

/** Wraps a VP8 key frame as a WebP image. */
export function webp({ data }: KeyFrame): Buffer {
  const padding = Buffer.alloc(data.length % 2);
  const chunk = Buffer.concat([Buffer.from('WEBPVP8 '), uint32le(data.length), data, padding]);
  return Buffer.concat([Buffer.from('RIFF'), uint32le(chunk.length), chunk]);
}

/** Length of the header and size field of the sequence header OBU, with which a key frame starts. */
const SEQUENCE_HEADER_BYTES = 2;
const ITEM = uint16(1);
const NO_FLAGS = 0;
const ESSENTIAL = 0x80;

/** Wraps an AV1 key frame (8 bits, 4:2:0) as an AVIF image. */
export function avif({ data, size }: KeyFrame): Buffer {
  const type = box('ftyp', text('avif'), uint32(0), text('avif'), text('mif1'), text('miaf'));
  const offset = type.length + meta(0).length + 8;
  return Buffer.concat([type, meta(offset), box('mdat', data)]);

  function meta(dataOffset: number): Buffer {
    return fullBox(
      'meta',
      0,
      fullBox('hdlr', 0, uint32(0), text('pict'), Buffer.alloc(13)),
      fullBox('pitm', 0, ITEM),
      fullBox(
        'iloc',
        0,
        Buffer.from([0x44, 0]),
        uint16(1),
        ITEM,
        uint16(0),
        uint16(1),
        uint32(dataOffset),
        uint32(data.length),
      ),
      fullBox('iinf', 0, uint16(1), fullBox('infe', 2, ITEM, uint16(0), text('av01'), Buffer.alloc(1))),
      box('iprp', properties(), fullBox('ipma', 0, uint32(1), ITEM, Buffer.from([3, 1, 2, ESSENTIAL | 3]))),
    );
  }

  function properties(): Buffer {
    const sequenceHeader = data.subarray(0, SEQUENCE_HEADER_BYTES + (data[1] ?? 0));
    return box(
      'ipco',
      fullBox('ispe', 0, uint32(size.width), uint32(size.height)),
      fullBox('pixi', 0, Buffer.from([3, 8, 8, 8])),
      // Version 1, profile 0 of level 4.0, 8 bits, 4:2:0.
      box('av1C', Buffer.from([0x81, 0x08, 0x0c, 0]), sequenceHeader),
    );
  }
}

function box(type: string, ...content: Buffer[]): Buffer {
  const body = Buffer.concat(content);
  return Buffer.concat([uint32(8 + body.length), text(type), body]);
}

const fullBox = (type: string, version: number, ...content: Buffer[]): Buffer =>
  box(type, uint32(version * 2 ** 24 + NO_FLAGS), ...content);

const text = (value: string): Buffer => Buffer.from(value, 'latin1');

function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

const uint32le = (value: number): Buffer => uint32(value).swap32();
