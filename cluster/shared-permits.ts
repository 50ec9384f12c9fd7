/**
 * Schedules the connections that the interpreters of all servers make to one account of the service: the schedule stands in Redis, and is
 * changed by one server at a time, each change by the rules of `ConnectionScheduler`.
 *
 * While Redis is away, each server has its share of the account's limits for itself: together they never use more than there is, and
 * meetings go on. What a server has used of it, and what Redis has lost, is added to the schedule when Redis is back.
 */
import type { ReplyData } from '@mediasoup-booth/protocol';
import { ApiError } from '@mediasoup-booth/protocol';
import { z } from 'zod';
import {
  type ConnectionLimits,
  ConnectionScheduler,
  type ScheduledConnection,
  SchedulerState,
} from '../account/connection-scheduler.ts';
import type { Logger } from '../logging/logger.ts';
import {
  type ConnectionPermits,
  type ReservationHolder,
  SharedConnectionLimiter,
  type SharedConnectionLimiterOptions,
} from '../server/account/shared-connection-limiter.ts';
import { type Clock, systemClock } from '../time/clock.ts';
import type { RedisConnection, RedisScript } from './redis-connection.ts';

const SCHEDULE = 'connections';
const CHANNEL = 'connections-moved';
/** A schedule that nobody has changed for so long holds nothing that counts. */
const KEPT_MS = 3_600_000;
/** How often a change is tried again that another server's came before. */
const TRIES = 20;
/** Tokens are handed in together. */
const TOKENS_EVERY_MS = 1000;
const MINUTE_MS = 61_000;

type Scheduled = ScheduledConnection<string>;

/** A reservation of this server's. Times are of Redis, in milliseconds since 1970. */
interface Reservation {
  holder: ReservationHolder;
  requestedMs: number;
  atMs: number;
}

const MovedMessage = z.object({
  nowMs: z.number(),
  moved: z.array(z.object({ id: z.number(), holder: z.string(), atMs: z.number() })),
});

export interface SharedPermitsOptions extends SharedConnectionLimiterOptions {
  redis: RedisConnection;
  /** The URL of this node. */
  node: string;
  /** How many servers there are, this one among them. */
  nodeCount: () => number;
  log: Logger;
  /** Default: the clock of this process. */
  clock?: Clock;
}

export class SharedPermits implements ConnectionPermits {
  readonly #options: SharedPermitsOptions;
  readonly #clock: Clock;
  readonly #reservations = new Map<number, Reservation>();
  /** The times of this server's connections of the last minute, by the clock of Redis. */
  #used: number[] = [];
  /** How far the clock of Redis is ahead of this server's, in milliseconds. */
  #redisAheadMs = Date.now() - performance.now();
  #alone: SharedConnectionLimiter | undefined;
  /** Changes of this server's, one after the other. */
  #last: Promise<unknown> = Promise.resolve();
  #tokens = 0;

