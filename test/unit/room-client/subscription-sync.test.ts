import { describe, expect, it } from 'vitest';
import { SubscriptionSync } from '../../../room-client/subscription-sync.ts';

/** Opens when the test says so. */
function setUp() {
  const opening: { key: string; open(): void; fail(): void }[] = [];
  const closed: string[] = [];
  const failures: unknown[] = [];
  const sync = new SubscriptionSync<string>({
    open: (key) =>
      new Promise((resolve, reject) =>
        opening.push({ key, open: () => resolve(key), fail: () => reject(new Error(key)) }),
      ),
    close: (thing) => closed.push(thing),
    onChanged: () => {},
    onFailed: (error) => failures.push(error),
  });
  return { sync, opening, closed, failures };
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

  it('is reported once where it could not be opened, and opened again when it is wanted anew', async () => {
    const { sync, opening, failures } = setUp();
    sync.reconcile(['a']);
    opening[0]?.fail();
    await soon();
    expect([opening.length, failures.length]).toEqual([1, 1]);
    sync.reconcile(['a']);
    opening[1]?.open();
    await soon();
    expect([...sync.open.keys()]).toEqual(['a']);
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
