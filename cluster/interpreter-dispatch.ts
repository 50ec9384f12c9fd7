/**
 * Has the rooms of a server interpreted by workers: one more launcher of interpreters. It gives an order for each room, watches the room's lease,
 * and gives another where the interpreter is lost. While Redis is away it places none, and those that interpret go on.
 */
import { messageOf } from '@mediasoup-booth/protocol';
import { type Logger, withFields } from '../logging/logger.ts';
import type { LaunchedInterpreter, LaunchState } from '../server/room/room-interpreter.ts';
import { type Clock, every, within } from '../time/clock.ts';
import { type InterpreterOrder, leaseOf } from './interpreter-order.ts';
import type { InterpreterQueue } from './interpreter-queue.ts';
import { workerChannel } from './interpreter-worker.ts';
import type { LeaseStore, RoomLease } from './lease-store.ts';
import { Placement, REJOINS_WITHIN_MS } from './placement.ts';
import type { RedisConnection } from './redis-connection.ts';
import { hasRoom } from './worker-load.ts';
import type { WorkerRegistry } from './worker-registry.ts';

/** How often leases are read: one command, for all rooms. */
const LOOK_EVERY_MS = 500;
/** Nobody is told of a place in the queue that is taken at once. */
const TELLS_AFTER_MS = 1000;
const LEAVES_WITHIN_MS = 3000;

export const REDIS_AWAY_MESSAGE =
  'Redis cannot be reached: meetings that are interpreted go on, and no interpreter is placed until it is back.';

export interface InterpreterDispatchOptions {
  redis: Pick<RedisConnection, 'isReady' | 'watch' | 'publish'>;
  leases: Pick<LeaseStore, 'read' | 'revoke'>;
  queue: Pick<InterpreterQueue, 'add' | 'remove' | 'waiting' | 'isWaiting'>;
  registry: Pick<WorkerRegistry, 'all'>;
  clock: Clock;
  log: Logger;
}

/** An interpreter that is wanted. */
export interface DispatchRequest extends Omit<InterpreterOrder, 'above'> {
  /** `message` is a sentence for people; `queuePlace` is its place in the queue, from 1, where all workers have enough to do. */
  onState(state: LaunchState, message?: string, queuePlace?: number): void;
}

interface Told {
  state: LaunchState;
  message?: string | undefined;
  queuePlace?: number | undefined;
}

interface QueueState {
  /** The ids of the orders that wait, the next first. */
  waiting: readonly string[];
  hasWorkers: boolean;
  /** Whether a worker has room for one more. */
  hasRoom: boolean;
}

/** One interpreter that this server wants. */
interface Wanted {
  request: DispatchRequest;
  log: Logger;
  /** Undefined until the lease was read that somebody may still have. */
  placement: Placement | undefined;
  lease: RoomLease | undefined;
  /** The fencing token of an interpreter whose worker is being stopped. */
  leaving: number | undefined;
  present: number | undefined;
  job: { id: string; atMs: number } | undefined;
  told: Told | undefined;
}

/**
 * @example
 * const dispatch = new InterpreterDispatch({ redis, leases, queue, registry, clock: systemClock, log });
 * const interpreter = dispatch.launch({ room: 'hall', …, onState: console.log });
 * await interpreter.stop();
 * await dispatch.close();
 */
export class InterpreterDispatch {
  readonly #options: InterpreterDispatchOptions;
  readonly #wanted = new Set<Wanted>();
  readonly #ending: (() => void)[];
  #looking: Promise<void> | undefined;
  #lookAgain = false;

