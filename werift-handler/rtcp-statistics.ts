/**
 * Statistics of one RTP stream, received or sent, and the RTCP reports that are made of them (RFC 3550 §6.4, A.3 and A.8). No timers:
 * times are milliseconds that the caller passes in.
 */
import {
  RtcpReceiverInfo,
  RtcpSenderInfo,
  RtcpSourceDescriptionPacket,
  RtcpSrPacket,
  SourceDescriptionChunk,
  SourceDescriptionItem,
} from 'werift';

const CNAME = 1;
const SEQUENCES = 65_536;
const NTP_EPOCH_SECONDS = 2_208_988_800n;

/** Converts milliseconds since 1970 to an NTP timestamp: 32 bits of seconds since 1900, 32 bits of fraction. */
export function ntpTime(wallMs: number): bigint {
  const seconds = BigInt(Math.floor(wallMs / 1000)) + NTP_EPOCH_SECONDS;
  const fraction = BigInt(Math.floor((wallMs % 1000) * 4_294_967.296));
  return (seconds << 32n) | (fraction & 0xffff_ffffn);
}

/** Statistics of a received stream, for receiver reports. */
export class ReceiverStatistics {
  readonly #clockRate: number;
  #first: number | undefined;
  #highest = 0;
  #cycles = 0;
  #received = 0;
  #expectedBefore = 0;
  #receivedBefore = 0;
  #jitter = 0;
  #transit: number | undefined;
  #lastSenderReport = 0;
  #lastSenderReportAt = 0;

  constructor(clockRate: number) {
    this.#clockRate = clockRate;
  }

  addPacket(sequenceNumber: number, timestamp: number, nowMs: number): void {
    this.#received++;
    this.#trackJitter(timestamp, nowMs);
    if (this.#first === undefined) {
      this.#first = this.#highest = sequenceNumber;
      return;
    }
    const ahead = (sequenceNumber - this.#highest) & 0xffff;
    if (ahead === 0 || ahead >= SEQUENCES / 2) return;
    if (sequenceNumber < this.#highest) this.#cycles += SEQUENCES;
    this.#highest = sequenceNumber;
  }

  addSenderReport(ntpTimestamp: bigint, nowMs: number): void {
    this.#lastSenderReport = Number((ntpTimestamp >> 16n) & 0xffff_ffffn);
    this.#lastSenderReportAt = nowMs;
  }

  get packetsReceived(): number {
    return this.#received;
  }

  get packetsLost(): number {
    return Math.max(0, this.#expected() - this.#received);
  }

  /** Packets have arrived since the last report; a silent stream needs no report. */
  get isActive(): boolean {
    return this.#received > this.#receivedBefore;
  }

  /** Creates the report block of the interval since the last report. */
  createReport(ssrc: number, nowMs: number): RtcpReceiverInfo {
    const expected = this.#expected();
    const expectedNow = expected - this.#expectedBefore;
    const lostNow = expectedNow - (this.#received - this.#receivedBefore);
    this.#expectedBefore = expected;
    this.#receivedBefore = this.#received;
    return new RtcpReceiverInfo({
      ssrc,
      fractionLost: expectedNow > 0 && lostNow > 0 ? Math.min(255, Math.floor((lostNow * 256) / expectedNow)) : 0,
      packetsLost: Math.min(0x7f_ffff, this.packetsLost),
      highestSequence: (this.#cycles + this.#highest) >>> 0,
      jitter: Math.floor(this.#jitter) >>> 0,
      lsr: this.#lastSenderReport >>> 0,
      dlsr: this.#lastSenderReport === 0 ? 0 : Math.floor((nowMs - this.#lastSenderReportAt) * 65.536) >>> 0,
    });
  }

  #expected(): number {
    return this.#first === undefined ? 0 : this.#cycles + this.#highest - this.#first + 1;
  }

  #trackJitter(timestamp: number, nowMs: number): void {
    const transit = (Math.floor((nowMs * this.#clockRate) / 1000) - timestamp) | 0;
    if (this.#transit !== undefined) {
      const change = Math.min(Math.abs((transit - this.#transit) | 0), this.#clockRate);
      this.#jitter += (change - this.#jitter) / 16;
    }
    this.#transit = transit;
  }
}

/** Statistics of a sent stream, for sender reports. */
export class SenderStatistics {
  readonly #clockRate: number;
  #packets = 0;
  #octets = 0;
  #timestamp = 0;
  #timestampAt = 0;
  #packetsReported = 0;

  constructor(clockRate: number) {
    this.#clockRate = clockRate;
  }

  addPacket(octets: number, timestamp: number, nowMs: number): void {
    this.#packets++;
    this.#octets += octets;
    this.#timestamp = timestamp;
    this.#timestampAt = nowMs;
  }

  get packetsSent(): number {
    return this.#packets;
  }

  /** Packets were sent since the last report; a silent stream needs no report. */
  get isActive(): boolean {
    return this.#packets > this.#packetsReported;
  }

  /**
   * Creates a sender report with the CNAME. It gives the same instant in wall-clock time and in RTP time, by which receivers synchronise
   * streams.
   */
  createReport(
    ssrc: number,
    cname: string,
    nowMs: number,
    wallMs: number,
  ): [RtcpSrPacket, RtcpSourceDescriptionPacket] {
    this.#packetsReported = this.#packets;
    const elapsed = Math.round(((nowMs - this.#timestampAt) * this.#clockRate) / 1000);
    return [
      new RtcpSrPacket({
        ssrc,
        senderInfo: new RtcpSenderInfo({
          ntpTimestamp: ntpTime(wallMs),
          rtpTimestamp: (this.#timestamp + elapsed) >>> 0,
          packetCount: this.#packets >>> 0,
          octetCount: this.#octets >>> 0,
        }),
      }),
      new RtcpSourceDescriptionPacket({
        chunks: [
          new SourceDescriptionChunk({
            source: ssrc,
            items: [new SourceDescriptionItem({ type: CNAME, text: cname })],
          }),
        ],
      }),
    ];
  }
}
