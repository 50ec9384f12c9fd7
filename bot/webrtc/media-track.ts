/**
 * What stands in for a browser's MediaStreamTrack where there is no browser: mediasoup-client asks a track for its kind, id,
 * state and end, and our handler moves its RTP.
 */
import { randomUUID } from 'node:crypto';

/** One received packet of a track, its header already taken off. */
export interface ReceivedPacket {
  sequenceNumber: number;
  /** In units of the codec's clock rate; 48 kHz for Opus. */
  timestamp: number;
  payload: Buffer;
  /** RFC 6464: 0 (loudest) to 127 (silence), in −dBov; absent where the sender does not say. */
  audioLevel: number | undefined;
}

export interface ReceivedVideoPacket extends ReceivedPacket {
  /** The last packet of a picture, or the first of speech after silence. */
  marker: boolean;
}

abstract class Track extends EventTarget {
  readonly id = randomUUID();
  readonly kind: 'audio' | 'video';
  readonly muted = false;
  enabled = true;
  readyState: 'live' | 'ended' = 'live';

  constructor(kind: 'audio' | 'video') {
    super();
    this.kind = kind;
  }

  stop(): void {
    this.readyState = 'ended';
  }
}

export class IncomingTrack extends Track {
  /** Set by whoever listens. */
  onPacket: (packet: ReceivedVideoPacket) => void = () => {};
  #keyFrameRequest: (() => void) | undefined;

  bind(keyFrameRequest: (() => void) | undefined): void {
    this.#keyFrameRequest = keyFrameRequest;
  }

  /** Asks the sender of a video for a picture that needs no other. */
  requestKeyFrame(): void {
    this.#keyFrameRequest?.();
  }
}

/** Writes nothing until the handler has bound it to a sender, and nothing while it is paused or stopped. */
export class OutgoingTrack extends Track {
  #sink: ((payload: Uint8Array, timestamp: number, marker: boolean) => void) | undefined;

  bind(sink: ((payload: Uint8Array, timestamp: number, marker: boolean) => void) | undefined): void {
    this.#sink = sink;
  }

  write(payload: Uint8Array, timestamp: number, marker: boolean): void {
    if (this.enabled && this.readyState === 'live') this.#sink?.(payload, timestamp, marker);
  }
}

/** mediasoup-client's types name the browser's interface; it uses no more of it than `Track` has. */
export const asMediaStreamTrack = (track: IncomingTrack | OutgoingTrack): MediaStreamTrack =>
  track as unknown as MediaStreamTrack;
export const fromMediaStreamTrack = (track: MediaStreamTrack): unknown => track;
