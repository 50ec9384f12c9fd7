/**
 * Grabs single key frames of a video without streaming it: the consumer stays paused on the server and is resumed for one key frame.
 *
 * Hard requirement: the sender is asked for a key frame at most once in 2 s, however many callers want one and however many packets are
 * lost. Lost packets are retransmitted by the transport's NACKs; a key frame that is incomplete after 2 s is requested once more, and
 * the grab fails after another 2 s.
 */
import type { Clock } from '../../time/clock.ts';
import type { IncomingVideo, RoomConnection } from '../room/room-connection.ts';
import { FrameAssembler, type VideoPacket } from './key-frame/frame-assembler.ts';
import type { FrameSize, KeyFrame, VideoCodec } from './key-frame/key-frame.ts';

export const MIN_REQUEST_INTERVAL_MS = 2000;
/** A key frame that is not complete after this time counts as lost. It is then requested again, so this is not below the interval. */
const KEY_FRAME_TIMEOUT_MS = MIN_REQUEST_INTERVAL_MS;

interface KeyFrameGrabberOptions {
  connection: Pick<RoomConnection, 'receiveVideo'>;
  producerId: string;
  /** Wanted length of the longer side in pixels: of several spatial layers, the smallest with at least this length is received. */
  longSide: number;
  clock: Clock;
}

interface PendingKeyFrame {
  assembler: FrameAssembler;
  resolve(frame: KeyFrame | undefined): void;
}

export class KeyFrameGrabber {
  /** Key frames that were requested, and those that arrived completely. */
  readonly counts = { requested: 0, grabbed: 0 };
  readonly #options: KeyFrameGrabberOptions;
  #video: IncomingVideo | undefined;
  #layer = 0;
  #preferred: number | undefined;
  #requestedMs = Number.NEGATIVE_INFINITY;
  #grabbing: Promise<KeyFrame | undefined> | undefined;
  #pending: PendingKeyFrame | undefined;
  #closed = false;

  private constructor(options: KeyFrameGrabberOptions) {
    this.#options = options;
  }

  /** @throws where the producer cannot be received, or its codec is unknown */
  static async open(options: KeyFrameGrabberOptions): Promise<KeyFrameGrabber> {
    const grabber = new KeyFrameGrabber(options);
    grabber.#video = await options.connection.receiveVideo(options.producerId, (packet) => grabber.#receive(packet));
    return grabber;
  }

  /** The codec of the video. */
  get codec(): VideoCodec | undefined {
    return this.#video?.codec;
  }

  /**
   * Returns the next key frame, the same one to all who call while it is awaited; undefined where the last request was less than 2 s ago, or no key
   * frame arrived.
   */
  grab(): Promise<KeyFrame | undefined> {
    this.#grabbing ??= this.#grabOnce()
      // If the connection ends during the grab, there is no key frame.
      .catch(() => undefined)
      .finally(() => {
        this.#grabbing = undefined;
      });
    return this.#grabbing;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#pending?.resolve(undefined);
    this.#video?.close();
  }

  async #grabOnce(): Promise<KeyFrame | undefined> {
    const video = this.#video;
    if (!video || this.#closed || this.#now() - this.#requestedMs < MIN_REQUEST_INTERVAL_MS) return undefined;
    this.#recordRequest();
    if (this.#preferred !== this.#layer && video.spatialLayers > 1) await video.prefer(this.#layer);
    this.#preferred = this.#layer;
    const frame = await this.#collect(video);
    if (!frame) return undefined;
    this.counts.grabbed++;
    this.#adjustLayer(frame.size, video.spatialLayers);
    return frame;
  }

  async #collect(video: IncomingVideo): Promise<KeyFrame | undefined> {
    const { clock } = this.#options;
    const { promise, resolve } = Promise.withResolvers<KeyFrame | undefined>();
    this.#pending = { assembler: new FrameAssembler(video.codec), resolve };
    let cancel = clock.after(KEY_FRAME_TIMEOUT_MS, () => {
      this.#recordRequest();
      video.requestKeyFrame();
      cancel = clock.after(KEY_FRAME_TIMEOUT_MS, () => resolve(undefined));
    });
    try {
      await video.resume();
      return await promise;
    } finally {
      cancel();
      this.#pending = undefined;
      // The consumer is paused before any other request to the server, as no packet from here on is used.
      video.pause().catch(() => {});
    }
  }

  #receive(packet: VideoPacket): void {
    const frame = this.#pending?.assembler.push(packet);
    if (frame) this.#pending?.resolve(frame);
  }

  /** Resuming the consumer makes the server request a key frame (PLI) of the sender, so the first request needs no message of its own. */
  #recordRequest(): void {
    this.#requestedMs = this.#now();
    this.counts.requested++;
  }

  /** Goes a spatial layer up or down; each layer is about twice as large as the one below. */
  #adjustLayer({ width, height }: FrameSize, layers: number): void {
    const { longSide } = this.#options;
    const side = Math.max(width, height);
    if (side < longSide && this.#layer < layers - 1) this.#layer++;
    else if (side >= 2 * longSide && this.#layer > 0) this.#layer--;
  }

  #now(): number {
    return this.#options.clock.now();
  }
}
