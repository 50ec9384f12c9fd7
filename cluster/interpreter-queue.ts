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
import type { RedisConnection } from './redis-connection.ts';

const PREFIX = 'booth';
const RECONNECT = { firstMs: 100, maxMs: 2000, jitter: 0.2 };
/** How many places in the queue are told of. */
const PLACES = 1000;
/** An order that was taken, and not dealt with in this time, is given to another worker. */
const LOCK_MS = 5000;
/** Seconds for which an empty queue is waited at. */
const WAITS_FOR_S = 2;
const ANSWERS_WITHIN_MS = 2000;

export interface InterpreterQueueOptions {
  /** As of `redis`. */
  url: string;
  /** Tells when Redis is back: the queue is opened anew then, since BullMQ may wait for an answer that never comes. */
  redis: Pick<RedisConnection, 'watch'>;
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

/** Opens again what was opened, and closes the one before, whose calls that are on their way are given up. */
class Reopened<T extends { close(force?: boolean): Promise<void> }> {
  readonly #open: () => T;
  #replaced = Promise.withResolvers<undefined>();
  #current: T;

  constructor(open: () => T) {
    this.#open = open;
    this.#current = open();
  }

  reopen(): void {
    const before = this.#current;
    this.#current = this.#open();
    this.#replaced.resolve(undefined);
    this.#replaced = Promise.withResolvers();
    before.close(true).catch(() => {});
  }

  /** BullMQ says goodbye to Redis, which fails while that is away. */
  async close(): Promise<void> {
    await this.#current.close(true).catch(() => {});
  }

  /** @returns undefined where what is called was replaced meanwhile */
  call<R>(run: (current: T) => Promise<R>): Promise<R | undefined> {
    const { promise: replaced } = this.#replaced;
    const answer = run(this.#current);
    // Whoever gives it up hears no more of it.
    answer.catch(() => {});
    return Promise.race([answer, replaced]);
  }
}

/**
 * The server's side. Every method throws an error while Redis is away, or does not answer within two seconds.
 *
 * @example
 * const queue = await InterpreterQueue.open({ url: 'redis://127.0.0.1', redis, model: 'offline', log });
 * const order = await queue.add({ room: 'hall', … });
 * await queue.waiting(); // [order]
 */
export class InterpreterQueue {
  readonly #queue: Reopened<Queue>;
  readonly #clock: Clock;
  readonly #unwatch: () => void;

  static async open({
    url,
    redis,
    model,
    log,
    clock = systemClock,
  }: InterpreterQueueOptions): Promise<InterpreterQueue> {
    const bullmq = await import('bullmq');
    const open = () => {
      const queue = new bullmq.Queue(queueName(model), {
        prefix: PREFIX,
        connection: {
          url,
          maxRetriesPerRequest: 0,
          enableOfflineQueue: false,
          retryStrategy: (times) => backoffDelayMs(times - 1, RECONNECT),
        },
        defaultJobOptions: { removeOnComplete: true, removeOnFail: true, attempts: 1 },
      });
      logged(queue, log);
      return queue;
    };
    return new InterpreterQueue(new Reopened(open), redis, clock);
  }

  private constructor(queue: Reopened<Queue>, redis: Pick<RedisConnection, 'watch'>, clock: Clock) {
    this.#queue = queue;
    this.#clock = clock;
    this.#unwatch = redis.watch({ recovered: () => queue.reopen() });
  }

  /** @returns the id of the order in the queue */
  async add(order: InterpreterOrder): Promise<string> {
    const jobId = randomUUID();
    await this.#call((queue) => queue.add('interpreter', order, { jobId }));
    return jobId;
  }

  /** Whether an order waits, at whatever place. */
  async isWaiting(id: string): Promise<boolean> {
    const state = await this.#call((queue) => queue.getJobState(id));
    return state === 'waiting' || state === 'delayed';
  }

  /** The ids of the orders that wait, the next first: of the first thousand. */
  async waiting(): Promise<string[]> {
    const delayed = await this.#call((queue) => queue.getRanges(['delayed'], 0, PLACES, true));
    const waiting = await this.#call((queue) => queue.getRanges(['wait'], 0, PLACES, true));
    return [...delayed, ...waiting];
  }

  /** Nobody needs to take this order any more. */
  async remove(id: string): Promise<void> {
    await this.#call((queue) => queue.remove(id));
  }

  async close(): Promise<void> {
    this.#unwatch();
    await within(this.#clock, ANSWERS_WITHIN_MS, this.#queue.close());
  }

  async #call<R>(run: (queue: Queue) => Promise<R>): Promise<R> {
    let answer: { value: R } | undefined;
    const asked = this.#queue.call(async (queue) => {
      answer = { value: await run(queue) };
    });
    await within(this.#clock, ANSWERS_WITHIN_MS, asked);
    if (!answer) throw new Error('the queue of interpreters does not answer');
    return answer.value;
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
  readonly #worker: Reopened<Worker>;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #unwatch: () => void;
  readonly #id = randomUUID();
  #offers = 0;

  static async open({ url, redis, model, log, clock = systemClock }: InterpreterQueueOptions): Promise<OfferedOrders> {
    const bullmq = await import('bullmq');
    const open = () => {
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
      worker.startStalledCheckTimer().catch(() => {});
      return worker;
    };
    return new OfferedOrders(new Reopened(open), { redis, clock, log });
  }

  private constructor(
    worker: Reopened<Worker>,
    { redis, clock, log }: Required<Pick<InterpreterQueueOptions, 'redis' | 'clock' | 'log'>>,
  ) {
    this.#worker = worker;
    this.#clock = clock;
    this.#log = log;
    this.#unwatch = redis.watch({ recovered: () => worker.reopen() });
  }

  /** The next order; undefined where none came for a while. @throws {Error} while Redis is away */
  async next(): Promise<OfferedOrder | undefined> {
    const token = `${this.#id}:${++this.#offers}`;
    let job: Job | undefined;
    const asked = this.#worker.call(async (worker) => {
      job = await worker.getNextJob(token);
      return true;
    });
    let isAnswered: boolean | undefined;
    await within(
      this.#clock,
      WAITS_FOR_S * 1000 + LOCK_MS,
      asked.then((answered) => {
        isAnswered = answered ?? false;
      }),
    );
    // An order that comes too late is given to somebody else, as its lock ends.
    if (isAnswered === undefined) this.#worker.reopen();
    return job && this.#offered(job, token);
  }

  async #offered(job: Job, token: string): Promise<OfferedOrder | undefined> {
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
    this.#unwatch();
    await within(this.#clock, ANSWERS_WITHIN_MS, this.#worker.close());
  }
}
