/** Reads the size of a JPEG from its header, without decoding it. Pure. */

export interface JpegSize {
  /** Width and height are in pixels. */
  width: number;
  height: number;
}

const START_OF_SCAN = 0xda;
/** The frame headers SOF0 to SOF15, without C4, C8 and CC, which are other markers. */
const isFrame = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
/** Markers without a length field. */
const isBare = (marker: number): boolean => marker === 0x01 || (marker >= 0xd0 && marker <= 0xd9);

/**
 * @returns undefined if `bytes` are not a JPEG, or one without a picture
 * @example
 * jpegSize(await readFile('slide.jpg')); // { width: 1280, height: 720 }
 */
export function jpegSize(bytes: Uint8Array): JpegSize | undefined {
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 2; at + 4 <= bytes.length && bytes[at] === 0xff; ) {
    const marker = view.getUint8(at + 1);
    if (marker === START_OF_SCAN) return undefined;
    if (isFrame(marker)) {
      if (at + 9 > bytes.length) return undefined;
      const size = { height: view.getUint16(at + 5), width: view.getUint16(at + 7) };
      return size.width > 0 && size.height > 0 ? size : undefined;
    }
    // Any number of FF bytes may stand before a marker.
    at += marker === 0xff ? 1 : isBare(marker) ? 2 : 2 + view.getUint16(at + 2);
  }
  return undefined;
}
