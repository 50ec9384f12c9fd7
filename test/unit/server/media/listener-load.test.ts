import { describe, expect, it } from 'vitest';
import { ListenerLoad } from '../../../../server/media/listener-load.ts';

describe('the load of a router', () => {
  it('is its consumers, and one for each listener who consumes nothing yet, on the router and on its worker', () => {
    const worker = new ListenerLoad();
    const [router, other] = [new ListenerLoad(worker), new ListenerLoad(worker)];
    const ana = router.add();
    const ben = other.add();
    expect([router.count, other.count, worker.count]).toEqual([1, 1, 2]);
    const [first, second] = [ana.consuming(), ana.consuming()];
    expect([router.count, worker.count]).toEqual([2, 3]);
    first();
    second();
    expect([router.count, worker.count]).toEqual([1, 2]);
    const again = ana.consuming();
    expect(router.count).toBe(1);
    again();
    ana.left();
    ana.left();
    ben.left();
    expect([router.count, other.count, worker.count]).toEqual([0, 0, 0]);
  });
});
