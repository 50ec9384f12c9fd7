import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RtpPacket, SrtpSession } from 'werift';
import { writeHeaderExtensions, writeRtpPacket } from '../../../rtp/rtp-packet.ts';
import { SrtpCipher } from '../../../werift-handler/srtp-cipher.ts';

const AEAD_AES_128_GCM = 7;

/** The keys and the packet of RFC 7714 §16.1.1. */
const rfc = {
  key: Buffer.from('000102030405060708090a0b0c0d0e0f', 'hex'),
  salt: Buffer.from('517569642070726f2071756f', 'hex'),
  plain: Buffer.from(
    '8040f17b8041f8d35501a0b247616c6c696120657374206f6d6e69732064697669736120696e207061727465732074726573',
    'hex',
  ),
  encrypted: Buffer.from(
    '8040f17b8041f8d35501a0b2f24de3a3fb34de6cacba861c9d7e4bcabe633bd50d294e6f42a5f47a51c7d19b36de3adf8833899d7f27beb16a9152cf765ee4390cce',
    'hex',
  ),
};
const keys = { key: rfc.key, salt: rfc.salt };

const bytes = (length: number, first: number) => Uint8Array.from({ length }, (_, i) => first + i);

/** Two ends with the same keys: ours, and werift's. */
function ends() {
  const local = { masterKey: Buffer.from(bytes(16, 1)), masterSalt: Buffer.from(bytes(12, 50)) };
  const remote = { masterKey: Buffer.from(bytes(16, 90)), masterSalt: Buffer.from(bytes(12, 150)) };
  const sessionOf = (mine: typeof local, theirs: typeof local) =>
    new SrtpSession({
      profile: AEAD_AES_128_GCM,
      keys: {
        localMasterKey: mine.masterKey,
        localMasterSalt: mine.masterSalt,
        remoteMasterKey: theirs.masterKey,
        remoteMasterSalt: theirs.masterSalt,
      },
    });
  const ours = sessionOf(local, remote);
  const derived = ours as unknown as Record<
    'localContext' | 'remoteContext',
    { cipher: { srtpSessionKey: Buffer; srtpSessionSalt: Buffer } }
  >;
  const of = ({ cipher }: (typeof derived)['localContext']) => ({
    key: cipher.srtpSessionKey,
    salt: cipher.srtpSessionSalt,
  });
  return {
    cipher: new SrtpCipher({ local: of(derived.localContext), remote: of(derived.remoteContext) }),
    peer: sessionOf(remote, local),
  };
}

const mid = writeHeaderExtensions([{ id: 4, value: Buffer.from('0') }]);
const packet = (sequenceNumber: number, payload: Uint8Array = bytes(40, 0), ssrc = 7) =>
  writeRtpPacket({ ssrc, payloadType: 111, sequenceNumber, timestamp: 960, marker: false, payload }, mid);

describe('SrtpCipher', () => {
  it('encrypts and decrypts the packet of RFC 7714', () => {
    const cipher = new SrtpCipher({ local: keys, remote: keys });
    expect(cipher.encrypt(rfc.plain).toString('hex')).toBe(rfc.encrypted.toString('hex'));
    expect(cipher.decrypt(rfc.encrypted)?.toString('hex')).toBe(rfc.plain.toString('hex'));
  });

  it('understands werift, and is understood, also where the numbers begin anew', () => {
    // werift takes greater steps than these for a reordering.
    const streams = fc.record({
      first: fc.integer({ min: 64_500, max: 65_535 }),
      step: fc.integer({ min: 1, max: 50 }),
    });
    fc.assert(
      fc.property(streams, ({ first, step }) => {
        const { cipher, peer } = ends();
        for (let i = 0; i < 30; i++) {
          const plain = packet((first + i * step) % 65_536);
          expect(peer.decrypt(cipher.encrypt(plain))).toEqual(plain);
          const { header, payload } = RtpPacket.deSerialize(plain);
          expect(cipher.decrypt(peer.encrypt(payload, header))).toEqual(plain);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('takes packets out of order, also where the numbers begin anew between them', () => {
    const [sender, receiver] = [
      new SrtpCipher({ local: keys, remote: keys }),
      new SrtpCipher({ local: keys, remote: keys }),
    ];
    const sent = [65_533, 65_534, 65_535, 0, 1, 2].map((number) => packet(number));
    const encrypted = sent.map((one) => sender.encrypt(one));
    for (const i of [0, 3, 1, 5, 2, 4]) expect(receiver.decrypt(encrypted[i] ?? Buffer.alloc(0))).toEqual(sent[i]);
  });

  it('encrypts a packet that is sent again to the same bytes, also after the numbers began anew', () => {
    const cipher = new SrtpCipher({ local: keys, remote: keys });
    const first = cipher.encrypt(packet(65_535));
    cipher.encrypt(packet(0));
    expect(cipher.encrypt(packet(65_535))).toEqual(first);
  });

  it('takes nothing that was changed on the way, and goes on', () => {
    const { cipher, peer } = ends();
    const { header, payload } = RtpPacket.deSerialize(packet(5));
    const datagram = peer.encrypt(payload, header);
    for (let at = 0; at < datagram.length; at++) {
      const changed = Buffer.from(datagram);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(cipher.decrypt(changed)).toBeUndefined();
    }
    expect(cipher.decrypt(datagram)).toEqual(packet(5));
  });

  it('takes no bytes whatever that nobody encrypted', () => {
    const { cipher } = ends();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => {
        expect(cipher.decrypt(Buffer.from(noise))).toBeUndefined();
        const rtp = Uint8Array.from(noise);
        rtp[0] = 0x90;
        expect(cipher.decrypt(Buffer.from(rtp))).toBeUndefined();
      }),
    );
  });
});
