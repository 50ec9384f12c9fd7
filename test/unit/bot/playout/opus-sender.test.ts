import { beforeEach, describe, expect, it } from 'vitest';
import { createOpusDecoder, createOpusEncoder, type OpusEncoder } from '../../../../audio/opus-codec.ts';
import { VOICE_SAMPLE_RATE } from '../../../../audio/sample-rates.ts';
import { OpusSender } from '../../../../bot/playout/opus-sender.ts';
import { FakeClock } from '../../../../time/fake-clock.ts';
import { chunks, joined, pitch, tone } from '../../../support/sound.ts';

const TICKS_PER_MS = 48;

interface Sent {
  atMs: number;
  payload: Uint8Array;
  timestamp: number;
  marker: boolean;
}

/** A codec whose packets are the number of the frame: what is tested is when they leave. */
const numbering = (clock: FakeClock): OpusEncoder & { closed: number; encodedAtMs: number[] } => {
  let frames = 0;
  return {
    closed: 0,
    encodedAtMs: [],
    encode() {
      this.encodedAtMs.push(clock.now());
      return Uint8Array.from([frames++ & 0xff]);
    },
    close() {
      this.closed++;
    },
  };
};

class Bench {
  readonly clock = new FakeClock();
  readonly sent: Sent[] = [];
  readonly encoder = numbering(this.clock);
  /** How many frames there are to say. */
  frames = 0;
  asked = 0;
  readonly sender: OpusSender;

  constructor() {
    const write = (payload: Uint8Array, timestamp: number, marker: boolean) =>
      this.sent.push({ atMs: this.clock.now(), payload: Uint8Array.from(payload), timestamp, marker });
    this.sender = new OpusSender(this.encoder, { write }, this.clock, () => {
      this.asked++;
      return this.frames-- > 0 ? new Int16Array(480) : undefined;
    });
  }

  says(frames: number): void {
    this.frames = frames;
    this.sender.wake();
  }

  /** Where the timestamps of the packets stand on the clock, against the first. */
  get positionsMs(): number[] {
    const first = this.sent[0]?.timestamp ?? 0;
    return this.sent.map(({ timestamp }) => ((timestamp - first + 2 ** 32) % 2 ** 32) / TICKS_PER_MS);
  }
}

