/**
 * A worker: takes orders for interpreters from the queue, as many as it has room for, and runs them with a lease each. When it is to end, it
 * takes nothing new, has its rooms taken over by others, and ends when they have, or after a time limit.
 */
import { messageOf } from '@mediasoup-booth/protocol';
import { Backoff } from '../time/backoff.ts';
import { every, sleep, within } from '../time/clock.ts';
import { leaseOf } from './interpreter-order.ts';
import type { OfferedOrder, OfferedOrders } from './interpreter-queue.ts';
import type { LeaseStore } from './lease-store.ts';
import { LeasedRoom, type LeasedRoomDeps } from './leased-room.ts';
import type { RedisConnection } from './redis-connection.ts';
import { hasRoom, type LoadSample, leavesToOthers, NEW_ROOM_MS, type WorkerView } from './worker-load.ts';
import { BEAT_EVERY_MS, type WorkerRegistry } from './worker-registry.ts';

/** How often a worker without room looks whether it has some again. */
const LOOKS_AGAIN_MS = 200;
const PUT_BACK_MS = 100;
/** A server that this worker did not reach: its rooms are left to others for this time. */
const AVOIDS_MS = 30_000;
const TAKING_FAILED = { firstMs: 200, maxMs: 5000, jitter: 0.2 };

/** The channel in which a worker learns that the lease of a room has changed. */
export const workerChannel = (id: string): string => `worker:${id}`;

export interface InterpreterWorkerOptions extends Omit<LeasedRoomDeps, 'worker' | 'leases'> {
  id: string;
  host: string;
  /** How many rooms it takes at most. */
  capacity: number;
  /** The share of the computer's cores that may be busy when it takes one; 1: that does not count. */
  maxCpu: number;
  /** How long a lease is, in milliseconds. */
  leaseMs: number;
  /** What the computer has to do now. */
  load(): LoadSample;
  redis: Pick<RedisConnection, 'subscribe'>;
  leases: Pick<LeaseStore, 'acquire' | 'renew' | 'release'>;
  registry: Pick<WorkerRegistry, 'beat' | 'remove' | 'all'>;
  orders: Pick<OfferedOrders, 'next'>;
}

/**
 * @example
 * const worker = new InterpreterWorker({ id, host, capacity: 40, leaseMs: 4000, … });
 * await stopped;
 * await worker.drain(30_000);
 */
export class InterpreterWorker {
  readonly #options: InterpreterWorkerOptions;
  readonly #rooms = new Map<string, LeasedRoom>();
  readonly #avoided = new Map<string, number>();
  readonly #ending: (() => void)[] = [];
  readonly #draining = new AbortController();
  #onEmpty: (() => void) | undefined;

  constructor(options: InterpreterWorkerOptions) {
    this.#options = options;
    const { clock, redis, id } = options;
    this.#ending.push(
      redis.subscribe(workerChannel(id), (lease) => void this.#rooms.get(lease)?.renew()),
      every(clock, BEAT_EVERY_MS, () => void this.#beat()),
    );
    void this.#beat();
    void this.#takeOrders();
  }

  get view(): WorkerView {
    const { id, host, capacity, maxCpu, load, clock } = this.#options;
    const nowMs = clock.now();
    // A room that is not reached any more takes no time, and is given back: its server may be gone, and another have it.
    const rooms = [...this.#rooms.values()].filter(({ isCutOff }) => !isCutOff);
    return {
      ...load(),
      id,
      host,
      capacity,
      maxCpu,
      rooms: rooms.length,
      newRooms: rooms.filter(({ takenAtMs }) => nowMs - takenAtMs < NEW_ROOM_MS).length,
      draining: this.#draining.signal.aborted,
    };
  }

  /** Takes nothing new and hands its rooms over; those that nobody has taken over by `limitMs` are left. */
  async drain(limitMs: number): Promise<void> {
    const { clock, log, registry, id } = this.#options;
    this.#draining.abort();
    log.info({ rooms: this.#rooms.size }, 'worker takes no more rooms');
    void this.#beat();
    const { promise: empty, resolve } = Promise.withResolvers<void>();
    this.#onEmpty = resolve;
    if (this.#rooms.size === 0) resolve();
    for (const room of this.#rooms.values()) room.handOver();
    await within(clock, limitMs, empty);
    if (this.#rooms.size > 0) log.warn({ rooms: this.#rooms.size }, 'rooms were not taken over in time, and are left');
    await Promise.all([...this.#rooms.values()].map((room) => room.leave()));
    for (const end of this.#ending) end();
    await registry.remove(id).catch(() => {});
  }

  async #beat(): Promise<void> {
    try {
      await this.#options.registry.beat(this.view);
    } catch (error) {
      // The connection says so once; others take this worker for gone meanwhile.
      this.#options.log.debug({ problem: messageOf(error) }, 'worker could not say how it is doing');
    }
  }

  async #takeOrders(): Promise<void> {
    const { orders, clock, log } = this.#options;
    const { signal } = this.#draining;
    const pauses = new Backoff(TAKING_FAILED);
    while (!signal.aborted) {
      if (!hasRoom(this.view)) {
        await sleep(clock, LOOKS_AGAIN_MS, signal);
        continue;
      }
      try {
        const offered = await orders.next();
        if (offered) await this.#consider(offered);
        pauses.reset();
      } catch (error) {
        if (!signal.aborted) log.debug({ problem: messageOf(error) }, 'no order could be taken');
        await sleep(clock, pauses.next(), signal);
      }
    }
  }

  async #consider(offered: OfferedOrder): Promise<void> {
    const { registry } = this.#options;
    const { view } = this;
    const others = hasRoom(view) ? await registry.all() : [];
    if (!hasRoom(view) || leavesToOthers(view, others, offered.putBack) || this.#avoids(offered, others))
      await offered.putBackFor(PUT_BACK_MS);
    else await this.#take(offered);
  }

  /** A worker that is alone tries again. */
  #avoids({ order }: OfferedOrder, others: readonly WorkerView[]): boolean {
    const { id, clock } = this.#options;
    const isAvoided = clock.now() < (this.#avoided.get(order.server) ?? Number.NEGATIVE_INFINITY);
    return isAvoided && others.some((other) => other.id !== id && hasRoom(other));
  }

  async #take(offered: OfferedOrder): Promise<void> {
    const { id, leases, leaseMs, clock, log } = this.#options;
    const { order } = offered;
    const askedMs = clock.now();
    const fence = await leases.acquire(leaseOf(order), { worker: id, above: order.above, leaseMs });
    if (fence === undefined) log.debug({ room: order.room }, 'order is dealt with by another worker');
    else this.#start(new LeasedRoom(order, { fence, leaseMs, askedMs }, { ...this.#options, worker: id }));
    await offered.done();
  }

  #start(room: LeasedRoom): void {
    const { order } = room;
    const lease = leaseOf(order);
    // An earlier one of the same room has lost its lease to this one.
    const before = this.#rooms.get(lease);
    this.#rooms.set(lease, room);
    void before?.renew();
    void room.ended.then((end) => {
      if (end === 'givenBack') this.#avoid(order.server);
      if (this.#rooms.get(lease) === room) this.#rooms.delete(lease);
      if (this.#rooms.size === 0) this.#onEmpty?.();
    });
  }

  #avoid(server: string): void {
    const nowMs = this.#options.clock.now();
    for (const [one, untilMs] of this.#avoided) if (untilMs <= nowMs) this.#avoided.delete(one);
    this.#avoided.set(server, nowMs + AVOIDS_MS);
  }
}
