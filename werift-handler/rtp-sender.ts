/** Sends one RTP stream: puts RTP headers on the payloads of the track, keeps its statistics, and retransmits lost packets. */
import { randomInt } from 'node:crypto';
import { type HeaderExtension, writeHeaderExtensions, writeRtpPacket } from '../rtp/rtp-packet.ts';
import { nextSequenceNumber } from '../rtp/sequence-number.ts';
import type { OutgoingTrack } from './media-track.ts';
import { RetransmissionBuffer } from './retransmission-buffer.ts';
import { SenderStatistics } from './rtcp-statistics.ts';

interface RtpSenderOptions {
  ssrc: number;
  payloadType: number;
  clockRate: number;
  extensions: HeaderExtension[];
  /** Packets are dropped where the transport does not send. */
  isSending(): boolean;
  sendRtp(packet: Buffer): void;
}

export class RtpSender {
  readonly statistics: SenderStatistics;
  paused = false;
  /** Packets sent again after a NACK. */
  retransmittedPackets = 0;
  readonly #options: RtpSenderOptions;
  readonly #extensions: Buffer;
  readonly #retransmissionBuffer = new RetransmissionBuffer();
  #nextSequenceNumber = randomInt(0x8000);
  #track: OutgoingTrack | undefined;

  constructor(options: RtpSenderOptions) {
    this.#options = options;
    this.#extensions = writeHeaderExtensions(options.extensions);
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
      if (!this.paused && this.#options.isSending()) this.#send(payload, timestamp, marker);
    });
  }

  /** Retransmits the packets that a receiver reports lost, as far as they are still kept. */
  retransmit(lost: readonly number[], nowMs: number): void {
    for (const { packet } of this.#retransmissionBuffer.takeForRetransmission(lost, nowMs)) {
      this.retransmittedPackets++;
      // The packet is the same byte for byte: other content under the same sequence number would reveal SRTP key material.
      this.#options.sendRtp(packet);
    }
  }

  #send(payload: Uint8Array, timestamp: number, marker: boolean): void {
    const { ssrc, payloadType } = this.#options;
    const sequenceNumber = this.#nextSequenceNumber;
    this.#nextSequenceNumber = nextSequenceNumber(sequenceNumber);
    const fields = { ssrc, payloadType, sequenceNumber, timestamp, marker, payload };
    const packet = writeRtpPacket(fields, this.#extensions);
    const now = performance.now();
    this.statistics.addPacket(payload.length, timestamp, now);
    this.#retransmissionBuffer.push({ sequenceNumber, packet }, now);
    this.#options.sendRtp(packet);
  }
}
