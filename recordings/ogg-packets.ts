/**
 * Takes the packets out of an Ogg stream (RFC 3533): of the first logical stream in it, and of those that follow it where files were joined.
 * Damaged pages are skipped up to the next one.
 *
 * Bounded: a packet of more than 1 MiB is dropped.
 */

const CAPTURE = Buffer.from('OggS');
const HEADER_BYTES = 27;
const CONTINUED = 0x01;
const FIRST_PAGE = 0x02;
const LAST_PAGE = 0x04;
const MAX_PACKET_BYTES = 1_048_576;

export interface OggPacket {
  bytes: Buffer;
  /** It is the first of its logical stream, and so a header. */
  isFirst: boolean;
}

export async function* oggPackets(stream: AsyncIterable<Buffer>): AsyncGenerator<OggPacket> {
  let pending: Buffer = Buffer.alloc(0);
  let serial: number | undefined;
  let isOver = false;
  let begun: Buffer[] = [];
  for await (const part of stream) {
    pending = pending.length === 0 ? part : Buffer.concat([pending, part]);
    for (let page = takePage(pending); page; page = takePage(pending)) {
      pending = page.rest;
      // A stream that was read to its last page is followed by one that was joined to it.
      if (isOver && page.isFirst) serial = page.serial;
      serial ??= page.serial;
      if (page.serial !== serial) continue;
      isOver = page.isLast;
      let { isFirst } = page;
      // The beginning of a continued packet was lost with its page.
      if (!page.continued) begun = [];
      let isOrphan = page.continued && begun.length === 0;
      for (const { bytes, isComplete } of page.pieces) {
        begun.push(bytes);
        if (!isComplete) continue;
        const packet = Buffer.concat(begun);
        begun = [];
        if (!isOrphan && packet.length <= MAX_PACKET_BYTES) yield { bytes: packet, isFirst };
        isOrphan = false;
        isFirst = false;
      }
    }
  }
}

interface Page {
  serial: number;
  continued: boolean;
  isFirst: boolean;
  isLast: boolean;
  pieces: { bytes: Buffer; isComplete: boolean }[];
  rest: Buffer;
}

/** The first page; undefined where more bytes are needed. */
function takePage(bytes: Buffer): Page | undefined {
  const at = bytes.indexOf(CAPTURE);
  if (at < 0 || at + HEADER_BYTES > bytes.length) return undefined;
  const segments = bytes[at + 26] ?? 0;
  const bodyAt = at + HEADER_BYTES + segments;
  if (bodyAt > bytes.length) return undefined;
  const lacing = bytes.subarray(at + HEADER_BYTES, bodyAt);
  const end = bodyAt + lacing.reduce((sum, size) => sum + size, 0);
  if (end > bytes.length) return undefined;
  const pieces: Page['pieces'] = [];
  let from = bodyAt;
  let size = 0;
  for (const [i, value] of lacing.entries()) {
    size += value;
    const isComplete = value < 255;
    if (!isComplete && i < lacing.length - 1) continue;
    pieces.push({ bytes: Buffer.from(bytes.subarray(from, from + size)), isComplete });
    from += size;
    size = 0;
  }
  const has = (flag: number): boolean => ((bytes[at + 5] ?? 0) & flag) !== 0;
  return {
    serial: bytes.readUInt32LE(at + 14),
    continued: has(CONTINUED),
    isFirst: has(FIRST_PAGE),
    isLast: has(LAST_PAGE),
    pieces,
    rest: bytes.subarray(end),
  };
}
