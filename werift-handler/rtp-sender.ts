/** Sends one RTP stream: puts RTP headers on the payloads of the track, keeps its statistics, and retransmits lost packets. */
import { randomInt } from 'node:crypto';
import { RtpHeader } from 'werift';
import { nextSequenceNumber } from '../rtp/sequence-number.ts';
import type { OutgoingTrack } from './media-track.ts';
import { RetransmissionBuffer, type SentPacket } from './retransmission-buffer.ts';
import { SenderStatistics } from './rtcp-statistics.ts';

const ONE_BYTE_EXTENSIONS = 0xbede;

interface RtpSenderOptions {
  ssrc: number;
  payloadType: number;
  clockRate: number;
  extensions: { id: number; payload: Buffer }[];
  /** Packets are dropped where the transport does not send. */
  isSending(): boolean;
  sendRtp(payload: Buffer, header: RtpHeader): void;
}

export class RtpSender {
  readonly statistics: SenderStatistics;
  paused = false;
  /** Packets sent again after a NACK. */
  retransmittedPackets = 0;
  readonly #options: RtpSenderOptions;
  readonly #retransmissionBuffer = new RetransmissionBuffer();
  #nextSequenceNumber = randomInt(0x8000);
  #track: OutgoingTrack | undefined;

  constructor(options: RtpSenderOptions) {
    this.#options = options;
    this.statistics = new SenderStatistics(options.clockRate);
  }

  get ssrc(): number {
    return this.#options.ssrc;
  }

  /** Sends the packets of this track from now on, instead of those of the track before. */
  bind(track: OutgoingTrack | undefined): void {
    this.#track?.bind(undefined);
    this.#track = track;
    track?.bind((payload, timestamp, marker) => {
      if (!this.paused && this.#options.isSending()) this.#send(Buffer.from(payload), timestamp, marker);
    });
  }

  /** Retransmits the packets that a receiver reports lost, as far as they are still kept. */
  retransmit(lost: readonly number[], nowMs: number): void {
    for (const packet of this.#retransmissionBuffer.takeForRetransmission(lost, nowMs)) {
      this.retransmittedPackets++;
      // The packet is the same byte for byte: other content under the same sequence number would reveal SRTP key material.
      this.#options.sendRtp(packet.payload, this.#header(packet));
    }
  }

  #send(payload: Buffer, timestamp: number, marker: boolean): void {
    const packet = { sequenceNumber: this.#nextSequenceNumber, timestamp, marker, payload };
    this.#nextSequenceNumber = nextSequenceNumber(this.#nextSequenceNumber);
    const now = performance.now();
    this.statistics.addPacket(payload.length, timestamp, now);
    this.#retransmissionBuffer.push(packet, now);
    this.#options.sendRtp(payload, this.#header(packet));
  }

  #header({ sequenceNumber, timestamp, marker }: SentPacket): RtpHeader {
    const { ssrc, payloadType, extensions } = this.#options;
    return new RtpHeader({
      ssrc,
      payloadType,
      sequenceNumber,
      timestamp,
      marker,
      extension: extensions.length > 0,
      extensionProfile: ONE_BYTE_EXTENSIONS,
      extensions,
    });
  }
}