  constructor(options: InterpreterDispatchOptions) {
    this.#options = options;
    const { clock, redis } = options;
    const forEach = (tell: (placement: Placement, nowMs: number) => void): void => {
      for (const { placement } of this.#wanted) if (placement) tell(placement, clock.now());
    };
    this.#ending = [
      every(clock, LOOK_EVERY_MS, () => this.#look()),
      redis.watch({
        lost: () => this.#look(),
        emptied: () => forEach((placement, nowMs) => placement.emptied(nowMs)),
        recovered: () => {
          forEach((placement, nowMs) => placement.recovered(nowMs));
          this.#look();
        },
      }),
    ];
  }

  /** Has a room interpreted. `stop` makes the interpreter leave, and resolves when it has, after at most 3 s. */
  launch(request: DispatchRequest): LaunchedInterpreter {
    const { room, interpreter } = request;
    const wanted: Wanted = {
      request,
      log: withFields(this.#options.log, { room, interpreter }),
      placement: undefined,
      lease: undefined,
      leaving: undefined,
      present: undefined,
      job: undefined,
      told: undefined,
    };
    this.#wanted.add(wanted);
    this.#look();
    return {
      get isHandingOver() {
        return wanted.present !== undefined && wanted.present === wanted.leaving;
      },
      presenceChanged: (fence) => this.#presenceChanged(wanted, fence),
      stop: () => this.#stop(wanted),
    };
  }

  /** Gives no more orders. Interpreters that are not stopped go on. */
  async close(): Promise<void> {
    for (const end of this.#ending) end();
    await this.#looking;
  }

  #presenceChanged(wanted: Wanted, fence: number | undefined): void {
    const { clock } = this.#options;
    wanted.present = fence;
    wanted.placement?.presenceChanged(fence, clock.now());
    if (fence === undefined) clock.after(REJOINS_WITHIN_MS, () => this.#look());
    else this.#look();
  }

  async #stop(wanted: Wanted): Promise<void> {
    const { clock, redis, leases } = this.#options;
    if (!this.#wanted.delete(wanted)) return;
    const { job, placement, lease, request } = wanted;
    try {
      if (job) await this.#options.queue.remove(job.id).catch(() => {});
      await leases.revoke(leaseOf(request), Math.max(placement?.highest ?? 0, lease?.fence ?? 0));
      if (lease) await redis.publish(workerChannel(lease.worker), leaseOf(request));
    } catch (error) {
      // The room lets it in no more, and its worker notices that.
      wanted.log.warn({ problem: messageOf(error) }, 'interpreter could not be called back');
    }
    const { promise: left, resolve } = Promise.withResolvers<void>();
    const stopLooking = every(clock, 20, () => wanted.present === undefined && resolve());
    if (wanted.present !== undefined) await within(clock, LEAVES_WITHIN_MS, left);
    stopLooking();
  }

  /** Looks at all rooms, once at a time. */
  #look(): void {
    if (this.#looking) {
      this.#lookAgain = true;
      return;
    }
    this.#looking = this.#lookAtAll().finally(() => {
      this.#looking = undefined;
      if (!this.#lookAgain) return;
      this.#lookAgain = false;
      this.#look();
    });
  }

  async #lookAtAll(): Promise<void> {
    const all = [...this.#wanted];
    if (all.length === 0) return;
    if (!this.#options.redis.isReady) {
      for (const wanted of all) this.#tellRedisAway(wanted);
      return;
    }
    try {
      const leases = await this.#options.leases.read(all.map(({ request }) => leaseOf(request)));
      const places = await this.#places(all);
      for (const [i, wanted] of all.entries()) await this.#step(wanted, leases[i], places);
    } catch (error) {
      this.#options.log.warn({ problem: messageOf(error) }, 'leases of interpreters could not be read');
    }
  }

  /** The orders that wait, the next first, and whether anybody could take one; undefined where none of these rooms waits. */
  async #places(all: readonly Wanted[]): Promise<QueueState | undefined> {
    if (!all.some(({ job }) => job)) return undefined;
    const workers = (await this.#options.registry.all()).filter(({ draining }) => !draining);
    return {
      waiting: await this.#options.queue.waiting(),
      hasWorkers: workers.length > 0,
      hasRoom: workers.some(hasRoom),
    };
  }

  async #step(wanted: Wanted, lease: RoomLease | undefined, places: QueueState | undefined): Promise<void> {
    const { clock } = this.#options;
    if (!this.#wanted.has(wanted)) return;
    const nowMs = clock.now();
    // Whoever has the lease before the first order interprets for an earlier request, or for a server that is gone.
    wanted.placement ??= new Placement(nowMs, lease?.fence ?? 0);
    const { placement, job } = wanted;
    const place = job && places ? places.waiting.indexOf(job.id) : -1;
    const isQueued = place >= 0 || (job !== undefined && (await this.#options.queue.isWaiting(job.id)));
    const step = placement.next({ nowMs, lease, present: wanted.present, isQueued });
    if (!placement.isOrdered) wanted.job = undefined;
    wanted.lease = lease;
    if (lease?.leaving) wanted.leaving = lease.fence;
    if (step.do === 'place') await this.#order(wanted, step.above);
    else if (step.do === 'fail') this.#fail(wanted, step.reason);
    else if (wanted.present !== undefined || !placement.isPlacing) this.#tellLease(wanted, lease);
    else if (!wanted.job) this.#tell(wanted, { state: 'restarting' });
    else if (nowMs - wanted.job.atMs > TELLS_AFTER_MS) this.#tellPlace(wanted, place, places);
  }

  async #order(wanted: Wanted, above: number): Promise<void> {
    const { queue, clock } = this.#options;
    const { onState: _, ...order } = wanted.request;
    wanted.log.info({ above }, 'interpreter ordered from the workers');
    if (wanted.job) await queue.remove(wanted.job.id).catch(() => {});
    wanted.job = { id: await queue.add({ ...order, above }), atMs: clock.now() };
    if (wanted.present === undefined) this.#tell(wanted, { state: wanted.told ? 'restarting' : 'starting' });
  }

  #tellLease(wanted: Wanted, lease: RoomLease | undefined): void {
    if (!lease) return;
    if (lease.state === 'failed') this.#fail(wanted, lease.message ?? 'The interpreter ended.');
    else this.#tell(wanted, { state: lease.state, message: lease.message });
  }

  #tellPlace(wanted: Wanted, place: number, places: QueueState | undefined): void {
    if (place < 0 || !places) return;
    if (!places.hasWorkers) this.#tell(wanted, { state: 'starting', message: NO_WORKERS, queuePlace: place + 1 });
    else if (!places.hasRoom)
      this.#tell(wanted, { state: 'starting', message: queued(place + 1), queuePlace: place + 1 });
  }

