import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RtcpReceiverInfo, RtcpRrPacket, RtcpSrPacket } from 'werift';
import { ntpTime, ReceiverStatistics, SenderStatistics } from '../../../werift-handler/rtcp-statistics.ts';

const SSRC = 0xdecade01;
const FRAME = 960;

/** Packets of 20 ms each from `first` on, those in `missing` (counted from 0) never sent, each arriving on time. */
function stream(count: number, first: number, missing: ReadonlySet<number> = new Set()): ReceiverStatistics {
  const statistics = new ReceiverStatistics(48_000);
  for (let i = 0; i < count; i++) {
    if (!missing.has(i)) statistics.addPacket((first + i) & 0xffff, (i * FRAME) >>> 0, i * 20);
  }
  return statistics;
}

describe('ntpTime', () => {
  it('counts seconds since 1900 and a 32-bit fraction', () => {
    expect(ntpTime(0)).toBe(2_208_988_800n << 32n);
    expect(ntpTime(500) & 0xffff_ffffn).toBe(0x8000_0000n);
    expect(ntpTime(1_785_000_000_250) >> 32n).toBe(2_208_988_800n + 1_785_000_000n);
    expect(ntpTime(1_785_000_000_250) & 0xffff_ffffn).toBe(0x4000_0000n);
  });

  it('never decreases', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4e12 }), fc.integer({ min: 1, max: 5000 }), (ms, later) => {
        expect(ntpTime(ms + later)).toBeGreaterThan(ntpTime(ms));
      }),
    );
  });
});

describe('ReceiverStatistics', () => {
  it('reports no loss and no jitter for a stream that arrives completely and on time', () => {
    const report = stream(500, 100).createReport(SSRC, 10_000);
    expect(report).toMatchObject({ ssrc: SSRC, fractionLost: 0, packetsLost: 0, highestSequence: 599, jitter: 0 });
  });

  it('counts the wrap of sequence numbers as a cycle, not as a loss', () => {
    const report = stream(500, 65_500).createReport(SSRC, 10_000);
    expect(report).toMatchObject({ packetsLost: 0, highestSequence: 65_536 + ((65_500 + 499) & 0xffff) });
  });

  it('counts every loss, wherever sequence numbers wrap', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 65_535 }),
        fc.uniqueArray(fc.integer({ min: 1, max: 298 }), { maxLength: 200 }),
        (first, missing) => {
          const statistics = stream(300, first, new Set(missing));
          expect(statistics.packetsLost).toBe(missing.length);
          const report = statistics.createReport(SSRC, 6000);
          expect(report.packetsLost).toBe(missing.length);
          expect(report.fractionLost).toBe(Math.floor((missing.length * 256) / 300));
        },
      ),
    );
  });

  it('reports the fraction lost since the last report, and the total since the start', () => {
    const statistics = stream(100, 0, new Set(Array.from({ length: 25 }, (_, i) => 4 * i + 1)));
    expect(statistics.createReport(SSRC, 2000)).toMatchObject({ fractionLost: 64, packetsLost: 25 });
    for (let i = 100; i < 200; i++) statistics.addPacket(i, i * FRAME, i * 20);
    expect(statistics.createReport(SSRC, 4000)).toMatchObject({ fractionLost: 0, packetsLost: 25 });
  });

  it('does not count a late packet as a cycle, on either side of the wrap', () => {
    const statistics = new ReceiverStatistics(48_000);
    for (const sequence of [65_534, 0, 65_535, 1]) statistics.addPacket(sequence, 0, 0);
    expect(statistics.createReport(SSRC, 0)).toMatchObject({
      packetsLost: 0,
      fractionLost: 0,
      highestSequence: 65_537,
    });
  });

  it('reports no negative loss if packets arrive twice', () => {
    const statistics = stream(10, 0);
    for (let i = 0; i < 10; i++) statistics.addPacket(i, i * FRAME, 200 + i);
    expect(statistics.createReport(SSRC, 400)).toMatchObject({ packetsLost: 0, fractionLost: 0 });
  });

  it('smooths jitter as RFC 3550 A.8 does', () => {
    const statistics = new ReceiverStatistics(48_000);
    const arrivals = [0, 27, 38, 71, 80, 119, 120];
    let expected = 0;
    arrivals.forEach((arrival, i) => {
      statistics.addPacket(i, i * FRAME, arrival);
      const before = arrivals[i - 1];
      if (before !== undefined) expected += (Math.abs((arrival - before) * 48 - FRAME) - expected) / 16;
    });
    expect(statistics.createReport(SSRC, 140).jitter).toBe(Math.floor(expected));
  });

  it('reports no jitter where timestamps wrap, nor after hours', () => {
    for (const beginMs of [0, 10 * 3_600_000]) {
      const statistics = new ReceiverStatistics(48_000);
      for (let i = 0; i < 100; i++)
        statistics.addPacket(i, (2 ** 32 - 50 * FRAME + i * FRAME) % 2 ** 32, beginMs + i * 20);
      expect(statistics.createReport(SSRC, beginMs + 2000).jitter).toBe(0);
    }
  });

  it('reports the time since the last sender report in units of 1/65536 s', () => {
    const statistics = stream(10, 0);
    expect(statistics.createReport(SSRC, 200)).toMatchObject({ lsr: 0, dlsr: 0 });
    statistics.addSenderReport(0x1122_3344_5566_7788n, 1000);
    expect(statistics.createReport(SSRC, 2500)).toMatchObject({ lsr: 0x3344_5566, dlsr: 1.5 * 65_536 });
  });

  it('is active only if packets arrived since the last report', () => {
    const statistics = stream(3, 0);
    expect(statistics.isActive).toBe(true);
    statistics.createReport(SSRC, 60);
    expect(statistics.isActive).toBe(false);
  });

  it('fits its fields into a report on the wire', () => {
    const statistics = stream(300, 65_400, new Set([3, 4, 5]));
    statistics.addSenderReport(0xffff_ffff_ffff_ffffn, 0);
    const report = statistics.createReport(SSRC, 6000);
    const bytes = new RtcpRrPacket({ ssrc: 1, reports: [report] }).serialize();
    const [parsed] = RtcpRrPacket.deSerialize(bytes.subarray(4), 1).reports;
    expect(parsed).toEqual(new RtcpReceiverInfo(report));
  });
});