  constructor(options: SharedPermitsOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    const { redis } = options;
    redis.subscribe(CHANNEL, (message) => this.#hearMoved(message));
    redis.watch({
      recovered: () => this.#handIn(),
      emptied: () => {
        this.#forgetReservations();
        this.#handIn();
      },
    });
  }

  async reserve(holder: ReservationHolder): Promise<ReplyData<'session.reserve'>> {
    const { redis, node } = this.#options;
    if (!redis.isReady) return this.#reserveAlone(holder);
    try {
      const { result, nowMs } = await this.#change((scheduler, at) => ({
        result: scheduler.reserve(node, at),
        moved: [],
      }));
      this.#reservations.set(result.id, { holder, requestedMs: nowMs, atMs: result.atMs });
      return { reservation: result.id, waitMs: waitMs(result.atMs, nowMs) };
    } catch (error) {
      if (error instanceof ApiError) throw error;
      return this.#reserveAlone(holder);
    }
  }

  tokensUsed(tokens: number): void {
    this.#options.counts.tokensUsed(tokens);
    this.#alone?.tokensUsed(tokens);
    if (this.#tokens === 0) this.#clock.after(TOKENS_EVERY_MS, () => this.#handInTokens());
    this.#tokens += tokens;
  }

  throttled(): void {
    this.#options.counts.throttled();
    this.#alone?.throttled();
    this.#attempt((scheduler, nowMs) => scheduler.throttled(nowMs));
  }

  release(holder: ReservationHolder): void {
    this.#alone?.release(holder);
    this.#advance();
    const ids = [...this.#reservations].filter(([, one]) => one.holder === holder).map(([id]) => id);
    if (ids.length === 0) return;
    for (const id of ids) this.#reservations.delete(id);
    this.#attempt((scheduler, nowMs) => scheduler.releaseIds(ids, nowMs));
  }

  waiting(): number {
    this.#advance();
    return this.#reservations.size + (this.#alone?.waiting() ?? 0);
  }

  /** By its share of the limits: what this server has used of the last minute counts. */
  #reserveAlone(holder: ReservationHolder): ReplyData<'session.reserve'> {
    this.#advance();
    const { limits, counts, nowMs, nodeCount } = this.#options;
    const epochMs = Date.now() - this.#redisNow();
    this.#alone ??= new SharedConnectionLimiter({
      limits: shareOf(limits, nodeCount()),
      nowMs,
      counts: { ...counts, connectionGranted: (ms) => counts.connectionGranted(ms), tokensUsed() {}, throttled() {} },
      store: {
        stored: this.#used.map((atMs) => atMs + epochMs),
        save: (times) => {
          this.#used = times.map((atMs) => atMs - epochMs);
        },
      },
    });
    return this.#alone.reserve(holder);
  }

  /** Redis lost them, and gives their ids anew. Who has them connects at their times all the same. */
  #forgetReservations(): void {
    this.#used.push(...[...this.#reservations.values()].map(({ atMs }) => atMs));
    this.#reservations.clear();
  }

  /** Adds what Redis may not know of this server's last minute. */
  #handIn(): void {
    this.#advance();
    this.#alone = undefined;
    const own = [...this.#used, ...[...this.#reservations.values()].map(({ atMs }) => atMs)];
    this.#attempt((scheduler, nowMs) => scheduler.include(own, nowMs));
  }

  #handInTokens(): void {
    const tokens = this.#tokens;
    this.#tokens = 0;
    this.#attempt((scheduler, nowMs) => scheduler.tokensUsed(tokens, nowMs));
  }

  /** A change that is of no use any more where it cannot be made. */
  #attempt(change: (scheduler: ConnectionScheduler<string>, nowMs: number) => Scheduled[]): void {
    if (!this.#options.redis.isReady) return;
    this.#change((scheduler, nowMs) => ({ result: undefined, moved: change(scheduler, nowMs) })).catch(
      (error: unknown) =>
        this.#options.log.debug({ err: error }, 'shared schedule of connections could not be changed'),
    );
  }

  #change<T>(
    change: (scheduler: ConnectionScheduler<string>, nowMs: number) => { result: T; moved: Scheduled[] },
  ): Promise<{ result: T; nowMs: number }> {
    const changed = this.#last.then(() => this.#changeNow(change));
    this.#last = changed.catch(() => {});
    return changed;
  }

  /** Reads the schedule, changes it, and writes it where nobody has changed it meanwhile. @throws {ApiError} what the change throws */
  async #changeNow<T>(
    change: (scheduler: ConnectionScheduler<string>, nowMs: number) => { result: T; moved: Scheduled[] },
  ): Promise<{ result: T; nowMs: number }> {
    const { redis, limits } = this.#options;
    for (let tries = 0; tries < TRIES; tries++) {
      const [text, nowMs] = ScheduleAnswer.parse(await redis.run(readSchedule, [SCHEDULE], []));
      this.#redisAheadMs = nowMs - this.#options.nowMs();
      const state = text === '' ? undefined : SchedulerState.parse(JSON.parse(text));
      const scheduler = new ConnectionScheduler<string>(limits, { state });
      const { result, moved } = change(scheduler, nowMs);
      const args = [text, JSON.stringify(scheduler.state), KEPT_MS];
      if ((await redis.run(replaceSchedule, [SCHEDULE], args)) !== 1) continue;
      if (moved.length > 0) await redis.publish(CHANNEL, JSON.stringify({ nowMs, moved })).catch(() => {});
      return { result, nowMs };
    }
    throw new Error('the schedule of connections was changed by others each time');
  }

  #hearMoved(message: string): void {
    const { nowMs, moved } = MovedMessage.parse(JSON.parse(message));
    this.#advance();
    for (const { id, holder, atMs } of moved) {
      const reservation = holder === this.#options.node ? this.#reservations.get(id) : undefined;
      if (!reservation) continue;
      reservation.atMs = atMs;
      reservation.holder.notify('session.moved', { reservation: id, waitMs: waitMs(atMs, nowMs) });
    }
  }

  /** Counts reservations as used whose time has come. */
  #advance(): void {
    const nowMs = this.#redisNow();
    for (const [id, { requestedMs, atMs }] of [...this.#reservations]) {
      if (atMs > nowMs) continue;
      this.#reservations.delete(id);
      this.#used.push(atMs);
      this.#options.counts.connectionGranted(atMs - requestedMs);
    }
    this.#used = this.#used.filter((atMs) => atMs > nowMs - MINUTE_MS);
  }

  #redisNow(): number {
    return this.#options.nowMs() + this.#redisAheadMs;
  }
}

/** One connection at least: where there are more servers than connections, the service itself refuses what is too much. */
const shareOf = ({ connectionsPerMinute, tokensPerMinute }: ConnectionLimits, nodes: number): ConnectionLimits => ({
  connectionsPerMinute: Math.max(1, Math.floor(connectionsPerMinute / Math.max(1, nodes))),
  tokensPerMinute: Math.floor(tokensPerMinute / Math.max(1, nodes)),
});

const waitMs = (atMs: number, nowMs: number): number => Math.max(0, Math.ceil(atMs - nowMs));

const ScheduleAnswer = z.tuple([z.string(), z.coerce.number()]);

const readSchedule: RedisScript = {
  lua: `
    local time = redis.call('TIME')
    return { redis.call('GET', KEYS[1]) or '', tostring(time[1] * 1000 + math.floor(time[2] / 1000)) }`,
  keys: 1,
};

/** ARGV: the schedule as it was read, the new one, for how long it is kept. */
const replaceSchedule: RedisScript = {
  lua: `
    if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then return 0 end
    redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
    return 1`,
  keys: 1,
};
