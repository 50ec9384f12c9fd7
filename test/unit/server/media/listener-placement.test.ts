import { describe, expect, it } from 'vitest';
import { placeListener } from '../../../../server/media/listener-placement.ts';

const worker = (count: number) => ({ load: { count } });

describe('a listener receives from', () => {
  it('the origin while its router is not full, however much its worker has to do', () => {
    const [busy, idle] = [worker(900), worker(0)];
    expect(placeListener([{ on: busy, full: false }], [busy, idle])).toBe(busy);
  });

  it('the worker with the least to do, once it is full', () => {
    const [origin, busy, idle] = [worker(300), worker(200), worker(10)];
    expect(placeListener([{ on: origin, full: true }], [origin, busy, idle])).toBe(idle);
  });

  it('a router that the room has already and that is not full, rather than a new one', () => {
    const [origin, second, third, idle] = [worker(300), worker(250), worker(120), worker(0)];
    const places = [
      { on: second, full: false },
      { on: third, full: false },
    ] as const;
    expect(placeListener([{ on: origin, full: true }, ...places], [origin, second, third, idle])).toBe(third);
  });

  it('the least loaded of all where every router is full, and of equal ones that which costs no further pipe', () => {
    const [origin, second, third] = [worker(400), worker(400), worker(400)];
    const places = [
      { on: origin, full: true },
      { on: second, full: true },
    ] as const;
    expect(placeListener([...places], [third, second, origin])).toBe(origin);
    expect(placeListener([...places], [worker(500), second, origin, worker(399)])).not.toBe(origin);
  });

  it('the origin where nothing else runs, and never from what does not run any more', () => {
    const [origin, dead] = [worker(400), worker(0)];
    expect(placeListener([{ on: origin, full: true }], [origin])).toBe(origin);
    expect(placeListener([{ on: origin, full: true }], [])).toBe(origin);
    expect(
      placeListener(
        [
          { on: origin, full: true },
          { on: dead, full: false },
        ],
        [origin],
      ),
    ).toBe(origin);
  });
});
