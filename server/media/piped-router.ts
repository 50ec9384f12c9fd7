/**
 * A room's router on another media worker than its origin's. What listeners there want is brought to it once, by mediasoup's pipe
 * between routers of one machine (UDP on the loopback), and no longer than they want it. A track's pauses and its end, and the key
 * frames that its receivers ask for, pass through the pipe.
 */
import type { DirectTransport, Producer, Router } from 'mediasoup/types';
import type { Clock } from '../../time/clock.ts';
import type { CaptionCopies, CaptionCopy, CaptionsProducer } from './caption-relay.ts';
import { ListenerLoad } from './listener-load.ts';
import type { RoomMedia } from './media-workers.ts';
import type { ReceivingRouter, ReceivingTransport } from './receiving.ts';
import { WantedPipes } from './wanted-pipes.ts';
import { type RouterPipes, WorkerRouter } from './worker-router.ts';

/** Where the tracks and the captions of a room come from. */
export interface RoomOrigin {
  router: Router;
  copies: CaptionCopies;
  clock: Clock;
}

/** A router on which nothing is produced. */
export interface ListenerRouter extends ReceivingRouter {
  readonly load: ListenerLoad;
  /** How many tracks and caption channels are brought to it. */
  readonly pipes: number;
  close(): void;
}

/** A media worker, or a machine with media workers: what has routers for listeners. */
export interface MediaCarrier {
  /** What it sends to the listeners of all rooms. */
  readonly load: ListenerLoad;
  /** @param closed is called once, when the router has closed or could not be opened */
  openRouter(origin: RoomOrigin, closed: () => void): ListenerRouter;
}

export class PipedRouter implements ListenerRouter, RouterPipes {
  readonly load: ListenerLoad;
  readonly #origin: RoomOrigin;
  readonly #media: Promise<RoomMedia>;
  readonly #receiving: WorkerRouter;
  readonly #tracks: WantedPipes<Producer>;
  readonly #captions: WantedPipes<CaptionCopy>;
  readonly #onClosed: () => void;
  #direct: Promise<DirectTransport> | undefined;
  #closed = false;

  /** @param worker the load of the worker on which `media` is opened */
  constructor(media: Promise<RoomMedia>, worker: ListenerLoad, origin: RoomOrigin, closed: () => void) {
    this.load = new ListenerLoad(worker);
    this.#media = media;
    this.#origin = origin;
    this.#onClosed = closed;
    this.#tracks = new WantedPipes(origin.clock);
    this.#captions = new WantedPipes(origin.clock);
    this.#receiving = new WorkerRouter(media, this.load, this);
    media.then(
      ({ router }) => {
        if (this.#closed) router.close();
        else router.observer.once('close', () => this.close());
      },
      () => this.close(),
    );
  }

  get pipes(): number {
    return this.#tracks.size + this.#captions.size;
  }

  openTransport(): Promise<ReceivingTransport> {
    return this.#receiving.openTransport();
  }

  wantTrack(producerId: string): Promise<() => void> {
    return this.#tracks.want(producerId, async () => {
      const { router } = await this.#media;
      const { pipeProducer } = await this.#origin.router.pipeToRouter({ producerId, router, enableSctp: false });
      if (!pipeProducer) throw new Error('a track was piped without a producer');
      return pipeProducer;
    });
  }

  wantCaptions(captions: CaptionsProducer): Promise<() => void> {
    const { id, label, protocol, appData } = captions;
    return this.#captions.want(id, async () => {
      const { router } = await this.#media;
      this.#direct ??= router.createDirectTransport();
      const copy = await (await this.#direct).produceData({ id, label, protocol, appData });
      if (captions.closed) {
        copy.close();
        throw new Error('these captions have just ended');
      }
      this.#origin.copies.add(copy);
      return copy;
    });
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#tracks.clear();
    this.#captions.clear();
    // It may be being opened still, or fail to.
    this.#media.then(({ router }) => router.close()).catch(() => {});
    this.#onClosed();
  }
}
