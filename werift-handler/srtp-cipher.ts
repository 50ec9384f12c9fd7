/**
 * Encrypts and decrypts the RTP packets of one transport: SRTP (RFC 3711) with AES-128 in Galois/Counter Mode (RFC 7714). It stands in for
 * werift's, which reads each header twice, bit by bit, and takes three times as long; what negotiates the keys stays werift's.
 *
 * Hard requirement: what a packet says changes nothing before the packet is authenticated, and no two packets of a stream are encrypted with
 * the same index. A packet that comes twice is decrypted twice: whoever takes packets has to tell by their sequence numbers.
 */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { headerBytesOf } from '../rtp/rtp-packet.ts';

/** Keys of one direction, as RFC 3711 §4.3 derives them: 16 bytes of key, 12 of salt. */
export interface SrtpKeys {
  key: Uint8Array;
  salt: Uint8Array;
}

const ALGORITHM = 'aes-128-gcm';
const TAG_BYTES = 16;
const IV_BYTES = 12;
const SEQUENCE_NUMBERS = 2 ** 16;
const ROLLOVERS = 2 ** 32;

/** How far a stream has come: its highest sequence number, and how often the numbers have begun anew. */
interface StreamPosition {
  rollovers: number;
  highest: number;
}

/**
 * @example
 * const srtp = new SrtpCipher({ local, remote });
 * send(srtp.encrypt(packet));
 * const packet = srtp.decrypt(datagram); // undefined where it is not authentic
 */
export class SrtpCipher {
  readonly #local: SrtpKeys;
  readonly #remote: SrtpKeys;
  readonly #sent = new Map<number, StreamPosition>();
  readonly #received = new Map<number, StreamPosition>();
  readonly #iv = Buffer.alloc(IV_BYTES);

  constructor({ local, remote }: { local: SrtpKeys; remote: SrtpKeys }) {
    this.#local = local;
    this.#remote = remote;
  }

  /**
   * A packet that was encrypted before gives the same bytes again.
   * @param packet a complete RTP packet
   */
  encrypt(packet: Buffer): Buffer {
    const headerBytes = headerBytesOf(packet);
    if (headerBytes === undefined) throw new Error('this is no RTP packet');
    const iv = this.#advance(this.#sent, packet, this.#local.salt);
    const cipher = createCipheriv(ALGORITHM, this.#local.key, iv);
    cipher.setAAD(packet.subarray(0, headerBytes));
    const encrypted = Buffer.allocUnsafe(packet.length + TAG_BYTES);
    packet.copy(encrypted, 0, 0, headerBytes);
    cipher.update(packet.subarray(headerBytes)).copy(encrypted, headerBytes);
    cipher.final();
    cipher.getAuthTag().copy(encrypted, packet.length);
    return encrypted;
  }

  /** @returns the RTP packet; undefined where it is none, or the peer has not encrypted it */
  decrypt(encrypted: Buffer): Buffer | undefined {
    const headerBytes = headerBytesOf(encrypted);
    const end = encrypted.length - TAG_BYTES;
    if (headerBytes === undefined || end < headerBytes) return undefined;
    const position = this.#received.get(ssrcOf(encrypted));
    const rollovers = rolloversOf(position, sequenceNumberOf(encrypted));
    const iv = this.#initializationVector(encrypted, rollovers, this.#remote.salt);
    const decipher = createDecipheriv(ALGORITHM, this.#remote.key, iv);
    decipher.setAAD(encrypted.subarray(0, headerBytes));
    decipher.setAuthTag(encrypted.subarray(end));
    const packet = Buffer.allocUnsafe(end);
    encrypted.copy(packet, 0, 0, headerBytes);
    decipher.update(encrypted.subarray(headerBytes, end)).copy(packet, headerBytes);
    try {
      decipher.final();
    } catch {
      return undefined;
    }
    advance(this.#received, packet, rollovers);
    return packet;
  }

  #advance(positions: Map<number, StreamPosition>, packet: Buffer, salt: Uint8Array): Buffer {
    const rollovers = rolloversOf(positions.get(ssrcOf(packet)), sequenceNumberOf(packet));
    advance(positions, packet, rollovers);
    return this.#initializationVector(packet, rollovers, salt);
  }

  /** RFC 7714 §8.1 */
  #initializationVector(packet: Buffer, rollovers: number, salt: Uint8Array): Buffer {
    const iv = this.#iv;
    iv.writeUInt16BE(0, 0);
    iv.writeUInt32BE(ssrcOf(packet), 2);
    iv.writeUInt32BE(rollovers, 6);
    iv.writeUInt16BE(sequenceNumberOf(packet), 10);
    for (let i = 0; i < IV_BYTES; i++) iv[i] = (iv[i] ?? 0) ^ (salt[i] ?? 0);
    return iv;
  }
}

const ssrcOf = (packet: Buffer): number => packet.readUInt32BE(8);
const sequenceNumberOf = (packet: Buffer): number => packet.readUInt16BE(2);

/** How often the numbers had begun anew when this packet was sent: it lies within half a round of the highest (RFC 3711 §3.3.1). */
function rolloversOf(position: StreamPosition | undefined, sequenceNumber: number): number {
  if (!position) return 0;
  const { rollovers, highest } = position;
  const ahead = sequenceNumber - highest;
  if (ahead > SEQUENCE_NUMBERS / 2) return (rollovers - 1 + ROLLOVERS) % ROLLOVERS;
  if (ahead < -SEQUENCE_NUMBERS / 2) return (rollovers + 1) % ROLLOVERS;
  return rollovers;
}

function advance(positions: Map<number, StreamPosition>, packet: Buffer, rollovers: number): void {
  const sequenceNumber = sequenceNumberOf(packet);
  const position = positions.get(ssrcOf(packet));
  if (!position) positions.set(ssrcOf(packet), { rollovers, highest: sequenceNumber });
  else if (rollovers === (position.rollovers + 1) % ROLLOVERS)
    Object.assign(position, { rollovers, highest: sequenceNumber });
  else if (rollovers === position.rollovers) position.highest = Math.max(position.highest, sequenceNumber);
}
