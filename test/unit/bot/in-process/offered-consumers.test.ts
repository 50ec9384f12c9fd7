import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { OfferedConsumers } from '../../../../bot/in-process/offered-consumers.ts';
import type { Offered, OfferedConsumer } from '../../../../bot/in-process/room-options.ts';

/** A consumer as one of mediasoup, which its host makes paused and resumes when its page is ready. */
class FakeConsumer {
  readonly observer = new EventEmitter();
  closed = false;
  paused = true;

  async pause(): Promise<void> {
    this.paused = true;
  }

  async resume(): Promise<void> {
    this.paused = false;
    this.observer.emit('resume');
  }
}

const [es, fr] = ['es', 'fr'].map((id) => ({ id }) as Offered) as [Offered, Offered];

/** A host without `withdraw`. */
class Host {
  readonly made: FakeConsumer[] = [];
  readonly consumers = new OfferedConsumers(this);

  async offer(): Promise<OfferedConsumer> {
    const consumer = new FakeConsumer();
    this.made.push(consumer);
    return consumer;
  }
}

/** Ann has Spanish, and her page is ready for it. */
async function annHearsSpanish() {
  const host = new Host();
  await host.consumers.offer('ann', es);
  const [consumer] = host.made;
  if (!consumer) throw new Error('no consumer was made');
  await consumer.resume();
  return { ...host, consumer };
}

describe('the consumer that a host without withdraw() returns', () => {
  it('is paused while it is not wanted, and resumed without another offer', async () => {
    const { consumers, consumer, made } = await annHearsSpanish();
    await consumers.withdraw('ann', es);
    expect(consumer.paused).toBe(true);
    await consumers.offer('ann', fr);
    await consumers.offer('ann', es);
    expect(consumer.paused).toBe(false);
    expect(made).toHaveLength(2);
  });

  it('stays paused where its page was ready only after it was wanted no more', async () => {
    const { consumers, made } = new Host();
    await consumers.offer('ann', es);
    await consumers.withdraw('ann', es);
    await made[0]?.resume();
    expect(made[0]?.paused).toBe(true);
    await consumers.offer('ann', es);
    expect(made).toMatchObject([{ paused: false }]);
  });

  it('is left to its host as long as that has not resumed it', async () => {
    const { consumers, made } = new Host();
    await consumers.offer('ann', es);
    await consumers.withdraw('ann', es);
    await consumers.offer('ann', es);
    expect(made).toMatchObject([{ paused: true }]);
  });

  it('is asked for again where it was closed, and by who comes back', async () => {
    const { consumers, consumer, made } = await annHearsSpanish();
    consumer.closed = true;
    await consumers.withdraw('ann', es);
    await consumers.offer('ann', es);
    expect(made).toHaveLength(2);
    consumers.remove('ann');
    await consumers.offer('ann', es);
    expect(made).toHaveLength(3);
    await consumers.offer('bea', es);
    expect(made).toHaveLength(4);
  });

  it('of who has left meanwhile is not that of who comes back', async () => {
    const { consumers, made } = new Host();
    const offering = consumers.offer('ann', es);
    consumers.remove('ann');
    await offering;
    await consumers.offer('ann', es);
    expect(made).toHaveLength(2);
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['something else', { id: 'es' }],
  ])('has to be one: %s is told, with the remedy', async (_, returned) => {
    const consumers = new OfferedConsumers({ offer: () => returned as OfferedConsumer });
    await expect(consumers.offer('ann', es)).rejects.toThrow(/returned no Consumer.*withdraw\(\)/);
  });
});

describe('a host with withdraw()', () => {
  it('is called each time, and need not return anything', async () => {
    const calls: string[] = [];
    const consumers = new OfferedConsumers({
      offer: (person, { id }) => void calls.push(`offer ${person} ${id}`),
      withdraw: (person, { id }) => void calls.push(`withdraw ${person} ${id}`),
    });
    await consumers.offer('ann', es);
    await consumers.withdraw('ann', es);
    await consumers.offer('ann', es);
    expect(calls).toEqual(['offer ann es', 'withdraw ann es', 'offer ann es']);
  });

  it('closes what it made itself', async () => {
    const consumer = new FakeConsumer();
    const consumers = new OfferedConsumers({ offer: () => consumer, withdraw: () => {} });
    await consumers.offer('ann', es);
    await consumer.resume();
    await consumers.withdraw('ann', es);
    expect(consumer.paused).toBe(false);
  });
});
