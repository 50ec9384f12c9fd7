import { describe, expect, it } from 'vitest';
import { RetransmissionBuffer } from '../../../werift-handler/retransmission-buffer.ts';

const packet = (sequenceNumber: number) => ({ sequenceNumber, packet: Buffer.alloc(1) });

describe('RetransmissionBuffer', () => {
  const sentEvery20Ms = (count: number): RetransmissionBuffer => {
    const sent = new RetransmissionBuffer();
    for (let i = 0; i < count; i++) sent.push(packet(i), i * 20);
    return sent;
  };
  const numbers = (sent: RetransmissionBuffer, lost: number[], nowMs: number) =>
    sent.takeForRetransmission(lost, nowMs).map(({ sequenceNumber }) => sequenceNumber);

  it('keeps a packet for half a second', () => {
    const sent = sentEvery20Ms(40);
    expect(numbers(sent, [13, 14, 15, 39, 40], 780)).toEqual([14, 15, 39]);
    expect(numbers(sent, [14, 39], 1281)).toEqual([]);
  });

  it('finds packets behind the wrap of sequence numbers, whether or not the request wraps', () => {
    const sent = new RetransmissionBuffer();
    for (const number of [65_534, 65_535, 0, 1]) sent.push(packet(number), 0);
    expect(numbers(sent, [65_535, 65_536, 65_537], 10)).toEqual([65_535, 0, 1]);
  });

  it('retransmits a packet three times at most', () => {
    const sent = sentEvery20Ms(10);
    const times = Array.from({ length: 10 }, () => numbers(sent, [7, 7], 180).length);
    expect(times).toEqual([2, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
  });

  it('keeps a bounded number of packets, the newest', () => {
    const sent = new RetransmissionBuffer();
    for (let i = 0; i < 1000; i++) sent.push(packet(i), 0);
    const all = Array.from({ length: 1000 }, (_, i) => i);
    expect(numbers(sent, all, 0)).toEqual(all.slice(-128));
  });

  it('keeps the newest packet of a sequence number that is used again', () => {
    const sent = sentEvery20Ms(2);
    const newest = Buffer.of(7);
    sent.push({ sequenceNumber: 0, packet: newest }, 400);
    expect(sent.takeForRetransmission([0], 700)).toEqual([{ sequenceNumber: 0, packet: newest }]);
    expect(numbers(sent, [1], 700)).toEqual([]);
  });
});
