/** Reads and writes RTP packets (RFC 3550) with header extensions of one or two bytes (RFC 8285). Pure. */

export interface RtpPacket {
  payloadType: number;
  marker: boolean;
  sequenceNumber: number;
  timestamp: number;
  /** −dBov, from 0 (loudest) to 127 (silence); undefined where the packet does not say. */
  audioLevel: number | undefined;
  /** A view of the packet's own bytes. */
  payload: Buffer;
}

const FIXED_HEADER_BYTES = 12;
const ONE_BYTE_PROFILE = 0xbede;
const TWO_BYTE_PROFILE = 0x1000;
/** The second bytes of RTCP packets on a port that they share with RTP (RFC 5761 §4). */
const RTCP_TYPES = { first: 192, last: 223 };

/** The synchronisation source of a packet; undefined for RTCP, and for what is too short to have one. */
export function synchronizationSourceOf(packet: Buffer): number | undefined {
  if (packet.length < FIXED_HEADER_BYTES) return undefined;
  const type = packet.readUInt8(1);
  return type >= RTCP_TYPES.first && type <= RTCP_TYPES.last ? undefined : packet.readUInt32BE(8);
}

/** Bytes of a packet's header, its extensions included; undefined for what has no complete one. */
export function headerBytesOf(packet: Buffer): number | undefined {
  if (packet.length < FIXED_HEADER_BYTES) return undefined;
  const first = packet.readUInt8(0);
  if (first >> 6 !== 2) return undefined;
  let end = FIXED_HEADER_BYTES + 4 * (first & 0x0f);
  if (first & 0x10) {
    if (end + 4 > packet.length) return undefined;
    end += 4 + 4 * packet.readUInt16BE(end + 2);
  }
  return end <= packet.length ? end : undefined;
}

/**
 * @param audioLevelId the id of the audio level's header extension, where it was negotiated
 * @returns undefined for what is no complete RTP packet
 */
export function parseRtpPacket(packet: Buffer, audioLevelId: number | undefined): RtpPacket | undefined {
  const start = headerBytesOf(packet);
  if (start === undefined) return undefined;
  const first = packet.readUInt8(0);
  const second = packet.readUInt8(1);
  const isExtended = (first & 0x10) !== 0;
  const audioLevel = isExtended && audioLevelId !== undefined ? levelIn(packet, start, audioLevelId) : undefined;
  const padding = first & 0x20 ? (packet[packet.length - 1] ?? 0) : 0;
  const end = packet.length - padding;
  if (end < start) return undefined;
  return {
    payloadType: second & 0x7f,
    marker: second >> 7 === 1,
    sequenceNumber: packet.readUInt16BE(2),
    timestamp: packet.readUInt32BE(4),
    audioLevel,
    payload: packet.subarray(start, end),
  };
}

function levelIn(packet: Buffer, headerBytes: number, id: number): number | undefined {
  const block = FIXED_HEADER_BYTES + 4 * (packet.readUInt8(0) & 0x0f);
  const profile = packet.readUInt16BE(block);
  const extensions = packet.subarray(block + 4, headerBytes);
  const isOneByte = profile === ONE_BYTE_PROFILE;
  if (!isOneByte && (profile & 0xfff0) !== TWO_BYTE_PROFILE) return undefined;
  for (let at = 0; at < extensions.length; ) {
    const head = extensions[at] ?? 0;
    if (head === 0) {
      at++;
      continue;
    }
    const elementId = isOneByte ? head >> 4 : head;
    // RFC 8285 §4.2: what follows an element with the id 15 is not read.
    if (isOneByte && elementId === 15) return undefined;
    const length = isOneByte ? (head & 0x0f) + 1 : (extensions[at + 1] ?? 0);
    const value = at + (isOneByte ? 1 : 2);
    if (value + length > extensions.length) return undefined;
    if (elementId === id && length > 0) return (extensions[value] ?? 0) & 0x7f;
    at = value + length;
  }
  return undefined;
}

/** A header extension, as RFC 8285 writes it in one byte: an id from 1 to 14, and up to 16 bytes. */
export interface HeaderExtension {
  id: number;
  value: Uint8Array;
}

/** The extensions' block of a header, which `writeRtpPacket` takes; the same for all packets of a stream. */
export function writeHeaderExtensions(extensions: readonly HeaderExtension[]): Buffer {
  if (extensions.length === 0) return Buffer.alloc(0);
  const elements = extensions.flatMap(({ id, value }) => [(id << 4) | (value.length - 1), ...value]);
  const words = Math.ceil(elements.length / 4);
  const block = Buffer.alloc(4 + 4 * words);
  block.writeUInt16BE(ONE_BYTE_PROFILE, 0);
  block.writeUInt16BE(words, 2);
  block.set(elements, 4);
  return block;
}

/** @param extensions as `writeHeaderExtensions` wrote them. Default: none */
export function writeRtpPacket(
  {
    ssrc,
    payloadType,
    sequenceNumber,
    timestamp,
    marker,
    payload,
  }: Omit<RtpPacket, 'audioLevel' | 'payload'> & { ssrc: number; payload: Uint8Array },
  extensions: Uint8Array = noExtensions,
): Buffer {
  const start = FIXED_HEADER_BYTES + extensions.length;
  const packet = Buffer.allocUnsafe(start + payload.length);
  packet[0] = extensions.length > 0 ? 0x90 : 0x80;
  packet[1] = payloadType | (marker ? 0x80 : 0);
  packet.writeUInt16BE(sequenceNumber, 2);
  packet.writeUInt32BE(timestamp, 4);
  packet.writeUInt32BE(ssrc, 8);
  packet.set(extensions, FIXED_HEADER_BYTES);
  packet.set(payload, start);
  return packet;
}

const noExtensions = new Uint8Array(0);
