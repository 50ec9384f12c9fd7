import { describe, expect, it } from 'vitest';
import type { RoomLease } from '../../../cluster/lease-store.ts';
import { Placement, type PlacementSituation, type PlacementStep } from '../../../cluster/placement.ts';

const lease = (fence: number, more: Partial<RoomLease> = {}): RoomLease => ({
  fence,
  worker: 'w',
  state: 'running',
  ...more,
});
const WAIT: PlacementStep = { do: 'wait' };
const place = (above: number): PlacementStep => ({ do: 'place', above });

/** A placement, and what was read of Redis at each moment. */
function started(highest = 0) {
  let nowMs = 0;
  const placement = new Placement(nowMs, highest);
  const situation: Omit<PlacementSituation, 'nowMs'> = { lease: undefined, present: undefined, isQueued: false };
  return {
    placement,
    situation,
    after(ms: number, change: Partial<typeof situation> = {}): PlacementStep {
      nowMs += ms;
      const { present } = situation;
      Object.assign(situation, change);
      if ('present' in change && change.present !== present) placement.presenceChanged(change.present, nowMs);
      return placement.next({ ...situation, nowMs });
    },
    get nowMs() {
      return nowMs;
    },
  };
}

/** One whose interpreter is at work with this token. */
function running(fence = 1) {
  const room = started(fence - 1);
  room.after(0);
  room.after(100, { lease: lease(fence, { state: 'starting' }) });
  room.after(100, { lease: lease(fence), present: fence });
  return room;
}

describe('the placement of an interpreter', () => {
  it('is ordered once, and waits in the queue for as long as it takes', () => {
    const room = started();
    expect(room.after(0)).toEqual(place(0));
    expect(room.after(500, { isQueued: true })).toEqual(WAIT);
    expect(room.after(3_600_000)).toEqual(WAIT);
  });

  it('takes the lease from an interpreter of before', () => {
    const room = started(7);
    expect(room.after(0, { lease: lease(7) })).toEqual(place(7));
    expect(room.after(500)).toEqual(WAIT);
    expect(room.after(100, { lease: lease(8) })).toEqual(WAIT);
    expect(room.placement.isPlacing).toBe(false);
  });

  it('is ordered again where a worker took the order and never had the lease', () => {
    const room = started();
    room.after(0);
    room.after(500, { isQueued: true });
    expect(room.after(5000, { isQueued: false })).toEqual(WAIT);
    expect(room.after(1)).toEqual(place(0));
  });

  it('waits while the interpreter is in the room', () => {
    const room = running();
    expect(room.after(3_600_000)).toEqual(WAIT);
  });

  it('is ordered again one second after the interpreter is gone without a word', () => {
    const room = running();
    expect(room.after(10, { present: undefined })).toEqual(WAIT);
    expect(room.after(999)).toEqual(WAIT);
    expect(room.after(1)).toEqual(place(1));
  });

  it('is not ordered again where the interpreter is back within a second', () => {
    const room = running();
    room.after(10, { present: undefined });
    expect(room.after(900, { present: 1 })).toEqual(WAIT);
    expect(room.after(10_000)).toEqual(WAIT);
  });

  it('leaves an interpreter to its worker for twenty seconds that starts it again', () => {
    const room = running();
    room.after(10, { present: undefined, lease: lease(1, { state: 'restarting' }) });
    expect(room.after(20_000)).toEqual(WAIT);
    expect(room.after(1)).toEqual(place(1));
  });

  it('is ordered again where a worker says for five seconds that it does not reach the room, though the socket is open', () => {
    const room = running();
    room.after(0, { lease: lease(1, { state: 'restarting' }) });
    expect(room.after(5000)).toEqual(WAIT);
    expect(room.after(1)).toEqual(place(1));
  });

  it('is ordered again where the lease has ended and is not there again within two seconds, though the interpreter is in the room', () => {
    const room = running(4);
    expect(room.after(4000, { lease: undefined })).toEqual(WAIT);
    expect(room.after(1999)).toEqual(WAIT);
    expect(room.after(1)).toEqual(place(4));
  });

  it('is ordered again at once where the lease was given back, and the interpreter has left', () => {
    const room = running(4);
    expect(room.after(10, { lease: undefined, present: undefined })).toEqual(place(4));
  });

  it('is not ordered again where the lease is written again, as after Redis was emptied', () => {
    const room = running(4);
    room.after(100, { lease: undefined });
    room.after(1500, { lease: lease(4) });
    room.after(100, { lease: undefined });
    expect(room.after(1900)).toEqual(WAIT);
  });

  it('is ordered again where the interpreter does not get into the room', () => {
    const room = started();
    room.after(0);
    room.after(100, { lease: lease(1, { state: 'starting' }) });
    expect(room.after(24_900)).toEqual(WAIT);
    expect(room.after(100)).toEqual(place(1));
  });

  it('is ordered once from others where the worker is being stopped', () => {
    const room = running();
    expect(room.after(100, { lease: lease(1, { leaving: true }) })).toEqual(place(1));
    expect(room.after(100)).toEqual(WAIT);
    expect(room.after(100, { lease: lease(2, { state: 'starting' }) })).toEqual(WAIT);
    // It waits for a pause.
    expect(room.after(9000)).toEqual(WAIT);
    expect(room.after(100, { present: 2, lease: lease(2) })).toEqual(WAIT);
  });

  it('gives leases ten seconds to be there again where Redis was emptied, and gives the order again that was in it', () => {
    const room = running();
    room.placement.emptied(room.nowMs);
    expect(room.after(100, { lease: undefined })).toEqual(WAIT);
    expect(room.after(9899)).toEqual(WAIT);
    expect(room.after(1)).toEqual(place(1));
    room.after(100, { isQueued: true });
    room.placement.emptied(room.nowMs);
    expect(room.after(0, { isQueued: false })).toEqual(place(1));
  });

  it('blames nobody for the time in which Redis was away', () => {
    const room = running();
    room.placement.recovered(room.nowMs);
    expect(room.after(5000, { lease: undefined })).toEqual(WAIT);
    expect(room.after(1000, { lease: lease(1) })).toEqual(WAIT);
    expect(room.after(60_000)).toEqual(WAIT);
  });

  it('fails with a plain word where five interpreters were lost within five minutes, each later than the one before', () => {
    const room = started();
    const orders: number[] = [];
    let step = room.after(0);
    for (let fence = 1; step.do !== 'fail' && fence < 20; fence++) {
      expect(step).toEqual(place(fence - 1));
      orders.push(room.nowMs);
      room.after(100, { lease: lease(fence), present: fence });
      room.after(100, { present: undefined });
      for (step = room.after(1000); step.do === 'wait'; step = room.after(100))
        expect(room.nowMs).toBeLessThan(300_000);
    }
    expect(orders).toHaveLength(5);
    expect(step).toMatchObject({ do: 'fail', reason: expect.stringMatching(/lost 5 times within five minutes/) });
  });

  it('does not fail where interpreters are lost now and then', () => {
    const room = running();
    for (let fence = 1; fence < 20; fence++) {
      room.after(120_000);
      room.after(0, { present: undefined });
      expect(room.after(1000)).toEqual(place(fence));
      room.after(100, { lease: lease(fence + 1), present: fence + 1 });
    }
  });
});
