import { describe, expect, it } from 'vitest';
import { SubscriptionSync } from '../../../room-client/subscription-sync.ts';
import { FakeClock } from '../../../time/fake-clock.ts';

/** Opens when the test says so. */
function setUp() {
  const opening: { key: string; open(): void; fail(): void }[] = [];
  const closed: string[] = [];
  const failures: unknown[] = [];
  const recoveries: number[] = [];
  const clock = new FakeClock();
  const sync = new SubscriptionSync<string>({
    open: (key) =>
      new Promise((resolve, reject) =>
        opening.push({ key, open: () => resolve(key), fail: () => reject(new Error(key)) }),
      ),
    close: (thing) => closed.push(thing),
    onChanged: () => {},
    onFailed: (error) => failures.push(error),
    onRecovered: () => recoveries.push(failures.length),
    clock,
  });
  return { sync, opening, closed, failures, recoveries, clock };
}
const soon = () => new Promise((resolve) => setTimeout(resolve, 5));

describe('a wanted subscription', () => {
  it('is opened once, and closed when it is no longer wanted', async () => {
    const { sync, opening, closed } = setUp();
    sync.reconcile(['a', 'b']);
    sync.reconcile(['a', 'b']);
    expect(opening.map(({ key }) => key)).toEqual(['a', 'b']);
    for (const { open } of opening) open();
    await soon();
    sync.reconcile(['b']);
    expect([...sync.open.keys()]).toEqual(['b']);
    expect(closed).toEqual(['a']);
  });

  it('is closed on arrival where it became unwanted meanwhile', async () => {
    const { sync, opening, closed } = setUp();
    sync.reconcile(['a']);
    sync.reconcile([]);
    opening[0]?.open();
    await soon();
    expect(sync.open.size).toBe(0);
    expect(closed).toEqual(['a']);
  });

  it('stays where it became unwanted and wanted again meanwhile', async () => {
    const { sync, opening, closed } = setUp();
    sync.reconcile(['a']);
    sync.reconcile([]);
    sync.reconcile(['a']);
    opening[0]?.open();
    await soon();
    expect([...sync.open.keys()]).toEqual(['a']);
    expect([opening.length, closed]).toEqual([1, []]);
  });

  it('is reported where it could not be opened, and opened again by itself after a pause that grows to 30 s', async () => {
    const { sync, opening, failures, clock } = setUp();
    sync.reconcile(['a']);
    for (let attempts = 1; attempts <= 10; attempts++) {
      opening.at(-1)?.fail();
      await soon();
      sync.reconcile(['a']);
      expect([opening.length, failures.length]).toEqual([attempts, attempts]);
      clock.advance(attempts === 1 ? 1000 : 30_000);
      expect(opening).toHaveLength(attempts + 1);
    }
    opening.at(-1)?.open();
    await soon();
    expect([...sync.open.keys()]).toEqual(['a']);
    expect(clock.pending).toBe(0);
  });

  it('is told to be well again when the last that failed is open, or no longer wanted', async () => {
    const { sync, opening, recoveries, clock } = setUp();
    sync.reconcile(['a', 'b', 'c']);
    for (const { fail } of opening.slice(0, 2)) fail();
    opening[2]?.open();
    await soon();
    expect(recoveries, 'a subscription that never failed is no recovery').toEqual([]);
    clock.advance(1500);
    opening.at(-1)?.open();
    await soon();
    expect(recoveries, 'one of the two still fails').toEqual([]);
    sync.reconcile(opening.at(-1)?.key === 'a' ? ['a', 'c'] : ['b', 'c']);
    expect(recoveries).toEqual([2]);
  });

  it('is not opened again where it is no longer wanted, and at once where it is wanted anew', async () => {
    const { sync, opening, clock } = setUp();
    sync.reconcile(['a']);
    opening[0]?.fail();
    await soon();
    sync.reconcile([]);
    expect(clock.pending).toBe(0);
    sync.reconcile(['a']);
    expect(opening).toHaveLength(2);
  });

  it('is not reported where it could not be opened and is no longer wanted', async () => {
    const { sync, opening, failures } = setUp();
    sync.reconcile(['a']);
    sync.reconcile([]);
    opening[0]?.fail();
    await soon();
    expect([opening.length, failures.length]).toEqual([1, 0]);
  });
});
