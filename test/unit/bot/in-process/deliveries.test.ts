import { describe, expect, it } from 'vitest';
import { Deliveries } from '../../../../bot/in-process/deliveries.ts';
import { FakeClock } from '../../../../time/fake-clock.ts';

interface Thing {
  name: string;
  closed: boolean;
}
const thing = (name: string): Thing => ({ name, closed: false });

class Host {
  readonly calls: string[] = [];
  readonly failures: string[] = [];
  answer: (call: string) => unknown = () => undefined;
  readonly clock = new FakeClock();
  readonly deliveries = new Deliveries<Thing>(
    {
      offer: (person, it) => this.#call(`offer ${person} ${it.name}`),
      withdraw: (person, it) => this.#call(`withdraw ${person} ${it.name}`),
      onFailed: (person, it, { call, error, failures }) =>
        this.failures.push(`${call} ${person} ${it.name} ${error} ${failures}`),
      onDelivered: () => {},
    },
    this.clock,
  );

  /** The calls since this was asked last. */
  async since(): Promise<string[]> {
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
    return this.calls.splice(0);
  }

  #call(call: string): unknown {
    this.calls.push(call);
    return this.answer(call);
  }
}

describe('deliveries', () => {
  it('offer each thing once, and withdraw what is not wanted any more', async () => {
    const host = new Host();
    const [es, fr] = [thing('es'), thing('fr')];
    host.deliveries.reconcile('ann', [es]);
    host.deliveries.reconcile('ann', [es]);
    expect(await host.since()).toEqual(['offer ann es']);
    host.deliveries.reconcile('ann', [fr]);
    expect((await host.since()).sort()).toEqual(['offer ann fr', 'withdraw ann es']);
    host.deliveries.reconcile('ann', [es, fr]);
    expect(await host.since()).toEqual(['offer ann es']);
  });

  it('wait with the next call until the one before has settled, and make only the calls that are still needed', async () => {
    const host = new Host();
    const es = thing('es');
    const opening = Promise.withResolvers<void>();
    host.answer = () => opening.promise;
    host.deliveries.reconcile('ann', [es]);
    host.deliveries.reconcile('ann', []);
    expect(await host.since()).toEqual(['offer ann es']);
    host.answer = () => undefined;
    opening.resolve();
    expect(await host.since()).toEqual(['withdraw ann es']);

    const again = Promise.withResolvers<void>();
    host.answer = () => again.promise;
    host.deliveries.reconcile('ann', [es]);
    host.deliveries.reconcile('ann', []);
    host.deliveries.reconcile('ann', [es]);
    again.resolve();
    expect(await host.since()).toEqual(['offer ann es']);
  });

  it('do not wait for ever for a host', async () => {
    const host = new Host();
    host.answer = () => new Promise(() => {});
    host.deliveries.reconcile('ann', [thing('es')]);
    expect(await host.since()).toEqual(['offer ann es']);
    host.deliveries.reconcile('ann', []);
    expect(await host.since()).toEqual([]);
    host.clock.advance(10_000);
    expect(await host.since()).toEqual(['withdraw ann es']);
  });

  it('call again with the next change what has failed, thrown or rejected', async () => {
    const host = new Host();
    const es = thing('es');
    host.answer = () => {
      throw new Error('no transport');
    };
    host.deliveries.reconcile('ann', [es]);
    expect(await host.since()).toEqual(['offer ann es']);
    host.answer = () => Promise.reject(new Error('still none'));
    host.deliveries.reconcile('ann', [es]);
    expect(await host.since()).toEqual(['offer ann es']);
    expect(host.failures).toEqual(['offer ann es Error: no transport 1', 'offer ann es Error: still none 2']);
    host.answer = () => undefined;
    host.deliveries.reconcile('ann', []);
    expect(await host.since()).toEqual([]);
  });

  it('call again by themselves what has failed, seldom at last, until it succeeds', async () => {
    const host = new Host();
    const es = thing('es');
    host.answer = () => Promise.reject(new Error('no transport'));
    host.deliveries.reconcile('ann', [es]);
    expect(await host.since()).toEqual(['offer ann es']);
    for (const seconds of [1, 2, 4, 8, 16, 30, 30]) {
      host.clock.advance(seconds * 1000 - 1);
      expect(await host.since()).toEqual([]);
      host.clock.advance(1);
      expect(await host.since()).toEqual(['offer ann es']);
    }
    host.answer = () => undefined;
    host.clock.advance(30_000);
    expect(await host.since()).toEqual(['offer ann es']);
    expect(host.failures.at(-1)).toBe('offer ann es Error: no transport 8');
    host.clock.advance(60_000);
    expect(await host.since()).toEqual([]);
  });

  it('call nothing again for who has left, nor what has closed', async () => {
    const host = new Host();
    const [es, fr] = [thing('es'), thing('fr')];
    host.answer = () => Promise.reject(new Error('no transport'));
    host.deliveries.reconcile('ann', [es]);
    host.deliveries.reconcile('ben', [fr]);
    expect((await host.since()).sort()).toEqual(['offer ann es', 'offer ben fr']);
    host.deliveries.remove('ann');
    fr.closed = true;
    host.clock.advance(60_000);
    expect(await host.since()).toEqual([]);
  });

  it('withdraw nothing that has closed, nor from who has left', async () => {
    const host = new Host();
    const [es, fr] = [thing('es'), thing('fr')];
    host.deliveries.reconcile('ann', [es, fr]);
    await host.since();
    es.closed = true;
    host.deliveries.reconcile('ann', [fr]);
    host.deliveries.remove('ann');
    expect(await host.since()).toEqual([]);
    host.deliveries.reconcile('ann', [fr]);
    expect(await host.since()).toEqual(['offer ann fr']);
    host.deliveries.close();
    expect(await host.since()).toEqual([]);
  });

  it('make no call for who left while one was under way', async () => {
    const host = new Host();
    const opening = Promise.withResolvers<void>();
    host.answer = () => opening.promise;
    host.deliveries.reconcile('ann', [thing('es')]);
    host.deliveries.reconcile('ann', []);
    host.deliveries.remove('ann');
    opening.reject(new Error('transport closed'));
    expect(await host.since()).toEqual(['offer ann es']);
    expect(host.failures).toEqual([]);
  });
});
