/**
 * Tracks that replace a browser's MediaStreamTrack where there is no browser. mediasoup-client asks a track for its kind, id and state;
 * the werift handler moves its RTP packets.
 */
import { randomUUID } from 'node:crypto';
import type { ReceivedVideoPacket } from '../rtp/received-packet.ts';

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

/**
 * A track that is received.
 *
 * @example
 * track.onPacket = ({ payload }) => decode(payload);
 */
export class IncomingTrack extends Track {
  /** To be set by whoever uses the track; until then packets are dropped. */
  onPacket: (packet: ReceivedVideoPacket) => void = () => {};
  /** Packets that its receiver requested again; a packet that is requested twice counts twice. */
  nackedPackets = 0;
  /** Packets that were dropped because the sender sent too many in a second. */
  droppedPackets = 0;
  #keyFrameRequest: (() => void) | undefined;

  /** Connects the track to its receiver; `undefined` disconnects it. */
  bind(keyFrameRequest: (() => void) | undefined): void {
    this.#keyFrameRequest = keyFrameRequest;
  }

  /** Asks the sender of a video for a key frame. Has no effect while the track is not connected. */
  requestKeyFrame(): void {
    this.#keyFrameRequest?.();
  }
}

/**
 * A track that is sent. Packets are dropped until the handler has connected it to a sender, and while it is disabled or stopped.
 *
 * @example
 * const track = new OutgoingTrack('audio');
 * await transport.produce({ track: asMediaStreamTrack(track) });
 * track.write(opusPacket, timestamp, false);
 */
export class OutgoingTrack extends Track {
  #sink: ((payload: Uint8Array, timestamp: number, marker: boolean) => void) | undefined;

  /** Connects the track to its sender; `undefined` disconnects it. */
  bind(sink: ((payload: Uint8Array, timestamp: number, marker: boolean) => void) | undefined): void {
    this.#sink = sink;
  }

  /**
   * Sends a payload.
   *
   * @param timestamp in units of the codec's clock rate; 48 kHz for Opus
   * @param marker set on the last packet of a video frame, or the first packet of speech after silence
   */
  write(payload: Uint8Array, timestamp: number, marker: boolean): void {
    if (this.enabled && this.readyState === 'live') this.#sink?.(payload, timestamp, marker);
  }
}

/** mediasoup-client's types demand the browser's interface; it uses no more of it than `Track` has. */
export const asMediaStreamTrack = (track: IncomingTrack | OutgoingTrack): MediaStreamTrack =>
  track as unknown as MediaStreamTrack;
export const fromMediaStreamTrack = (track: MediaStreamTrack): unknown => track;
