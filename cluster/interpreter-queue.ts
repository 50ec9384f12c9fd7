/**
 * The queue of orders for interpreters, in BullMQ: servers add to it, and workers take from it, in the order in which the orders came. An order
 * is delivered at least once; that no room has two interpreters is the lease's doing. BullMQ is loaded by `open` alone.
 */
import { randomUUID } from 'node:crypto';
import type { Job, Queue, Worker } from 'bullmq';
import type { Logger } from '../logging/logger.ts';
import { backoffDelayMs } from '../time/backoff.ts';
import { type Clock, systemClock, within } from '../time/clock.ts';
import { InterpreterOrder } from './interpreter-order.ts';

const PREFIX = 'booth';
const RECONNECT = { firstMs: 100, maxMs: 2000, jitter: 0.2 };
/** How many places in the queue are told of. */
const PLACES = 1000;
/** An order that was taken, and not dealt with in this time, is given to another worker. */
const LOCK_MS = 5000;
/** Seconds for which an empty queue is waited at. */
const WAITS_FOR_S = 2;
const CLOSES_WITHIN_MS = 2000;

export interface InterpreterQueueOptions {
  /** As of `RedisConnection`. */
  url: string;
  /** The id of the translation model: workers take orders for their own alone. */
  model: string;
  log: Logger;
  clock?: Clock;
}

/** Model ids may have any characters. */
const queueName = (model: string): string => `interpreters-${model.replace(/[^\w.-]/g, '-')}`;

/** What of BullMQ fails is tried again by it; the log tells of each kind once in a row. */
function logged(emitter: Pick<Queue | Worker, 'on'>, log: Logger): void {
  let last = '';
  (emitter as Queue).on('error', ({ message }) => {
    if (message !== last) log.warn({ problem: message }, 'queue of interpreters failed');
    last = message;
  });
}

/**
 * The server's side.
 *
 * @example
 * const queue = await InterpreterQueue.open({ url: 'redis://127.0.0.1', model: 'offline', log });
 * const order = await queue.add({ room: 'hall', … });
 * await queue.waiting(); // [order]
 */
export class InterpreterQueue {
  readonly #queue: Queue;
  readonly #clock: Clock;

  static async open({ url, model, log, clock = systemClock }: InterpreterQueueOptions): Promise<InterpreterQueue> {
    const bullmq = await import('bullmq');
    const queue = new bullmq.Queue(queueName(model), {
      prefix: PREFIX,
      connection: {
        url,
        maxRetriesPerRequest: 0,
        enableOfflineQueue: false,
        commandTimeout: CLOSES_WITHIN_MS,
        retryStrategy: (times) => backoffDelayMs(times - 1, RECONNECT),
      },
      defaultJobOptions: { removeOnComplete: true, removeOnFail: true, attempts: 1 },
    });
    logged(queue, log);
    return new InterpreterQueue(queue, clock);
  }

  private constructor(queue: Queue, clock: Clock) {
    this.#queue = queue;
    this.#clock = clock;
  }

  /** @returns the id of the order in the queue. @throws {Error} while Redis is away */
  async add(order: InterpreterOrder): Promise<string> {
    const jobId = randomUUID();
    await this.#queue.add('interpreter', order, { jobId });
    return jobId;
  }

  /** Whether an order waits, at whatever place. @throws {Error} while Redis is away */
  async isWaiting(id: string): Promise<boolean> {
    const state = await this.#queue.getJobState(id);
    return state === 'waiting' || state === 'delayed';
  }

  /** The ids of the orders that wait, the next first: of the first thousand. @throws {Error} while Redis is away */
  async waiting(): Promise<string[]> {
    const delayed = await this.#queue.getRanges(['delayed'], 0, PLACES, true);
    const waiting = await this.#queue.getRanges(['wait'], 0, PLACES, true);
    return [...delayed, ...waiting];
  }

  /** Nobody needs to take this order any more. @throws {Error} while Redis is away */
  async remove(id: string): Promise<void> {
    await this.#queue.remove(id);
  }

  async close(): Promise<void> {
    await within(this.#clock, CLOSES_WITHIN_MS, this.#queue.close());
  }
}

/** An order that a worker was given, and deals with by one of these. */
export interface OfferedOrder {
  order: InterpreterOrder;
  /** How often it was put back. */
  putBack: number;
  /** It was taken, or is not needed any more. */
  done(): Promise<void>;
  /** Somebody may take it in so many milliseconds. */
  putBackFor(ms: number): Promise<void>;
}

/** The worker's side. */
export class OfferedOrders {
  readonly #worker: Worker;
  readonly #clock: Clock;
  readonly #log: Logger;
  #offers = 0;

  static async open({ url, model, log, clock = systemClock }: InterpreterQueueOptions): Promise<OfferedOrders> {
    const bullmq = await import('bullmq');
    const worker = new bullmq.Worker(queueName(model), null, {
      prefix: PREFIX,
      autorun: false,
      connection: {
        url,
        maxRetriesPerRequest: null,
        retryStrategy: (times) => backoffDelayMs(times - 1, RECONNECT),
      },
      drainDelay: WAITS_FOR_S,
      lockDuration: LOCK_MS,
      stalledInterval: LOCK_MS / 2,
      maxStalledCount: 3,
    });
    logged(worker, log);
    await worker.startStalledCheckTimer();
    return new OfferedOrders(worker, clock, log);
  }

  private constructor(worker: Worker, clock: Clock, log: Logger) {
    this.#worker = worker;
    this.#clock = clock;
    this.#log = log;
  }

  /** The next order; undefined where none came for a while. @throws {Error} while Redis is away */
  async next(): Promise<OfferedOrder | undefined> {
    const token = `${this.#worker.id}:${++this.#offers}`;
    const job: Job | undefined = await this.#worker.getNextJob(token);
    if (!job) return undefined;
    const order = InterpreterOrder.safeParse(job.data);
    if (!order.success) {
      this.#log.warn({ problem: order.error.message }, 'order of an interpreter is not understood');
      await job.moveToCompleted('', token, false);
      return undefined;
    }
    return {
      order: order.data,
      putBack: job.attemptsStarted - 1,
      done: async () => void (await job.moveToCompleted('', token, false)),
      putBackFor: (ms) => job.moveToDelayed(Date.now() + ms, token),
    };
  }

  async close(): Promise<void> {
    await within(this.#clock, CLOSES_WITHIN_MS, this.#worker.close(true));
  }
}
