/**
 * Decides which datagrams may reach werift, before it parses any of them. Pure.
 *
 * werift parses before it authenticates: an RTP packet with an overlong header extension blocks its parser for seconds or forever, one
 * unencrypted DTLS alert closes the session, and a STUN request changes the ICE role. None of them needs a key, so anybody who finds
 * the port could send them.
 *
 * Hard requirement: a datagram that is accepted comes from the peer, is no longer than the peer's packets, has the format that its first
 * bytes announce, and is encrypted once the DTLS handshake is over.
 */

/** The protocol by the first bytes (RFC 7983); RTCP is distinguished from RTP in the same way as in werift. */
type DatagramKind = 'stun' | 'dtls' | 'rtp' | 'rtcp' | 'unknown';

/** mediasoup sends no longer ones. The cost of some of werift's parsers grows with the square of the length. */
const MAX_DATAGRAM_BYTES = 1500;
const STUN_HEADER = 20;
const STUN_COOKIE = 0x2112a442;
/** The bit of a STUN message type that marks a success or error response, and no request. */
const STUN_RESPONSE = 0x0100;
const DTLS_HEADER = 13;
const DTLS_ALERT = 21;
const DTLS_TYPES = { first: 20, last: 23 };
/** Alert descriptions of TLS 1.2 (RFC 5246 §7.2): werift takes an encrypted alert with such a second byte for plain text. */
const ALERTS = new Set([
  0, 10, 20, 21, 22, 30, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 60, 70, 71, 80, 90, 100, 110,
]);
const RTP_HEADER = 12;
const SSRC_AT = 8;
/** The shortest authentication tag of SRTP. */
const SRTP_TAG = 10;
/** RTCP header with SSRC, SRTCP index and authentication tag. */
const MIN_SRTCP_BYTES = 8 + 4 + SRTP_TAG;

interface DatagramOrigin {
  /** The sender's address is one of the peer's. */
  fromPeer: boolean;
  /** The DTLS handshake is over. */
  established: boolean;
}

/**
 * Whether a datagram may reach werift.
 *
 * @example
 * if (accepts(datagram, { fromPeer: true, established: false })) receive(datagram);
 */
export function accepts(packet: Buffer, { fromPeer, established }: DatagramOrigin): boolean {
  if (!fromPeer || packet.length > MAX_DATAGRAM_BYTES) return false;
  switch (kindOf(packet)) {
    case 'stun':
      return isStunResponse(packet);
    case 'dtls':
      return dtlsRecords(packet).every((record) => record !== undefined && (!established || isEncrypted(record)));
    case 'rtp':
      return rtpHeaderFits(packet);
    case 'rtcp':
      return packet.length >= MIN_SRTCP_BYTES;
    case 'unknown':
      return false;
  }
}

/** The stream that an RTP packet belongs to; undefined for any other datagram. */
export const ssrcOf = (packet: Buffer): number | undefined =>
  kindOf(packet) === 'rtp' && packet.length >= RTP_HEADER ? packet.readUInt32BE(SSRC_AT) : undefined;

function kindOf(packet: Buffer): DatagramKind {
  const first = packet[0];
  const second = packet[1];
  if (first === undefined || second === undefined) return 'unknown';
  if (first <= 3) return 'stun';
  if (first >= 20 && first <= 63) return 'dtls';
  if (first < 128 || first > 191) return 'unknown';
  if (second >= 192 && second <= 208) return 'rtcp';
  // RFC 5761: these payload types are not used for RTP, as RTCP packet types would be mistaken for them.
  const payloadType = second & 0x7f;
  return payloadType >= 64 && payloadType < 96 ? 'unknown' : 'rtp';
}

/** The media server is ICE-lite: it sends responses, and never requests. */
const isStunResponse = (packet: Buffer): boolean =>
  packet.length >= STUN_HEADER &&
  (packet.readUInt16BE(0) & STUN_RESPONSE) !== 0 &&
  packet.readUInt16BE(2) === packet.length - STUN_HEADER &&
  packet.readUInt32BE(4) === STUN_COOKIE;

interface DtlsRecord {
  type: number;
  epoch: number;
  fragment: Buffer;
}

/** The DTLS records of a datagram; the last one is undefined where they do not fill it exactly. */
function dtlsRecords(packet: Buffer): (DtlsRecord | undefined)[] {
  const records: (DtlsRecord | undefined)[] = [];
  for (let at = 0; at < packet.length; ) {
    const record = dtlsRecord(packet.subarray(at));
    records.push(record);
    if (!record) break;
    at += DTLS_HEADER + record.fragment.length;
  }
  return records;
}

function dtlsRecord(bytes: Buffer): DtlsRecord | undefined {
  const type = bytes[0] ?? 0;
  if (bytes.length < DTLS_HEADER || type < DTLS_TYPES.first || type > DTLS_TYPES.last) return undefined;
  const end = DTLS_HEADER + bytes.readUInt16BE(11);
  if (end > bytes.length) return undefined;
  return { type, epoch: bytes.readUInt16BE(3), fragment: bytes.subarray(DTLS_HEADER, end) };
}

/** Epoch 0 is plain text, which nobody has to send after the handshake. */
const isEncrypted = ({ type, epoch, fragment }: DtlsRecord): boolean =>
  epoch !== 0 && (type !== DTLS_ALERT || !ALERTS.has(fragment[1] ?? 0));

function rtpHeaderFits(packet: Buffer): boolean {
  const first = packet[0] ?? 0;
  let end = RTP_HEADER + 4 * (first & 0x0f);
  const hasExtension = (first & 0x10) !== 0;
  if (hasExtension) {
    if (packet.length < end + 4) return false;
    end += 4 + 4 * packet.readUInt16BE(end + 2);
  }
  return packet.length >= end + SRTP_TAG;
}
