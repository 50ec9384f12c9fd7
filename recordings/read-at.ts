/** Reads a file where something is in it, and where its sound begins behind what other programs have put before it. */
import { open } from 'node:fs/promises';

/** Reads so many bytes there; fewer at the end of the file. */
export type ReadAt = (at: number, length: number) => Promise<Buffer>;

/** Opens a file for as long as something is done with it. */
export async function withFile<T>(path: string, action: (read: ReadAt, bytes: number) => Promise<T>): Promise<T> {
  const file = await open(path);
  try {
    const read: ReadAt = async (at, length) => {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, at);
      return buffer.subarray(0, bytesRead);
    };
    return await action(read, (await file.stat()).size);
  } finally {
    await file.close();
  }
}

const ID3_HEADER_BYTES = 10;
const ID3_HAS_FOOTER = 0x10;
const BLOCK_BYTES = 65_536;
/** More zeros than this are not padding. */
const MAX_ZEROS = 16_777_216;

/** Where the content begins: behind ID3 tags, of any size, and zeros. */
export async function contentStart(read: ReadAt): Promise<number> {
  let at = 0;
  for (;;) {
    const tag = id3Bytes(await read(at, ID3_HEADER_BYTES));
    const zeros = tag > 0 ? 0 : await zerosAt(read, at);
    if (tag + zeros === 0) return at;
    at += tag + zeros;
  }
}

/** The size of the ID3v2 tag that these bytes begin; 0 where there is none. */
export function id3Bytes(bytes: Buffer): number {
  if (bytes.length < ID3_HEADER_BYTES || bytes.toString('latin1', 0, 3) !== 'ID3') return 0;
  const [, , , , , flags = 0, ...size] = bytes.subarray(0, ID3_HEADER_BYTES);
  if (size.some((part) => part > 0x7f)) return 0;
  const footer = flags & ID3_HAS_FOOTER ? ID3_HEADER_BYTES : 0;
  return ID3_HEADER_BYTES + footer + size.reduce((sum, part) => sum * 128 + part, 0);
}

async function zerosAt(read: ReadAt, from: number): Promise<number> {
  for (let at = from; at - from < MAX_ZEROS; ) {
    const block = await read(at, BLOCK_BYTES);
    const end = block.findIndex((byte) => byte !== 0);
    if (end >= 0) return at + end - from;
    if (block.length === 0) return at - from;
    at += block.length;
  }
  return 0;
}
