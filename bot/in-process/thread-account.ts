/**
 * The account that all rooms of a Booth share, in the interpreter's thread: when connections to the service may be made, and what was
 * used, against the budget. What a later thread has to know of it is reported with each change.
 */
import type { BudgetNotice, UsageEntry } from '@mediasoup-booth/protocol';
import { ConnectionScheduler, type ScheduledConnection } from '../../account/connection-scheduler.ts';
import { UsageAccounting } from '../../account/usage-accounting.ts';
import { modelNamed } from '../../config/models.ts';
import { pricingOf } from '../../config/prices.ts';
import type { Logger } from '../../logging/logger.ts';
import { type Clock, systemClock } from '../../time/clock.ts';
import type { ConnectionLimiter, OnWaitChanged } from '../session/connection-limiter.ts';
import type { InterpreterThreadMessage, ThreadSetup } from './thread-messages.ts';

/** The part of the account's connections that one room has reserved. */
export interface RoomConnectionLimiter extends ConnectionLimiter {
  /** What the room has reserved and is not yet due goes to who waits behind it. */
  close(): void;
}

export interface ThreadAccountOptions {
  setup: ThreadSetup;
  send(message: InterpreterThreadMessage): void;
  /** `notice` has changed. */
  onNoticeChanged(): void;
  log: Logger;
}

/** Times of day, which a later thread understands as well. */
const wallClock: Clock = { ...systemClock, now: Date.now };

interface Holder {
  room: object;
  notify: OnWaitChanged;
}

export class ThreadAccount {
  readonly #send: ThreadAccountOptions['send'];
  readonly #scheduler: ConnectionScheduler<Holder>;
  readonly #usage: UsageAccounting;
  /** The reservations of each room: the scheduler releases by holder. */
  readonly #holders = new Map<object, Set<Holder>>();

  constructor({ setup, send, onNoticeChanged, log }: ThreadAccountOptions) {
    const { engine, limits, budget, earlier } = setup;
    this.#send = send;
    const model = modelNamed(engine.model);
    const now = Date.now();
    this.#scheduler = new ConnectionScheduler<Holder>(limits, {
      earlier: earlier.connections.filter((atMs) => atMs <= now),
      granted: ({ holder }) => this.#holders.get(holder.room)?.delete(holder),
    });
    this.#usage = new UsageAccounting({
      model,
      pricing: pricingOf(model, engine.url),
      budget,
      store: { stored: earlier.usage, save: (usage) => send({ type: 'used', earlier: { usage } }) },
      nowMs: Date.now,
      onNoticeChanged: () => {
        send({ type: 'budget', notice: this.notice });
        onNoticeChanged();
      },
      log,
    });
  }

  get notice(): BudgetNotice | undefined {
    return this.#usage.notice();
  }

  /** Counts what a room has used. */
  report(room: number, name: string, entries: readonly UsageEntry[]): void {
    this.#usage.report(name, name, entries);
    this.#send({
      type: 'usage',
      room,
      usage: this.#usage.roomUsage(name),
      account: this.#usage.accountUsage(),
    });
  }

  /** A limiter for one room, which reserves in turn with all others. */
  limiter(): RoomConnectionLimiter {
    const room = {};
    const holders = new Set<Holder>();
    this.#holders.set(room, holders);
    return {
      reserve: async (notify = () => {}) => {
        const holder = { room, notify };
        holders.add(holder);
        const now = wallClock.now();
        const { atMs } = this.#scheduler.reserve(holder, now);
        this.#reportConnections();
        return Math.max(0, atMs - now);
      },
      tokensUsed: (tokens) => this.#notify(this.#scheduler.tokensUsed(tokens, wallClock.now())),
      throttled: () => this.#notify(this.#scheduler.throttled(wallClock.now())),
      close: () => {
        this.#holders.delete(room);
        for (const holder of holders) this.#notify(this.#scheduler.release(holder, wallClock.now()));
      },
    };
  }

  /** In a turn of its own, so that nobody is notified before `reserve` has returned to them. */
  #notify(moved: readonly ScheduledConnection<Holder>[]): void {
    if (moved.length > 0) this.#reportConnections();
    for (const { holder, atMs } of moved)
      wallClock.after(0, () => {
        if (this.#holders.has(holder.room)) holder.notify(Math.max(0, atMs - wallClock.now()));
      });
  }

  #reportConnections(): void {
    this.#send({ type: 'used', earlier: { connections: this.#scheduler.times } });
  }
}
