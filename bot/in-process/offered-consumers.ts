/**
 * Calls a host's `offer` and `withdraw`. A host without `withdraw` returns the consumer that it makes from `offer`: it is paused here while its
 * person does not want it, and resumed when they do again, so that nothing has to be negotiated anew.
 */
import type { Offered, OfferedConsumer, RoomHost } from './room-options.ts';

const NO_CONSUMER =
  'offer() returned no Consumer. Return the one that you made, which is paused while it is not wanted, or have a method withdraw() that closes it.';

export class OfferedConsumers {
  readonly #host: Pick<RoomHost, 'offer' | 'withdraw'>;
  readonly #switches = new Map<string, WeakMap<Offered, ConsumerSwitch>>();

  /** @param host its methods are looked up with each call, and called on it */
  constructor(host: Pick<RoomHost, 'offer' | 'withdraw'>) {
    this.#host = host;
  }

  /** Gives a person what they want. Rejects where nothing was handed over. */
  async offer(person: string, it: Offered): Promise<void> {
    const known = this.#switches.get(person)?.get(it);
    if (known && !known.isClosed) return known.on();
    // Who leaves while the host is at work takes these along.
    const theirs = this.#switches.get(person) ?? new WeakMap<Offered, ConsumerSwitch>();
    this.#switches.set(person, theirs);
    const consumer = await this.#host.offer?.(person, it);
    if (this.#host.withdraw) return;
    if (!isConsumer(consumer)) throw new Error(NO_CONSUMER);
    theirs.set(it, new ConsumerSwitch(consumer));
  }

  async withdraw(person: string, it: Offered): Promise<void> {
    if (this.#host.withdraw) await this.#host.withdraw(person, it);
    else await this.#switches.get(person)?.get(it)?.off();
  }

  /** Somebody has left: their consumers end with their transport. */
  remove(person: string): void {
    this.#switches.delete(person);
  }
}

/** Pauses a consumer, and resumes what it has paused: one that its host has not resumed yet stays as it is. */
class ConsumerSwitch {
  readonly #consumer: OfferedConsumer;
  #isOn = true;
  #hasPaused = false;

  constructor(consumer: OfferedConsumer) {
    this.#consumer = consumer;
    // A host resumes a consumer when its page is ready, which may be after the person has chosen something else.
    consumer.observer.on('resume', () => {
      if (!this.#isOn) this.off().catch(() => {});
    });
  }

  get isClosed(): boolean {
    return this.#consumer.closed;
  }

  async on(): Promise<void> {
    this.#isOn = true;
    if (this.#hasPaused) await this.#consumer.resume();
    this.#hasPaused = false;
  }

  async off(): Promise<void> {
    this.#isOn = false;
    if (this.#consumer.closed || this.#consumer.paused) return;
    await this.#consumer.pause();
    this.#hasPaused = true;
  }
}

function isConsumer(returned: unknown): returned is OfferedConsumer {
  const { pause, resume, observer } = Object(returned) as Partial<OfferedConsumer>;
  return typeof pause === 'function' && typeof resume === 'function' && observer !== undefined;
}
