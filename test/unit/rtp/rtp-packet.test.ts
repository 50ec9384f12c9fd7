import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseRtpPacket, writeRtpPacket } from '../../../rtp/rtp-packet.ts';

const LEVEL_ID = 10;
const payload = Uint8Array.of(0x78, 1, 2, 3);

/** A packet with header extensions as RFC 8285 lays them out, and what else a header may have. */
function packetWith({
  profile = 0xbede,
  extensions = [] as number[],
  contributors = 0,
  padding = 0,
}: {
  profile?: number;
  extensions?: number[];
  contributors?: number;
  padding?: number;
} = {}): Buffer {
  const fixed = writeRtpPacket({ ssrc: 7, payloadType: 111, sequenceNumber: 5, timestamp: 960, marker: true, payload });
  const words = Math.ceil(extensions.length / 4);
  const header = Buffer.alloc(12 + 4 * contributors + 4 + 4 * words);
  fixed.copy(header, 0, 0, 12);
  header[0] = 0x90 | contributors | (padding > 0 ? 0x20 : 0);
  header.writeUInt16BE(profile, 12 + 4 * contributors);
  header.writeUInt16BE(words, 14 + 4 * contributors);
  header.set(extensions, 16 + 4 * contributors);
  const end = Buffer.alloc(padding);
  if (padding > 0) end[padding - 1] = padding;
  return Buffer.concat([header, payload, end]);
}

describe('an RTP packet', () => {
  it('is read as it was written', () => {
    const fields = fc.record({
      payloadType: fc.integer({ min: 0, max: 127 }),
      marker: fc.boolean(),
      sequenceNumber: fc.integer({ min: 0, max: 65_535 }),
      timestamp: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
      payload: fc.uint8Array({ maxLength: 1400 }),
    });
    fc.assert(
      fc.property(fields, (packet) => {
        const { payload: read, ...rest } = parseRtpPacket(writeRtpPacket({ ...packet, ssrc: 1 }), LEVEL_ID) ?? {};
        const { payload: written, ...expected } = packet;
        expect(rest).toEqual({ ...expected, audioLevel: undefined });
        expect([...(read ?? [])]).toEqual([...written]);
      }),
    );
  });

  it.each([
    ['alone', packetWith({ extensions: [(LEVEL_ID << 4) | 0, 0x80 | 33] })],
    ['after others and padding', packetWith({ extensions: [0x12, 9, 9, 9, 0, (LEVEL_ID << 4) | 0, 33] })],
    ['after contributors', packetWith({ extensions: [(LEVEL_ID << 4) | 0, 33], contributors: 3 })],
    ['in the two-byte form', packetWith({ profile: 0x1000, extensions: [1, 2, 9, 9, LEVEL_ID, 1, 0x80 | 33] })],
    ['after an empty one in the two-byte form', packetWith({ profile: 0x1003, extensions: [1, 0, LEVEL_ID, 1, 33] })],
  ])('tells the audio level %s', (_, packet) => {
    const parsed = parseRtpPacket(packet, LEVEL_ID);
    expect(parsed?.audioLevel).toBe(33);
    expect([...(parsed?.payload ?? [])]).toEqual([...payload]);
  });

  it.each([
    ['where it was not negotiated', packetWith({ extensions: [(LEVEL_ID << 4) | 0, 33] }), undefined],
    ['under another profile', packetWith({ profile: 0x1234, extensions: [(LEVEL_ID << 4) | 0, 33] }), LEVEL_ID],
    ['after the id that ends them', packetWith({ extensions: [0xf0, 0, (LEVEL_ID << 4) | 0, 33] }), LEVEL_ID],
    ['where its length is too large', packetWith({ extensions: [(LEVEL_ID << 4) | 9, 33] }), LEVEL_ID],
  ])('tells no audio level %s', (_, packet, id) => {
    expect(parseRtpPacket(packet, id)).toMatchObject({ audioLevel: undefined, sequenceNumber: 5, marker: true });
  });

  it('is read without its padding', () => {
    expect([...(parseRtpPacket(packetWith({ padding: 6 }), LEVEL_ID)?.payload ?? [])]).toEqual([...payload]);
  });

  it.each([
    ['too short', Buffer.alloc(11, 0x80)],
    ['of another version', Buffer.alloc(20, 0x40)],
    ['shorter than its extensions', packetWith({ extensions: [0, 0, 0, 0] }).subarray(0, 18)],
    ['all padding and more', Buffer.concat([packetWith({ padding: 4 }).subarray(0, -1), Buffer.of(255)])],
  ])('is none where it is %s', (_, packet) => {
    expect(parseRtpPacket(packet, LEVEL_ID)).toBeUndefined();
  });

  it('is any bytes, without an error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => void parseRtpPacket(Buffer.from(bytes), LEVEL_ID)),
    );
  });
});
