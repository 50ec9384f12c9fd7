/** A room's router on a media worker of this machine, as participants receive from it. */
import { ApiError } from '@mediasoup-booth/protocol';
import type { RtpCapabilities, WebRtcTransport } from 'mediasoup/types';
import type { CaptionsProducer } from './caption-relay.ts';
import type { CountedListener, ListenerLoad } from './listener-load.ts';
import type { RoomMedia } from './media-workers.ts';
import type {
  NegotiatedTransport,
  ReceivedCaptions,
  ReceivedTrack,
  ReceivingRouter,
  ReceivingTransport,
} from './receiving.ts';
import { mediaCall } from './resource-registry.ts';
import { openWebRtcTransport } from './webrtc-transport.ts';

/** Brings to a router what is produced elsewhere. Each resolves when it is there, with what to call when it is no longer wanted. */
export interface RouterPipes {
  wantTrack(producerId: string): Promise<() => void>;
  wantCaptions(captions: CaptionsProducer): Promise<() => void>;
}

const nothingToRelease = async () => () => {};
/** The pipes of a router on which everything is produced. */
const noPipes: RouterPipes = { wantTrack: nothingToRelease, wantCaptions: nothingToRelease };

export class WorkerRouter implements ReceivingRouter {
  readonly load: ListenerLoad;
  readonly #media: RoomMedia | Promise<RoomMedia>;
  readonly #pipes: RouterPipes;
  readonly #isOrigin: boolean;

  /** @param pipes of a router beside the room's origin; undefined: it is the origin */
  constructor(media: RoomMedia | Promise<RoomMedia>, load: ListenerLoad, pipes?: RouterPipes) {
    this.#media = media;
    this.load = load;
    this.#pipes = pipes ?? noPipes;
    this.#isOrigin = pipes === undefined;
  }

  async openTransport(): Promise<ReceivingTransport> {
    // Counted before it is opened, so that listeners who come at the same time are spread.
    const listener = this.load.add();
    try {
      const media = await this.#media;
      const transport = await openWebRtcTransport(media);
      const receiving = new WorkerTransport(transport, media, this.#pipes, listener);
      if (!this.#isOrigin) receiving.followRouter();
      return receiving;
    } catch (error) {
      listener.left();
      throw error;
    }
  }
}

class WorkerTransport implements ReceivingTransport {
  readonly #transport: WebRtcTransport;
  readonly #media: RoomMedia;
  readonly #pipes: RouterPipes;
  readonly #listener: CountedListener;
  #onLost: () => void = () => {};
  #isLost = false;

  constructor(transport: WebRtcTransport, media: RoomMedia, pipes: RouterPipes, listener: CountedListener) {
    this.#transport = transport;
    this.#media = media;
    this.#pipes = pipes;
    this.#listener = listener;
    transport.observer.once('close', () => listener.left());
  }

  get id(): string {
    return this.#transport.id;
  }

  get negotiated(): NegotiatedTransport {
    return this.#transport;
  }

  get observer(): WebRtcTransport['observer'] {
    return this.#transport.observer;
  }

  close(): void {
    this.#transport.close();
  }

  /** Whoever is here is told of the end of this router, which is not that of the room. */
  followRouter(): void {
    this.#transport.once('routerclose', async () => {
      if ((await this.#media.workerEnded) !== 'died') return;
      this.#isLost = true;
      this.#onLost();
    });
  }

  onLost(listener: () => void): void {
    this.#onLost = listener;
    if (this.#isLost) listener();
  }

  async receive(producerId: string, rtpCapabilities: RtpCapabilities): Promise<ReceivedTrack> {
    const release = await mediaCall(() => this.#pipes.wantTrack(producerId));
    try {
      if (!(await mediaCall(() => this.#media.router.canConsume({ producerId, rtpCapabilities }))))
        throw new ApiError('media', 'your RTP capabilities have no codec in common with this producer');
      const consumer = await mediaCall(() =>
        // Audio is retransmitted too, where the receiver supports it: mediasoup's default is video alone.
        this.#transport.consume({ producerId, rtpCapabilities, paused: true, enableRtx: true }),
      );
      const closed = this.#listener.consuming();
      consumer.observer.once('close', () => {
        closed();
        release();
      });
      return consumer;
    } catch (error) {
      release();
      throw error;
    }
  }

  async receiveCaptions(captions: CaptionsProducer): Promise<ReceivedCaptions> {
    const release = await mediaCall(() => this.#pipes.wantCaptions(captions));
    try {
      const consumer = await mediaCall(() =>
        this.#transport.consumeData({ dataProducerId: captions.id, paused: true }),
      );
      consumer.observer.once('close', release);
      return consumer;
    } catch (error) {
      release();
      throw error;
    }
  }
}
