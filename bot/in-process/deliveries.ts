/**
 * Hands each person what they are offered, through the host's `offer` and `withdraw`.
 *
 * Hard requirement: for one person and one thing, `offer` and `withdraw` take turns, and the next is called when the one before it has
 * settled, or after 10 s. None is called for who has left, nor after `close`. One that fails is called again with the next change, or after a
 * pause that doubles from 1 s to 30 s.
 */
import { backoffDelayMs } from '../../time/backoff.ts';
import { type Clock, within } from '../../time/clock.ts';

const SETTLES_WITHIN_MS = 10_000;
const RETRY = { firstMs: 1000, maxMs: 30_000 };

export interface DeliveryHost<T> {
  offer(person: string, it: T): unknown;
  withdraw(person: string, it: T): unknown;
  /** The call has failed, and is made again. */
  onFailed(person: string, it: T, failure: DeliveryFailure): void;
  onDelivered(person: string, it: T): void;
}

export interface DeliveryFailure {
  call: 'offer' | 'withdraw';
  error: unknown;
  /** How often a call has failed since one last succeeded. */
  failures: number;
}

interface Delivery<T> {
  readonly person: string;
  readonly it: T;
  isWanted: boolean;
  /** What the person has, as far as the host has said. */
  isDelivered: boolean;
  isUnderWay: boolean;
  hasFailed: boolean;
  failures: number;
  isOver: boolean;
  cancelRetry(): void;
}

export class Deliveries<T extends { readonly closed: boolean }> {
  readonly #host: DeliveryHost<T>;
  readonly #clock: Clock;
  readonly #people = new Map<string, Map<T, Delivery<T>>>();

  constructor(host: DeliveryHost<T>, clock: Clock) {
    this.#host = host;
    this.#clock = clock;
  }

  /** Offers a person what they are to have, and withdraws the rest. */
  reconcile(person: string, wanted: Iterable<T>): void {
    const deliveries = this.#people.get(person) ?? new Map<T, Delivery<T>>();
    this.#people.set(person, deliveries);
    const all = new Set(wanted);
    for (const it of all) if (!deliveries.has(it)) deliveries.set(it, newDelivery(person, it));
    for (const delivery of [...deliveries.values()]) {
      delivery.isWanted = all.has(delivery.it);
      this.#retry(delivery);
    }
  }

  /** Somebody has left. */
  remove(person: string): void {
    for (const delivery of this.#people.get(person)?.values() ?? []) end(delivery);
    this.#people.delete(person);
  }

  close(): void {
    for (const person of [...this.#people.keys()]) this.remove(person);
  }

  #retry(delivery: Delivery<T>): void {
    delivery.cancelRetry();
    delivery.hasFailed = false;
    this.#advance(delivery);
  }

  #advance(delivery: Delivery<T>): void {
    const { person, it, isWanted, isDelivered } = delivery;
    if (delivery.isOver || delivery.isUnderWay || delivery.hasFailed) return;
    if (it.closed || (!isWanted && !isDelivered)) {
      end(delivery);
      this.#people.get(person)?.delete(it);
      return;
    }
    if (isWanted !== isDelivered) void this.#call(delivery, isWanted);
  }

  async #call(delivery: Delivery<T>, isWanted: boolean): Promise<void> {
    const { person, it } = delivery;
    delivery.isUnderWay = true;
    try {
      const settled = isWanted ? this.#host.offer(person, it) : this.#host.withdraw(person, it);
      await within(this.#clock, SETTLES_WITHIN_MS, Promise.resolve(settled));
      delivery.isDelivered = isWanted;
      delivery.failures = 0;
      if (!delivery.isOver) this.#host.onDelivered(person, it);
    } catch (error) {
      delivery.hasFailed = true;
      const pauseMs = backoffDelayMs(delivery.failures++, RETRY);
      if (!delivery.isOver && !it.closed) {
        delivery.cancelRetry = this.#clock.after(pauseMs, () => this.#retry(delivery));
        this.#host.onFailed(person, it, {
          call: isWanted ? 'offer' : 'withdraw',
          error,
          failures: delivery.failures,
        });
      }
    }
    delivery.isUnderWay = false;
    this.#advance(delivery);
  }
}

function end(delivery: Pick<Delivery<unknown>, 'isOver' | 'cancelRetry'>): void {
  delivery.isOver = true;
  delivery.cancelRetry();
}

const newDelivery = <T>(person: string, it: T): Delivery<T> => ({
  person,
  it,
  isWanted: false,
  isDelivered: false,
  isUnderWay: false,
  hasFailed: false,
  failures: 0,
  isOver: false,
  cancelRetry() {},
});
