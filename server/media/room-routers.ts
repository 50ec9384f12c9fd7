/**
 * The routers of one room. On its origin are the interpreters and everybody who may speak, and every track and caption channel is
 * produced there; who only listens may receive from a router on another media worker, or on another machine. Whoever receives cannot
 * tell one from another.
 */
import type { Logger } from 'pino';
import type { Clock } from '../../time/clock.ts';
import { CaptionCopies } from './caption-relay.ts';
import { ListenerLoad } from './listener-load.ts';
import { placeListener } from './listener-placement.ts';
import type { RoomMedia } from './media-workers.ts';
import type { ListenerRouter, MediaCarrier } from './piped-router.ts';
import type { ReceivingTransport } from './receiving.ts';
import { UNWANTED_MS } from './wanted-pipes.ts';
import { WorkerRouter } from './worker-router.ts';

export interface RoomRoutersOptions {
  /** What may carry listeners at this moment, the origin's own worker included. */
  carriers(): readonly MediaCarrier[];
  /** How many consumers a router of the room has before further listeners may receive from another. */
  consumersPerRouter: number;
  clock: Clock;
  log: Logger;
}

export class RoomRouters {
  readonly origin: RoomMedia;
  readonly copies = new CaptionCopies();
  readonly #options: RoomRoutersOptions;
  readonly #originRouter: WorkerRouter;
  readonly #others = new Map<MediaCarrier, ListenerRouter>();
  /** Cancel the end of routers from which nobody receives. */
  readonly #endings = new Map<ListenerRouter, () => void>();
  #closed = false;

  constructor(origin: RoomMedia, options: RoomRoutersOptions) {
    this.origin = origin;
    this.#options = options;
    this.#originRouter = new WorkerRouter(origin, new ListenerLoad(origin.carrier.load));
  }

  /** How many tracks and caption channels are brought to other routers. */
  get pipes(): number {
    let pipes = 0;
    for (const router of this.#others.values()) pipes += router.pipes;
    return pipes;
  }

  /** Opens the transport with which somebody receives. @param onlyListens whether they may be elsewhere than at the origin */
  async openReceivingTransport(onlyListens: boolean): Promise<ReceivingTransport> {
    const router = onlyListens ? this.#routerForListener() : undefined;
    if (!router) return this.#originRouter.openTransport();
    try {
      const transport = await router.openTransport();
      transport.observer.once('close', () => this.#endIfUnused(router));
      return transport;
    } catch (error) {
      this.#options.log.warn({ err: error }, 'listener could not be placed elsewhere, and receives from the origin');
      this.#endIfUnused(router);
      return this.#originRouter.openTransport();
    }
  }

  /** Closes all of them, and what is on them. */
  close(): void {
    this.#closed = true;
    for (const router of [...this.#others.values()]) router.close();
    this.origin.router.close();
  }

  /** Undefined: the origin. */
  #routerForListener(): ListenerRouter | undefined {
    const { carriers, consumersPerRouter } = this.#options;
    const place = (on: MediaCarrier, { load }: { load: ListenerLoad }) => ({
      on,
      full: load.count >= consumersPerRouter,
    });
    const carrier = placeListener(
      [place(this.origin.carrier, this.#originRouter), ...[...this.#others].map(([on, router]) => place(on, router))],
      carriers(),
    );
    if (carrier === this.origin.carrier || this.#closed) return undefined;
    return this.#others.get(carrier) ?? this.#open(carrier);
  }

  #open(carrier: MediaCarrier): ListenerRouter {
    const { router: origin } = this.origin;
    const { clock, log } = this.#options;
    const router = carrier.openRouter({ router: origin, copies: this.copies, clock }, () => {
      if (this.#others.get(carrier) === router) this.#others.delete(carrier);
      this.#endings.get(router)?.();
      this.#endings.delete(router);
    });
    this.#others.set(carrier, router);
    log.debug({ routers: this.#others.size + 1 }, 'room has a further router');
    return router;
  }

  #endIfUnused(router: ListenerRouter): void {
    const isOpen = [...this.#others.values()].includes(router);
    if (!isOpen || router.load.count > 0 || this.#endings.has(router)) return;
    const cancel = this.#options.clock.after(UNWANTED_MS, () => {
      this.#endings.delete(router);
      if (router.load.count === 0) router.close();
    });
    this.#endings.set(router, cancel);
  }
}
