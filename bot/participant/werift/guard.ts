/**
 * Decides which datagrams may reach werift, before it parses any of them.
 *
 * werift parses before it authenticates: an RTP packet whose header extension is longer than the packet makes its parser
 * loop for ever, and one unencrypted DTLS alert closes the session. Neither takes a key, so anybody who finds the port could
 * send them. What passes here comes from the peer, has the shape that its first byte promises, and is encrypted once the
 * handshake is over.
 */

/** What the first byte says (RFC 7983), RTCP told from RTP by its type (RFC 5761). */
type Kind = 'stun' | 'dtls' | 'rtp' | 'rtcp' | 'unknown';

const STUN_HEADER = 20;
const STUN_COOKIE = 0x2112a442;
const DTLS_HEADER = 13;
const DTLS_HANDSHAKE = 22;
const RTP_HEADER = 12;
/** Header, SSRC, SRTCP index and the shortest authentication tag. */
const SHORTEST_SRTCP = 8 + 4 + 10;

export interface Origin {
  /** The sender's address is one of the peer's. */
  fromPeer: boolean;
  /** The DTLS handshake is over. */
  established: boolean;
}

export function admits(packet: Buffer, { fromPeer, established }: Origin): boolean {
  if (!fromPeer) return false;
  switch (kindOf(packet)) {
    case 'stun':
      return (
        packet.length >= STUN_HEADER &&
        packet.readUInt32BE(4) === STUN_COOKIE &&
        packet.readUInt16BE(2) === packet.length - STUN_HEADER
      );
    case 'dtls':
      return packet.length >= DTLS_HEADER && (!established || encrypted(packet) || packet[0] === DTLS_HANDSHAKE);
    case 'rtp':
      return rtpHeaderFits(packet);
    case 'rtcp':
      return packet.length >= SHORTEST_SRTCP;
    case 'unknown':
      return false;
  }
}

function kindOf(packet: Buffer): Kind {
  const first = packet[0];
  if (first === undefined) return 'unknown';
  if (first <= 3) return 'stun';
  if (first >= 20 && first <= 63) return 'dtls';
  if (first >= 128 && first <= 191) {
    const type = (packet[1] ?? 0) & 0x7f;
    return type >= 64 && type < 96 ? 'rtcp' : 'rtp';
  }
  return 'unknown';
}

/** Epoch 0 is plain text. A late handshake message may still be: the peer repeats it when our last one was lost. */
const encrypted = (record: Buffer): boolean => record.readUInt16BE(3) !== 0;

function rtpHeaderFits(packet: Buffer): boolean {
  const first = packet[0] ?? 0;
  let end = RTP_HEADER + 4 * (first & 0x0f);
  const hasExtension = (first & 0x10) !== 0;
  if (hasExtension) {
    if (packet.length < end + 4) return false;
    end += 4 + 4 * packet.readUInt16BE(end + 2);
  }
  return packet.length >= end;
}
