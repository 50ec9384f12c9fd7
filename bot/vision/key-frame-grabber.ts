/**
 * Single pictures of a video that is not streamed: its consumer stays paused on the server, and is resumed for one key frame.
 *
 * Hard requirement: its sender is asked for a key frame at most once in 2 s, however many want a picture and however much is lost. What
 * was lost comes again by the transport's NACKs; a frame that is incomplete after 2 s is asked for once more, then given up.
 */
import type { Clock } from '../../time/clock.ts';
import type { IncomingVideo, RoomConnection } from '../room/room-connection.ts';
import { FrameAssembler, type VideoPacket } from './key-frame/frame-assembler.ts';
import type { FrameSize, KeyFrame, VideoCodec } from './key-frame/key-frame.ts';

export const MIN_REQUEST_INTERVAL_MS = 2000;

export interface KeyFrameGrabberOptions {
  connection: Pick<RoomConnection, 'receiveVideo'>;
  producerId: string;
  /** How long the longer side should be at least: of several sizes that are sent, the smallest that has it is taken. */
  longSide: number;
  clock: Clock;
}

interface PendingKeyFrame {
  assembler: FrameAssembler;
  resolve(frame: KeyFrame | undefined): void;
}

export class KeyFrameGrabber {
  /** Key frames asked for, and those of them that came whole. */
  readonly counts = { requested: 0, taken: 0 };
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

  /** @throws where the producer cannot be received, or sends what we have no name for */
  static async open(options: KeyFrameGrabberOptions): Promise<KeyFrameGrabber> {
    const grabber = new KeyFrameGrabber(options);
    grabber.#video = await options.connection.receiveVideo(options.producerId, (packet) => grabber.#receive(packet));
    return grabber;
  }

  get codec(): VideoCodec | undefined {
    return this.#video?.codec;
  }

  /** The next picture, the same one for all who ask meanwhile; undefined: too soon after the last, or none came. */
  grab(): Promise<KeyFrame | undefined> {
    this.#grabbing ??= this.#grabOnce()
      // A connection that ends on the way gives no picture.
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
    this.#request();
    if (this.#preferred !== this.#layer && video.spatialLayers > 1) await video.prefer(this.#layer);
    this.#preferred = this.#layer;
    const frame = await this.#collect(video);
    if (!frame) return undefined;
    this.counts.taken++;
    this.#adjustLayer(frame.size, video.spatialLayers);
    return frame;
  }

  async #collect(video: IncomingVideo): Promise<KeyFrame | undefined> {
    const { clock } = this.#options;
    const { promise, resolve: settle } = Promise.withResolvers<KeyFrame | undefined>();
    this.#pending = { assembler: new FrameAssembler(video.codec), resolve: settle };
    let cancel = clock.after(MIN_REQUEST_INTERVAL_MS, () => {
      this.#request();
      video.requestKeyFrame();
      cancel = clock.after(MIN_REQUEST_INTERVAL_MS, () => settle(undefined));
    });
    try {
      await video.resume();
      return await promise;
    } finally {
      cancel();
      this.#pending = undefined;
      // Before anything else is asked of the server: every packet from here on is one too many.
      video.pause().catch(() => {});
    }
  }

  #receive(packet: VideoPacket): void {
    const frame = this.#pending?.assembler.push(packet);
    if (frame) this.#pending?.resolve(frame);
  }

  #request(): void {
    this.#requestedMs = this.#now();
    this.counts.requested++;
  }

  /** Each size is about twice the one below. */
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
