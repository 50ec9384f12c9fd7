import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RtpDemultiplexer, type StreamFormat } from '../../../../bot/in-process/rtp-demultiplexer.ts';
import { writeRtpPacket } from '../../../../rtp/rtp-packet.ts';

const ann: StreamFormat = { ssrc: 2 ** 32 - 1, payloadType: 100, audioLevelId: undefined };
const bea: StreamFormat = { ssrc: 7, payloadType: 101, audioLevelId: undefined };

const packetOf = ({ ssrc, payloadType }: StreamFormat, payload = [1, 2]): Buffer =>
  writeRtpPacket({
    ssrc,
    payloadType,
    sequenceNumber: 5,
    timestamp: 960,
    marker: true,
    payload: Uint8Array.from(payload),
  });

/** Ann and Bea are received; the result tells whose packets have come. */
function receiving() {
  const streams = new RtpDemultiplexer();
  const came: string[] = [];
  const stopAnn = streams.add(ann, ({ payload }) => came.push(`ann ${[...payload]}`));
  streams.add(bea, ({ payload }) => came.push(`bea ${[...payload]}`));
  return { streams, came, stopAnn };
}

describe('a demultiplexer', () => {
  it('hands packets to the stream of their SSRC, until that ends', () => {
    const { streams, came, stopAnn } = receiving();
    streams.push(packetOf(ann));
    streams.push(packetOf(bea, [3]));
    stopAnn();
    streams.push(packetOf(ann));
    streams.push(packetOf(bea, [4]));
    expect(came).toEqual(['ann 1,2', 'bea 3', 'bea 4']);
  });

  it('keeps the later of two streams with one SSRC when the earlier ends', () => {
    const { streams, came, stopAnn } = receiving();
    streams.add(ann, () => came.push('again'));
    stopAnn();
    streams.push(packetOf(ann));
    expect(came).toEqual(['again']);
  });

  it.each([
    ['of another SSRC', packetOf({ ...ann, ssrc: 9 })],
    ['that are retransmissions, under another payload type', packetOf({ ...ann, payloadType: 102 })],
    ['that are probes, without a payload', packetOf(ann, [])],
    ['that are cut off', packetOf(ann).subarray(0, 11)],
  ])('drops packets %s', (_, packet) => {
    const { streams, came } = receiving();
    streams.push(packet);
    expect(came).toEqual([]);
  });

  it('drops RTCP, whatever its bytes', () => {
    const { streams, came } = receiving();
    const types = fc.integer({ min: 192, max: 223 });
    fc.assert(
      fc.property(types, fc.uint8Array({ maxLength: 60 }), (type, rest) => {
        const packet = Buffer.concat([packetOf(ann), rest]);
        packet[1] = type;
        streams.push(packet);
        expect(came).toEqual([]);
      }),
    );
  });
});
