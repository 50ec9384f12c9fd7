/**
 * The consumers that a server pushes, by their producers, so that each can be taken whichever comes first: the consumer, or the wish for it.
 *
 * Hard requirement: a consumer that nobody takes is paused on the server, and costs no bandwidth.
 *
 * Bounded: at most 2000 consumers; one more takes the place of the oldest.
 */
import { BoundedMap } from '../../collections/bounded-map.ts';
import { SignallingError } from '../../room-client/signalling-client.ts';
import type { Clock } from '../../time/clock.ts';
import type { RemoteConsumer } from './remote-room.ts';

const MAX_CONSUMERS = 2000;
const WAIT_MS = 15_000;

interface Wish {
  resolve(consumer: RemoteConsumer): void;
  reject(error: Error): void;
}

export class PushedConsumers {
  readonly #clock: Clock;
  readonly #pause: (consumerId: string) => void;
  readonly #byProducer = new BoundedMap<string, RemoteConsumer>(MAX_CONSUMERS);
  readonly #wishes = new Map<string, Set<Wish>>();
  /** The ids of consumers that somebody has taken. */
  readonly #taken = new Set<string>();

  /** @param pause pauses a consumer on the server */
  constructor(clock: Clock, pause: (consumerId: string) => void) {
    this.#clock = clock;
    this.#pause = pause;
  }

  /** Those that are open on the server. */
  values(): Iterable<RemoteConsumer> {
    return this.#byProducer.values();
  }

  add(consumer: RemoteConsumer): void {
    this.#byProducer.set(consumer.producerId, consumer);
    const wishes = this.#wishes.get(consumer.producerId) ?? [];
    this.#wishes.delete(consumer.producerId);
    for (const { resolve } of wishes) {
      this.#taken.add(consumer.id);
      resolve(consumer);
    }
    // In a turn of its own: the server resumes it when the host has confirmed it.
    this.#clock.after(0, () => {
      if (this.#isOpen(consumer.id) && !this.#taken.has(consumer.id)) this.#pause(consumer.id);
    });
  }

  /** @returns whether there was such a consumer */
  remove(consumerId: string): boolean {
    this.#taken.delete(consumerId);
    for (const [producerId, { id }] of this.#byProducer)
      if (id === consumerId) return this.#byProducer.delete(producerId);
    return false;
  }

  /** The consumer of a producer, when it is there. @throws {SignallingError} where none has come for 15 s */
  async take(producerId: string): Promise<RemoteConsumer> {
    const known = this.#byProducer.get(producerId);
    if (known) {
      this.#taken.add(known.id);
      return known;
    }
    const { promise, ...wish } = Promise.withResolvers<RemoteConsumer>();
    const wishes = this.#wishes.get(producerId) ?? new Set();
    this.#wishes.set(producerId, wishes.add(wish));
    const cancel = this.#clock.after(WAIT_MS, () =>
      wish.reject(new SignallingError('timeout', `the server has pushed no consumer of the producer ${producerId}`)),
    );
    return promise.finally(() => {
      cancel();
      wishes.delete(wish);
      if (wishes.size === 0 && this.#wishes.get(producerId) === wishes) this.#wishes.delete(producerId);
    });
  }

  /** It is not needed any more, but may be taken again. */
  release(consumerId: string): void {
    if (this.#taken.delete(consumerId)) this.#pause(consumerId);
  }

  /** Ends every wait. */
  close(): void {
    for (const wishes of this.#wishes.values())
      for (const { reject } of wishes) reject(new SignallingError('closed', 'the connection to the room is closed'));
    this.#byProducer.clear();
  }

  #isOpen(consumerId: string): boolean {
    return [...this.#byProducer.values()].some(({ id }) => id === consumerId);
  }
}
