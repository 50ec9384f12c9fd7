/**
 * Assembles the next complete key frame of a video from its RTP packets, which may arrive in any order and more than once.
 *
 * Bounded: at most 1024 packets (1.5 MB) of at most 6 frames are held. Beyond that the oldest frame is given up; frames that are not
 * known to be key frames go first.
 */

import { BoundedSet } from '../../../collections/bounded-map.ts';
import type { ReceivedVideoPacket } from '../../../rtp/received-packet.ts';
import { sequenceDistance } from '../../../rtp/sequence-number.ts';
import { av1 } from './av1.ts';
import { h264 } from './h264.ts';
import type { KeyFrame, PayloadFormat, VideoCodec } from './key-frame.ts';
import { vp8 } from './vp8.ts';
import { vp9 } from './vp9.ts';

const payloadFormats: Record<VideoCodec, PayloadFormat> = { vp8, vp9, h264, av1 };

const MAX_PACKETS = 1024;
const MAX_FRAMES = 6;
/** How many timestamps are remembered of frames that are finished or unwanted, so that late packets of them are not held again. */
const MAX_IGNORED_TIMESTAMPS = 16;

/** A frame of which not all packets have arrived. */
interface PartialFrame {
  payloads: Map<number, Buffer>;
  first: number | undefined;
  last: number | undefined;
}

export type VideoPacket = Pick<ReceivedVideoPacket, 'sequenceNumber' | 'timestamp' | 'marker' | 'payload'>;

export class FrameAssembler {
  readonly #codec: VideoCodec;
  /** Incomplete frames by RTP timestamp, oldest first. */
  readonly #frames = new Map<number, PartialFrame>();
  readonly #ignored = new BoundedSet<number>(MAX_IGNORED_TIMESTAMPS);
  #packetCount = 0;

  constructor(codec: VideoCodec) {
    this.#codec = codec;
  }

  /** Packets that are held. */
  get heldPackets(): number {
    return this.#packetCount;
  }

  /** Takes a packet, and returns the key frame that it completes. */
  push({ sequenceNumber, timestamp, marker, payload }: VideoPacket): KeyFrame | undefined {
    if (this.#ignored.has(timestamp)) return undefined;
    const { begins, ends } = payloadFormats[this.#codec].inspect(payload);
    if (begins === 'delta') {
      this.#ignore(timestamp);
      return undefined;
    }
    const frame = this.#frameAt(timestamp);
    if (!frame.payloads.has(sequenceNumber)) this.#packetCount++;
    frame.payloads.set(sequenceNumber, payload);
    if (begins === 'key') frame.first ??= sequenceNumber;
    if (ends) frame.last = sequenceNumber;
    else if (marker) frame.last ??= sequenceNumber;
    this.#keepWithinBounds();
    return this.#completed(timestamp, frame);
  }

  #frameAt(timestamp: number): PartialFrame {
    const known = this.#frames.get(timestamp);
    if (known) return known;
    const frame: PartialFrame = { payloads: new Map(), first: undefined, last: undefined };
    this.#frames.set(timestamp, frame);
    return frame;
  }

  #completed(timestamp: number, { payloads, first, last }: PartialFrame): KeyFrame | undefined {
    if (first === undefined || last === undefined) return undefined;
    const count = sequenceDistance(first, last) + 1;
    if (count < 1 || payloads.size < count) return undefined;
    const inOrder: Buffer[] = [];
    for (let i = 0; i < count; i++) {
      const payload = payloads.get((first + i) & 0xffff);
      if (!payload) return undefined;
      inOrder.push(payload);
    }
    this.#ignore(timestamp);
    const joined = payloadFormats[this.#codec].depacketize(inOrder);
    return joined && { codec: this.#codec, ...joined };
  }

  #keepWithinBounds(): void {
    while (this.#packetCount > MAX_PACKETS || this.#frames.size > MAX_FRAMES) {
      const timestamps = [...this.#frames.keys()];
      const unknown = timestamps.find((timestamp) => this.#frames.get(timestamp)?.first === undefined);
      const oldest = unknown ?? timestamps[0];
      if (oldest === undefined) return;
      this.#ignore(oldest);
    }
  }

  #ignore(timestamp: number): void {
    this.#packetCount -= this.#frames.get(timestamp)?.payloads.size ?? 0;
    this.#frames.delete(timestamp);
    this.#ignored.add(timestamp);
  }
}