describe('SenderStatistics', () => {
  it('reports the same instant in wall-clock time and in RTP time', () => {
    const statistics = new SenderStatistics(48_000);
    statistics.addPacket(80, 4_294_960_000, 1000);
    statistics.addPacket(90, 4_294_960_960, 1020);
    const [report, description] = statistics.createReport(SSRC, 'cname', 1520, 1_785_000_000_000);
    expect(report.ssrc).toBe(SSRC);
    expect(report.senderInfo).toMatchObject({
      ntpTimestamp: ntpTime(1_785_000_000_000),
      // Half a second after its last packet, over the wrap.
      rtpTimestamp: (4_294_960_960 + 24_000) % 2 ** 32,
      packetCount: 2,
      octetCount: 170,
    });
    expect(description.chunks[0]).toMatchObject({ source: SSRC, items: [{ type: 1, text: 'cname' }] });
  });

  it('is active only if packets were sent since the last report', () => {
    const statistics = new SenderStatistics(48_000);
    expect(statistics.isActive).toBe(false);
    statistics.addPacket(80, 0, 0);
    expect(statistics.isActive).toBe(true);
    statistics.createReport(SSRC, 'cname', 0, 0);
    expect(statistics.isActive).toBe(false);
    expect(statistics.packetsSent).toBe(1);
  });

  it('fits its fields into a report on the wire', () => {
    const statistics = new SenderStatistics(48_000);
    statistics.addPacket(80, 2 ** 32 - 1, 0);
    const [report] = statistics.createReport(SSRC, 'cname', 86_400_000, 1_785_000_000_123);
    const parsed = RtcpSrPacket.deSerialize(report.serialize().subarray(4), 0);
    expect(parsed.senderInfo).toEqual(report.senderInfo);
  });
});
