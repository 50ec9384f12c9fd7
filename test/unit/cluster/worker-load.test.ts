import { describe, expect, it } from 'vitest';
import { capacityOf, hasRoom, leavesToOthers, loadOf, type WorkerView } from '../../../cluster/worker-load.ts';

const worker = (more: Partial<WorkerView> = {}): WorkerView => ({
  id: 'w1',
  host: 'h',
  rooms: 0,
  capacity: 10,
  maxCpu: 0.85,
  newRooms: 0,
  cpu: 0.1,
  cores: 2,
  eventLoopDelayMs: 1,
  freeMemoryMb: 4000,
  draining: false,
  ...more,
});

describe('a worker', () => {
  it.each([
    ['has nothing to do', {}, true],
    ['has all rooms but one', { rooms: 9 }, true],
    ['has as many rooms as it may', { rooms: 10 }, false],
    ['has a busy computer', { cpu: 0.86 }, false],
    ['has a busy computer, which does not count', { cpu: 1, maxCpu: 1 }, true],
    [
      'has taken many rooms just now, which are not busy yet',
      { cpu: 0.5, rooms: 9, capacity: 40, newRooms: 14 },
      false,
    ],
    ['is late', { eventLoopDelayMs: 1500 }, false],
    ['is short of memory', { freeMemoryMb: 200 }, false],
    ['is being stopped', { draining: true }, false],
  ] satisfies [string, Partial<WorkerView>, boolean][])('that %s: takes another room %o: %s', (_, more, takes) => {
    expect(hasRoom(worker(more))).toBe(takes);
  });

  it('is as busy as its rooms or its computer say, whichever is more', () => {
    expect(loadOf(worker({ rooms: 5, cpu: 0 }))).toBe(0.5);
    expect(loadOf(worker({ rooms: 1, cpu: 0.85 }))).toBe(1);
  });

  it('leaves a room to another that is clearly less busy and can take it, three times at most', () => {
    const busy = worker({ rooms: 5 });
    const idle = worker({ id: 'w2' });
    expect(leavesToOthers(busy, [busy, idle], 0)).toBe(true);
    expect(leavesToOthers(busy, [busy, idle], 3)).toBe(false);
    expect(leavesToOthers(busy, [busy, worker({ id: 'w2', rooms: 4 })], 0)).toBe(false);
    expect(leavesToOthers(busy, [busy, worker({ id: 'w2', draining: true })], 0)).toBe(false);
    expect(leavesToOthers(busy, [busy], 0)).toBe(false);
  });

  it('takes twenty rooms for each core where nothing is set', () => {
    expect([capacityOf('auto', 4), capacityOf(7, 4)]).toEqual([80, 7]);
  });
});