  #tellRedisAway(wanted: Wanted): void {
    const state = wanted.present === undefined ? 'starting' : (wanted.told?.state ?? 'running');
    this.#tell(wanted, { state, message: REDIS_AWAY_MESSAGE });
  }

  #fail(wanted: Wanted, reason: string): void {
    this.#wanted.delete(wanted);
    wanted.request.onState('failed', reason);
    void this.#revokeFailed(wanted);
  }

  async #revokeFailed({ request, placement, log }: Wanted): Promise<void> {
    await this.#options.leases.revoke(leaseOf(request), placement?.highest ?? 0).catch((error: unknown) => {
      log.warn({ problem: messageOf(error) }, 'lease of a failed interpreter was not taken away, and ends by itself');
    });
  }

  /** What has changed. */
  #tell(wanted: Wanted, told: Told): void {
    const { told: before } = wanted;
    if (before?.state === told.state && before.message === told.message && before.queuePlace === told.queuePlace)
      return;
    wanted.told = told;
    wanted.request.onState(told.state, told.message, told.queuePlace);
  }
}

const NO_WORKERS =
  'No computer that runs interpreters is there at the moment. Interpretation begins by itself when one is.';
const queued = (place: number): string =>
  `All interpreters are busy. This meeting is number ${place} in the queue; interpretation begins by itself.`;
