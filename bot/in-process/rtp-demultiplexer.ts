/**
 * Hands each datagram of a room's media socket to the stream to which it belongs, by its SSRC. What belongs to none is dropped: RTCP, to
 * which the interpreter has no answer, retransmissions, probes, and packets of streams that are not, or no longer, received. Pure.
 */
import type { ReceivedVideoPacket } from '../../rtp/received-packet.ts';
import { parseRtpPacket, synchronizationSourceOf } from '../../rtp/rtp-packet.ts';

/** How the packets of a stream are told from others, and read. */
export interface StreamFormat {
  ssrc: number;
  payloadType: number;
  /** The id of the audio level's header extension, where it was negotiated. */
  audioLevelId: number | undefined;
}

type OnPacket = (packet: ReceivedVideoPacket) => void;

export class RtpDemultiplexer {
  readonly #streams = new Map<number, { format: StreamFormat; onPacket: OnPacket }>();

  /** Starts to receive a stream. Returns a function that ends it. */
  add(format: StreamFormat, onPacket: OnPacket): () => void {
    const stream = { format, onPacket };
    this.#streams.set(format.ssrc, stream);
    return () => {
      if (this.#streams.get(format.ssrc) === stream) this.#streams.delete(format.ssrc);
    };
  }

  push(datagram: Buffer): void {
    const ssrc = synchronizationSourceOf(datagram);
    const stream = ssrc === undefined ? undefined : this.#streams.get(ssrc);
    if (!stream) return;
    const { format, onPacket } = stream;
    const packet = parseRtpPacket(datagram, format.audioLevelId);
    // Probes and padding carry nothing, and retransmissions come under another payload type.
    if (packet && packet.payload.length > 0 && packet.payloadType === format.payloadType) onPacket(packet);
  }
}