describe('OpusSender', () => {
  let bench: Bench;
  beforeEach(() => {
    bench = new Bench();
  });

  it('sends a packet every 20 ms with a timestamp 960 higher, the first one with the marker bit', () => {
    bench.says(50);
    bench.clock.advance(2000);
    expect(bench.sent).toHaveLength(50);
    expect(bench.sent.map(({ atMs }) => atMs)).toEqual(Array.from({ length: 50 }, (_, i) => i * 20));
    expect(bench.positionsMs).toEqual(Array.from({ length: 50 }, (_, i) => i * 20));
    expect(bench.sent.filter(({ marker }) => marker)).toEqual([bench.sent[0]]);
  });

  it('sends nothing in silence, and sets no timer', () => {
    bench.says(10);
    bench.clock.advance(60_000);
    expect(bench.sent).toHaveLength(10);
    expect(bench.asked).toBe(11);
    expect(bench.clock.pending).toBe(0);
  });

  it('advances timestamps over silence and sets the marker bit of the first packet after it', () => {
    bench.says(10);
    bench.clock.advance(12_345);
    bench.says(10);
    bench.clock.advance(1000);
    const after = bench.sent[10];
    expect(after?.marker).toBe(true);
    expect(bench.sent.filter(({ marker }) => marker)).toHaveLength(2);
    expect(bench.positionsMs[10]).toBe(after?.atMs);
  });

  it('keeps its pace when it is woken while it sends, or twice', () => {
    bench.says(100);
    for (let i = 0; i < 100; i++) {
      bench.sender.wake();
      bench.sender.wake();
      bench.clock.advance(7);
    }
    bench.clock.advance(5000);
    expect(bench.sent.map(({ atMs }) => atMs)).toEqual(Array.from({ length: 100 }, (_, i) => i * 20));
  });

  it('does not drift in an hour', () => {
    const frames = 3600 * 50;
    bench.says(frames);
    bench.clock.advance(3_600_000);
    expect(bench.sent).toHaveLength(frames);
    expect(bench.sent.at(-1)?.atMs).toBe((frames - 1) * 20);
    expect(bench.positionsMs.at(-1)).toBe((frames - 1) * 20);
  });

  it('does not drift if every timer is late', () => {
    bench.says(500);
    for (let i = 0; i < 500; i++) {
      bench.clock.advance(17);
      bench.clock.stall(3);
    }
    bench.clock.advance(100);
    bench.sent.forEach(({ atMs }, i) => {
      expect(atMs - (bench.positionsMs[i] ?? 0)).toBeLessThanOrEqual(20);
    });
    expect(bench.sent).toHaveLength(500);
  });

  it.each([150, 1000, 30_000])('skips the packets that a stall of %i ms missed, without a burst', (stallMs) => {
    bench.says(1_000_000);
    bench.clock.advance(1000);
    const before = bench.sent.length;
    bench.clock.stall(stallMs);
    const resumedAt = bench.clock.now();
    bench.clock.advance(200);
    const after = bench.sent.slice(before);
    expect(after.filter(({ atMs }) => atMs === resumedAt).length).toBeLessThanOrEqual(2);
    expect(after.length).toBeLessThanOrEqual(12);
    after.forEach(({ atMs }, i) => {
      const late = atMs - (bench.positionsMs[before + i] ?? 0);
      expect(late).toBeGreaterThanOrEqual(0);
      expect(late).toBeLessThanOrEqual(20);
    });
  });

  it('encodes each packet 20 ms before it is due, and none earlier', () => {
    bench.says(50);
    bench.clock.advance(2000);
    bench.says(50);
    bench.clock.advance(2000);
    const leads = bench.sent.map(({ atMs }, i) => atMs - (bench.encoder.encodedAtMs[i] ?? 0));
    expect(bench.encoder.encodedAtMs).toHaveLength(100);
    expect(leads.filter((lead) => lead !== 20)).toEqual([0, 0]);
  });

  it('sets the marker bit of packets that do not follow another one, and of no others', () => {
    bench.says(1_000_000);
    bench.clock.advance(1010);
    bench.clock.stall(500);
    bench.clock.advance(1000);
    const marked = bench.sent.flatMap(({ marker, atMs }) => (marker ? [atMs] : []));
    expect(marked).toEqual([0, 1510]);
  });

  it('continues without a gap if there is more sound before the next packet is due', () => {
    bench.says(10);
    bench.clock.advance(185);
    bench.says(10);
    bench.clock.advance(1000);
    expect(bench.positionsMs).toEqual(Array.from({ length: 20 }, (_, i) => i * 20));
    expect(bench.sent.filter(({ marker }) => marker)).toHaveLength(1);
  });

  it('catches up after a stall of up to 100 ms', () => {
    bench.says(100);
    bench.clock.advance(190);
    bench.clock.stall(80);
    bench.clock.advance(5000);
    expect(bench.positionsMs).toEqual(Array.from({ length: 100 }, (_, i) => i * 20));
  });

  it('starts each stream at a random timestamp', () => {
    const starts = new Set<number | undefined>();
    for (let i = 0; i < 20; i++) {
      const another = new Bench();
      another.says(1);
      another.clock.advance(20);
      starts.add(another.sent[0]?.timestamp);
    }
    expect(starts.size).toBe(20);
  });

  it('wraps timestamps at 32 bits', () => {
    bench.says(2);
    bench.clock.advance(100);
    bench.clock.advance(26 * 3_600_000);
    bench.says(2);
    bench.clock.advance(100);
    for (const { timestamp } of bench.sent) {
      expect(Number.isInteger(timestamp)).toBe(true);
      expect(timestamp).toBeGreaterThanOrEqual(0);
      expect(timestamp).toBeLessThan(2 ** 32);
    }
    // More than the 24.8 hours after which 32 bits wrap.
    expect(bench.positionsMs[2]).toBeCloseTo((bench.sent[2]?.atMs ?? 0) % (2 ** 32 / TICKS_PER_MS));
  });

  it('sends nothing once it is closed, and frees the encoder once', () => {
    bench.says(100);
    bench.clock.advance(500);
    const { length } = bench.sent;
    bench.sender.close();
    bench.sender.close();
    bench.sender.wake();
    bench.clock.advance(5000);
    expect(bench.sent).toHaveLength(length);
    expect(bench.encoder.closed).toBe(1);
    expect(bench.clock.pending).toBe(0);
  });

  it('sends the sound that it is given', async () => {
    const clock = new FakeClock();
    const packets: Uint8Array[] = [];
    const frames = chunks(tone(330, 1000, VOICE_SAMPLE_RATE), 480);
    const sink = { write: (payload: Uint8Array) => packets.push(Uint8Array.from(payload)) };
    const sender = new OpusSender(await createOpusEncoder(), sink, clock, () => frames.next().value ?? undefined);
    sender.wake();
    clock.advance(1100);
    sender.close();
    const decoder = await createOpusDecoder();
    const heard = joined(packets.map((packet) => decoder.decode(packet)));
    decoder.close();
    expect(heard.length).toBe(16_000);
    expect(pitch(heard.subarray(4000), 16_000)).toBeCloseTo(330, -1);
  });
});
