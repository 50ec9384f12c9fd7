/**
 * RTP packets of a video, in any order, some of them twice → its next complete key frame.
 *
 * Bounded whatever comes: at most `MAX_PACKETS` packets (1.5 MB) of at most `MAX_PICTURES` pictures are held. A picture that does not end within
 * that is given up; of more pictures than that the oldest go, those first that have not shown to be key frames.
 */

import type { ReceivedVideoPacket } from '../../webrtc/media-track.ts';
import { sequenceDistance } from '../../webrtc/sequence-number.ts';
import type { KeyFrame, VideoCodec } from './key-frame.ts';
import { payloadFormats } from './payload-formats.ts';

const MAX_PACKETS = 1024;
const MAX_FRAMES = 6;
/** Timestamps that are remembered, so that packets of pictures which are not wanted are not held again. */
const MAX_IGNORED_TIMESTAMPS = 16;

interface PartialFrame {
  payloads: Map<number, Buffer>;
  first: number | undefined;
  last: number | undefined;
}

export type VideoPacket = Pick<ReceivedVideoPacket, 'sequenceNumber' | 'timestamp' | 'marker' | 'payload'>;

export class FrameAssembler {
  readonly #codec: VideoCodec;
  /** By timestamp, oldest first. */
  readonly #frames = new Map<number, PartialFrame>();
  readonly #ignored = new Set<number>();
  #packetCount = 0;

  constructor(codec: VideoCodec) {
    this.#codec = codec;
  }

  /** Packets held. */
  get heldPackets(): number {
    return this.#packetCount;
  }

  /** The key frame that this packet completes. */
  push({ sequenceNumber, timestamp, marker, payload }: VideoPacket): KeyFrame | undefined {
    if (this.#ignored.has(timestamp)) return undefined;
    const { begins, ends } = payloadFormats[this.#codec].inspect(payload);
    if (begins === 'delta') {
      this.#ignore(timestamp);
      return undefined;
    }
    const picture = this.#frameAt(timestamp);
    if (!picture.payloads.has(sequenceNumber)) this.#packetCount++;
    picture.payloads.set(sequenceNumber, payload);
    if (begins === 'key') picture.first ??= sequenceNumber;
    if (ends) picture.last = sequenceNumber;
    else if (marker) picture.last ??= sequenceNumber;
    this.#keepWithinBounds();
    return this.#completed(timestamp, picture);
  }

  #frameAt(timestamp: number): PartialFrame {
    const known = this.#frames.get(timestamp);
    if (known) return known;
    const picture: PartialFrame = { payloads: new Map(), first: undefined, last: undefined };
    this.#frames.set(timestamp, picture);
    return picture;
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
    for (const oldest of this.#ignored) {
      if (this.#ignored.size <= MAX_IGNORED_TIMESTAMPS) break;
      this.#ignored.delete(oldest);
    }
  }
}
