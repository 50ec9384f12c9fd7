/**
 * RTP packets of a video, in any order, some of them twice → its next complete key frame.
 *
 * Bounded whatever comes: at most `MAX_PACKETS` packets (1.5 MB) of at most `MAX_PICTURES` pictures are held. A picture that does not end within
 * that is given up; of more pictures than that the oldest go, those first that have not shown to be key frames.
 */

import type { ReceivedVideoPacket } from '../../webrtc/media-track.ts';
import { signedDistance } from '../../webrtc/sequence-number.ts';
import type { KeyFrame, VideoCodec } from './key-frame.ts';
import { payloadFormats } from './payload-formats.ts';

const MAX_PACKETS = 1024;
const MAX_PICTURES = 6;
/** Timestamps that are remembered, so that packets of pictures which are not wanted are not held again. */
const MAX_REFUSED = 16;

interface Picture {
  payloads: Map<number, Buffer>;
  first: number | undefined;
  last: number | undefined;
}

export type VideoPacket = Pick<ReceivedVideoPacket, 'sequenceNumber' | 'timestamp' | 'marker' | 'payload'>;

export class FrameAssembler {
  readonly #codec: VideoCodec;
  /** By timestamp, oldest first. */
  readonly #pictures = new Map<number, Picture>();
  readonly #refused = new Set<number>();
  #held = 0;

  constructor(codec: VideoCodec) {
    this.#codec = codec;
  }

  /** Packets held. */
  get held(): number {
    return this.#held;
  }

  /** The key frame that this packet completes. */
  push({ sequenceNumber, timestamp, marker, payload }: VideoPacket): KeyFrame | undefined {
    if (this.#refused.has(timestamp)) return undefined;
    const { begins, ends } = payloadFormats[this.#codec].place(payload);
    if (begins === 'delta') {
      this.#refuse(timestamp);
      return undefined;
    }
    const picture = this.#picture(timestamp);
    if (!picture.payloads.has(sequenceNumber)) this.#held++;
    picture.payloads.set(sequenceNumber, payload);
    if (begins === 'key') picture.first ??= sequenceNumber;
    if (ends) picture.last = sequenceNumber;
    else if (marker) picture.last ??= sequenceNumber;
    this.#keepWithinBounds();
    return this.#completed(timestamp, picture);
  }

  #picture(timestamp: number): Picture {
    const known = this.#pictures.get(timestamp);
    if (known) return known;
    const picture: Picture = { payloads: new Map(), first: undefined, last: undefined };
    this.#pictures.set(timestamp, picture);
    return picture;
  }

  #completed(timestamp: number, { payloads, first, last }: Picture): KeyFrame | undefined {
    if (first === undefined || last === undefined) return undefined;
    const count = signedDistance(first, last) + 1;
    if (count < 1 || payloads.size < count) return undefined;
    const inOrder: Buffer[] = [];
    for (let i = 0; i < count; i++) {
      const payload = payloads.get((first + i) & 0xffff);
      if (!payload) return undefined;
      inOrder.push(payload);
    }
    this.#refuse(timestamp);
    const joined = payloadFormats[this.#codec].join(inOrder);
    return joined && { codec: this.#codec, ...joined };
  }

  #keepWithinBounds(): void {
    while (this.#held > MAX_PACKETS || this.#pictures.size > MAX_PICTURES) {
      const timestamps = [...this.#pictures.keys()];
      const unknown = timestamps.find((timestamp) => this.#pictures.get(timestamp)?.first === undefined);
      const oldest = unknown ?? timestamps[0];
      if (oldest === undefined) return;
      this.#refuse(oldest);
    }
  }

  #refuse(timestamp: number): void {
    this.#held -= this.#pictures.get(timestamp)?.payloads.size ?? 0;
    this.#pictures.delete(timestamp);
    this.#refused.add(timestamp);
    for (const oldest of this.#refused) {
      if (this.#refused.size <= MAX_REFUSED) break;
      this.#refused.delete(oldest);
    }
  }
}
