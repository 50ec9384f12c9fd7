import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { isRtcp } from 'werift';
import { accepts } from '../../../werift-handler/datagram-filter.ts';
import { WeriftVictim } from '../../support/werift-victim.ts';

const hex = (...texts: string[]) => Buffer.from(texts.join('').replaceAll(' ', ''), 'hex');
const established = { fromPeer: true, established: true };
const handshaking = { fromPeer: true, established: false };

/** No payload type that is RTCP's, 1 as SSRC. */
const rtp = (first: string, ...rest: string[]) => hex(first, '6f 0001 00000001 00000001', ...rest);
const tag = '00'.repeat(16);
const dtls = (type: string, epoch: string, fragment: string) => {
  const bytes = hex(fragment);
  return Buffer.concat([hex(type, 'fefd', epoch, '000000000001', bytes.length.toString(16).padStart(4, '0')), bytes]);
};
const stun = (type: string, attributes = '') => {
  const bytes = hex(attributes);
  return Buffer.concat([hex(type, bytes.length.toString(16).padStart(4, '0'), '2112a442', '0b'.repeat(12)), bytes]);
};
const encryptedAlert = dtls('15', '0001', `0001${'5a'.repeat(24)}`);
const plainAlert = dtls('15', '0000', '0100');
const plainHandshake = dtls('16', '0000', `03 000003 0000 000000 000003 fefd00`);

/** An extension that is longer than the packet: werift's parser copies a growing list for each of 131,000 phantoms. */
const hangs = rtp('90', 'bede ffff 0102030405060708', tag);

describe('the datagram filter', () => {
  const whole: [string, Buffer][] = [
    ['RTP', rtp('80', 'f8fffe', tag)],
    ['RTP with two CSRC', rtp('82', '00000002 00000003', 'f8fffe', tag)],
    ['RTP with a one-byte extension', rtp('90', 'bede 0001 10aa0000', 'f8fffe', tag)],
    ['RTP with a two-byte extension', rtp('90', '1000 0001 0101aa00', 'f8fffe', tag)],
    ['RTP with an empty extension', rtp('90', 'bede 0000', 'f8fffe', tag)],
    ['RTP with padding', rtp('a0', 'f8fffe', tag)],
    ['SRTCP', hex('81 c9 0007 00000001', '00'.repeat(24), '80000001', tag)],
    ['a DTLS record of application data', dtls('17', '0001', '00'.repeat(40))],
    ['two DTLS records', Buffer.concat([dtls('17', '0001', '00'.repeat(30)), dtls('16', '0001', '00'.repeat(30))])],
    ['an encrypted alert', encryptedAlert],
    ['a STUN success', stun('0101', '0020 0008 0001aaaa bbbbbbbb')],
    ['a STUN error', stun('0111', '0009 0004 00000457')],
  ];
  it.each(whole)('accepts %s from the peer', (_, packet) => {
    expect(accepts(packet, established)).toBe(true);
  });

  it.each(whole)('drops %s from anybody else', (_, packet) => {
    expect(accepts(packet, { fromPeer: false, established: true })).toBe(false);
    expect(accepts(packet, { fromPeer: false, established: false })).toBe(false);
  });

  it.each<[string, Buffer]>([
    ['a handshake message', plainHandshake],
    ['an alert that refuses the handshake', dtls('15', '0000', '0228')],
    ['a change of cipher', dtls('14', '0000', '01')],
    ['a flight of several', Buffer.concat([plainHandshake, plainHandshake, dtls('14', '0000', '01')])],
  ])('accepts %s until the handshake is over, and drops it after that', (_, packet) => {
    expect(accepts(packet, handshaking)).toBe(true);
    expect(accepts(packet, established)).toBe(false);
  });

  it.each<[string, Buffer]>([
    ['nothing', hex('')],
    ['one byte', hex('80')],
    ['noise of an unassigned kind', Buffer.alloc(200, 0x7f)],
    ['RTP that ends in its header', rtp('80').subarray(0, 11)],
    ['RTP without room for its tag', rtp('80', '0000')],
    ['RTP that ends in its CSRC list', rtp('8f', '00000001', tag)],
    ['RTP that ends before its extension', rtp('90')],
    ['RTP whose extension is longer than the packet', hangs],
    ['RTP whose extension reaches into its tag', rtp('90', 'bede 0003', '10aa0000', '00'.repeat(10))],
    ['RTP longer than any that the server sends', Buffer.concat([rtp('80'), Buffer.alloc(1489)])],
    ['SRTCP shorter than its tag and index', hex('81 c9 0001 00000001 80000001', '00'.repeat(9))],
    ['STUN without the cookie', hex('0101 0000 21120000', '0b'.repeat(12))],
    ['STUN with a wrong length', Buffer.concat([stun('0101'), hex('00000000')])],
    ['STUN that ends in its header', stun('0101').subarray(0, 19)],
    ['a STUN request, which the server never sends', stun('0001')],
    ['a STUN indication', stun('0011')],
    ['a DTLS record longer than the datagram', dtls('17', '0001', '00'.repeat(40)).subarray(0, 50)],
    ['a DTLS header cut short', dtls('17', '0001', '').subarray(0, 12)],
    ['DTLS of an unknown type, which would close the session', dtls('18', '0001', '00'.repeat(30))],
    ['an unencrypted alert', plainAlert],
    ['an unencrypted alert behind a whole record', Buffer.concat([dtls('17', '0001', '00'.repeat(30)), plainAlert])],
    ['an alert that claims to be encrypted and is not', dtls('15', '0001', '0100')],
    ['the rest of a record behind a whole one', Buffer.concat([encryptedAlert, hex('17fefd')])],
  ])('drops %s', (_, packet) => {
    expect(accepts(packet, established)).toBe(false);
  });

  it('checks as RTP everything that werift parses as RTP, whatever its payload type', () => {
    for (let second = 0; second < 256; second++) {
      const packet = Buffer.from(hangs);
      packet[1] = second;
      expect(accepts(packet, established)).toBe(isRtcp(packet));
    }
  });
});

