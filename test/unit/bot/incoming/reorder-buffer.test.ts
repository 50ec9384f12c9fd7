import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type OrderedPacket, ReorderBuffer } from '../../../../bot/incoming/reorder-buffer.ts';

interface Numbered {
  sequenceNumber: number;
  /** Its place in the stream, which does not wrap. */
  place: number;
}
const packet = (place: number): Numbered => ({ sequenceNumber: place & 0xffff, place });
const summary = (ordered: readonly OrderedPacket<Numbered>[]) =>
  ordered.map((item) => (item.type === 'packet' ? item.packet.place : `lost before ${item.nextPacket?.place}`));

const WAIT_MS = 60;

/** What leaves, and when, of packets that arrive at these times; the buffer is asked again at its deadlines. */
function play(arrivals: readonly { place: number; atMs: number }[]): { item: OrderedPacket<Numbered>; atMs: number }[] {
  const buffer = new ReorderBuffer<Numbered>();
  const left: { item: OrderedPacket<Numbered>; atMs: number }[] = [];
  const take = (items: OrderedPacket<Numbered>[], atMs: number) => left.push(...items.map((item) => ({ item, atMs })));
  for (const { place, atMs } of arrivals) {
    for (let due = buffer.deadline; due !== undefined && due <= atMs; due = buffer.deadline)
      take(buffer.release(due), due);
    take(buffer.push(packet(place), atMs), atMs);
  }
  for (let due = buffer.deadline; due !== undefined; due = buffer.deadline) take(buffer.release(due), due);
  return left;
}

/** A stream from anywhere in the numbers, of which some are lost, some doubled, all delayed by up to 150 ms. */
const network = fc
  .record({
    first: fc.integer({ min: 0, max: 65_535 }),
    fates: fc.array(
      fc.record({
        lost: fc.boolean(),
        doubled: fc.boolean(),
        delayMs: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(150) }),
        againMs: fc.nat(200),
      }),
      { minLength: 1, maxLength: 90 },
    ),
  })
  .map(({ first, fates }) =>
    fates
      .flatMap(({ lost, doubled, delayMs, againMs }, i) => {
        const place = first + i;
        const atMs = i * 20 + delayMs;
        if (lost && i > 0) return [];
        return doubled
          ? [
              { place, atMs },
              { place, atMs: atMs + againMs },
            ]
          : [{ place, atMs }];
      })
      .sort((a, b) => a.atMs - b.atMs),
  );

describe('ReorderBuffer', () => {
  it('passes packets in order at once, even where sequence numbers wrap', () => {
    const buffer = new ReorderBuffer<Numbered>();
    for (let place = 65_500; place < 65_600; place++) {
      expect(summary(buffer.push(packet(place), place * 20))).toEqual([place]);
    }
    expect(buffer.deadline).toBeUndefined();
  });

  it('puts two swapped packets back in order', () => {
    const buffer = new ReorderBuffer<Numbered>();
    buffer.push(packet(65_534), 0);
    expect(buffer.push(packet(65_536), 20)).toEqual([]);
    expect(summary(buffer.push(packet(65_535), 25))).toEqual([65_535, 65_536]);
  });

  it('gives up a gap after 60 ms and passes the packets behind it', () => {
    const buffer = new ReorderBuffer<Numbered>();
    buffer.push(packet(10), 0);
    buffer.push(packet(12), 40);
    expect(buffer.deadline).toBe(100);
    expect(buffer.release(99)).toEqual([]);
    expect(summary(buffer.release(100))).toEqual(['lost before 12', 12]);
    expect(buffer.deadline).toBeUndefined();
  });

  it('reports each lost packet of a longer gap, and the next packet only with the last one', () => {
    const buffer = new ReorderBuffer<Numbered>();
    buffer.push(packet(10), 0);
    buffer.push(packet(14), 80);
    const lost = 'lost before undefined';
    expect(summary(buffer.release(140))).toEqual([lost, lost, 'lost before 14', 14]);
  });

  it('waits for a second gap from the arrival of the packet behind it', () => {
    const buffer = new ReorderBuffer<Numbered>();
    buffer.push(packet(0), 0);
    buffer.push(packet(2), 40);
    buffer.push(packet(4), 80);
    expect(summary(buffer.release(100))).toEqual(['lost before 2', 2]);
    expect(buffer.deadline).toBe(140);
  });

  it('drops packets that arrive after they were counted as lost, or twice', () => {
    const buffer = new ReorderBuffer<Numbered>();
    buffer.push(packet(0), 0);
    buffer.push(packet(2), 40);
    buffer.release(100);
    expect(buffer.push(packet(1), 101)).toEqual([]);
    expect(buffer.push(packet(2), 102)).toEqual([]);
    expect(summary(buffer.push(packet(3), 103))).toEqual([3]);
  });

  it('restarts when sequence numbers jump, forwards or backwards', () => {
    const buffer = new ReorderBuffer<Numbered>();
    buffer.push(packet(100), 0);
    expect(summary(buffer.push(packet(40_000), 20))).toEqual([40_000]);
    expect(summary(buffer.push(packet(5), 40))).toEqual([5]);
    expect(summary(buffer.push(packet(6), 60))).toEqual([6]);
  });

  it('passes packets that wait behind a gap before a new stream starts', () => {
    const buffer = new ReorderBuffer<Numbered>();
    buffer.push(packet(100), 0);
    buffer.push(packet(102), 20);
    expect(summary(buffer.push(packet(40_000), 30))).toEqual(['lost before 102', 102, 40_000]);
  });

  it('holds 64 packets behind a gap, and gives the gap up for one more', () => {
    const buffer = new ReorderBuffer<Numbered>();
    buffer.push(packet(0), 0);
    for (let place = 2; place < 66; place++) expect(buffer.push(packet(place), 1)).toEqual([]);
    const left = summary(buffer.push(packet(66), 1));
    expect(left).toEqual(['lost before 2', ...Array.from({ length: 65 }, (_, i) => i + 2)]);
  });

  it('never passes a packet twice, out of order, or without reporting the losses before it', () => {
    fc.assert(
      fc.property(network, (arrivals) => {
        let expected: number | undefined;
        for (const { item } of play(arrivals)) {
          if (item.type === 'packet') {
            expected ??= item.packet.place;
            expect(item.packet.place).toBe(expected);
          }
          if (expected !== undefined) expected++;
        }
      }),
    );
  });

  it('never holds a packet longer than 60 ms', () => {
    fc.assert(
      fc.property(network, (arrivals) => {
        for (const { item, atMs } of play(arrivals)) {
          if (item.type === 'lost') continue;
          const arrived = arrivals.find(({ place }) => place === item.packet.place);
          expect(atMs - (arrived?.atMs ?? 0)).toBeLessThanOrEqual(WAIT_MS);
        }
      }),
    );
  });

  it('loses no packet that arrives within the wait', () => {
    fc.assert(
      fc.property(network, (arrivals) => {
        const out = new Set(play(arrivals).flatMap(({ item }) => (item.type === 'packet' ? [item.packet.place] : [])));
        const first = arrivals[0]?.place ?? 0;
        for (const { place, atMs } of arrivals) {
          if (place < first) continue;
          const waitedFor = arrivals.filter((other) => other.place > place && other.atMs <= atMs - WAIT_MS);
          if (waitedFor.length === 0) expect(out).toContain(place);
        }
      }),
    );
  });
});