describe('werift behind the datagram filter', () => {
  const victim = new WeriftVictim();
  afterAll(() => victim.close());

  it('hangs on the packet that the filter drops', async () => {
    expect(await victim.take([hangs], 1500)).toBe('hangs');
  });

  it('is closed by one unencrypted alert, one that is not really encrypted, and one of an unknown type', async () => {
    for (const packet of [plainAlert, dtls('15', '0001', '0100'), dtls('18', '0001', '00')]) {
      expect(await victim.take([packet])).toMatchObject({ broken: 'closed' });
    }
  });

  const bytes = (maxLength: number) => fc.uint8Array({ maxLength }).map((array) => Buffer.from(array));
  const length = fc.oneof(fc.nat(8), fc.nat(0xffff));
  const u16 = (value: number) => hex(value.toString(16).padStart(4, '0'));

  /** Nearly right RTP and RTCP: any flags, counts, types and lengths, a body that may be shorter or longer. */
  const media = fc
    .record({
      first: fc.integer({ min: 128, max: 191 }),
      second: fc.nat(255),
      profile: fc.oneof(fc.constantFrom(0xbede, 0x1000), fc.nat(0xffff)),
      length,
      filler: fc.nat(255),
      body: fc.oneof(bytes(1600), fc.nat(1600)),
    })
    .map(({ first, second, profile, length, filler, body }) =>
      Buffer.concat([
        hex(first.toString(16), second.toString(16).padStart(2, '0'), '0001 00000001 00000001'),
        Buffer.alloc(4 * (first & 0x0f)),
        u16(profile),
        u16(length),
        typeof body === 'number' ? Buffer.alloc(body, filler) : body,
      ]),
    );
  const record = fc
    .record({
      type: fc.oneof(fc.integer({ min: 20, max: 23 }), fc.integer({ min: 20, max: 63 })),
      epoch: fc.constantFrom(0, 1, 2, 0xffff),
      message: fc.nat(24),
      body: bytes(200),
      slip: fc.oneof(
        { weight: 8, arbitrary: fc.constant(0) },
        { weight: 1, arbitrary: fc.integer({ min: -5, max: 5 }) },
      ),
    })
    .map(({ type, epoch, message, body, slip }) => {
      const size = body.length.toString(16).padStart(6, '0');
      const fragment =
        type === 22
          ? Buffer.concat([hex(message.toString(16).padStart(2, '0'), size, '0000', '000000', size), body])
          : body;
      const length = Math.max(0, fragment.length + slip);
      return Buffer.concat([Buffer.from([type, 0xfe, 0xfd]), u16(epoch), Buffer.alloc(6), u16(length), fragment]);
    });
  const datagram = fc.array(record, { minLength: 1, maxLength: 5 }).map((records) => Buffer.concat(records));
  const attribute = fc
    .record({
      type: fc.oneof(fc.constantFrom(0x01, 0x06, 0x08, 0x09, 0x20, 0x24, 0x25, 0x8028, 0x8029, 0x802a), fc.nat(0xffff)),
      value: bytes(60),
      length: fc.option(length),
    })
    .map(({ type, value, length }) =>
      Buffer.concat([u16(type), u16(length ?? value.length), value, Buffer.alloc((4 - (value.length % 4)) % 4)]),
    );
  const stunMessage = fc
    .record({
      type: fc.constantFrom(0x0101, 0x0111, 0x0115, 0x0001),
      attributes: fc.array(attribute, { maxLength: 12 }),
    })
    .map(({ type, attributes }) => {
      const body = Buffer.concat(attributes);
      return Buffer.concat([u16(type), u16(body.length), hex('2112a442'), Buffer.alloc(12, 7), body]);
    });

  it.each<[string, fc.Arbitrary<Buffer>, number]>([
    ['RTP and RTCP', media, 0.02],
    ['DTLS', datagram, 0.01],
    ['STUN', stunMessage, 0.1],
  ])('handles every accepted datagram of nearly valid %s quickly, and survives', async (_, arbitrary, leastShare) => {
    let offered = 0;
    let passed = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(arbitrary, { minLength: 50, maxLength: 200 }), async (packets) => {
        const admitted = packets.filter((packet) => accepts(packet, established));
        offered += packets.length;
        passed += admitted.length;
        const outcome = await victim.take(admitted, 5000);
        expect(outcome).toMatchObject({ broken: undefined });
        if (outcome !== 'hangs') expect(outcome.slowestMs).toBeLessThan(200);
      }),
      // Shrinking what hangs would take minutes.
      { numRuns: 50, endOnFailure: true },
    );
    // Where nothing passes nothing is proved.
    expect(passed / offered).toBeGreaterThan(leastShare);
  });

  it('handles the longest accepted header extension quickly', async () => {
    const words = Math.floor((1500 - 16 - 16) / 4);
    const packet = Buffer.concat([rtp('90', 'bede'), u16(words), Buffer.alloc(words * 4, 0x10), Buffer.alloc(16)]);
    expect(accepts(packet, established)).toBe(true);
    await victim.take([packet]);
    const outcome = await victim.take([packet]);
    expect(outcome).not.toBe('hangs');
    if (outcome !== 'hangs') expect(outcome.slowestMs).toBeLessThan(200);
  });
});
