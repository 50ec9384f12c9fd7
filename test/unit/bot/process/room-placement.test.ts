import { describe, expect, it } from 'vitest';
import { RoomPlacement } from '../../../../bot/process/room-placement.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const idle = () => 0;

describe('the placement of rooms on threads', () => {
  it('starts a thread for each room until there are as many as may be', () => {
    const placement = new RoomPlacement(2);
    expect([1, 2].map((room) => placement.place(room, 0, idle))).toEqual([1, 2]);
    expect([1, 2]).toContain(placement.place(3, 0, idle));
  });

  it('spreads rooms that come at once, when no thread is busy yet', () => {
    const placement = new RoomPlacement(2);
    const threads = Array.from({ length: 10 }, (_, room) => placement.place(room, 0, idle));
    expect(threads.filter((thread) => thread === 1)).toHaveLength(5);
  });

  it('chooses the thread that is less busy, although it has more rooms', () => {
    const placement = new RoomPlacement(2);
    for (const room of [1, 2, 3, 4]) placement.place(room, 0, idle);
    const busy = (thread: number) => (thread === 1 ? 0.9 : 0.1);
    for (const room of [5, 6, 7]) expect(placement.place(room, 0, busy)).toBe(2);
  });

  it('says which thread no room needs any more', () => {
    const placement = new RoomPlacement(1);
    const thread = placement.place(1, 0, idle);
    placement.place(2, 0, idle);
    expect(placement.remove(1)).toBeUndefined();
    expect(placement.remove(1)).toBeUndefined();
    expect(placement.remove(2)).toBe(thread);
    expect(placement.place(3, 0, idle)).not.toBe(thread);
  });
});

describe('when a thread has ended', () => {
  /** Rooms that share the only thread, and the thread's number. */
  const sharing = (...rooms: number[]) => {
    const placement = new RoomPlacement(1);
    const threads = rooms.map((room) => placement.place(room, 0, idle));
    return { placement, thread: threads[0] ?? 0 };
  };

  it('its rooms go on at once, together, on a new one, and no other’s', () => {
    const placement = new RoomPlacement(2);
    const [one = 0, two = 0] = [1, 2, 3, 4].map((room) => placement.place(room, 0, idle));
    const { moved, ...rest } = placement.threadEnded(one, SECOND);
    expect(moved?.rooms).toEqual([1, 3]);
    expect([one, two]).not.toContain(moved?.thread);
    expect(rest).toEqual({ delayed: [], failed: [] });
  });

  it('new rooms come to a thread without those that may be to blame', () => {
    const placement = new RoomPlacement(2);
    const [one = 0, two = 0] = [1, 2, 3, 4].map((room) => placement.place(room, 0, idle));
    placement.threadEnded(one, SECOND);
    expect(placement.place(5, 2 * SECOND, (thread) => (thread === two ? 0.9 : 0))).toBe(two);
  });

  it('for the second time within five minutes, each of its rooms is alone from then on', () => {
    const { placement, thread } = sharing(1, 2, 3);
    const first = placement.threadEnded(thread, SECOND);
    placement.place(4, 2 * SECOND, idle);
    const second = placement.threadEnded(first.moved?.thread ?? 0, 3 * SECOND);
    expect(second.moved?.rooms).toEqual([4]);
    expect(second.delayed).toEqual([1, 2, 3].map((room) => ({ room, delayMs: 500 })));
    const threads = [1, 2, 3].map((room) => placement.place(room, 4 * SECOND, idle));
    expect(new Set([...threads, second.moved?.thread]).size).toBe(4);
    // Quarantine: nobody joins them.
    expect(threads).not.toContain(placement.place(5, 5 * SECOND, idle));
  });

  it('for the first time in more than five minutes, it counts as the first', () => {
    const { placement, thread } = sharing(1, 2);
    const first = placement.threadEnded(thread, 0);
    const second = placement.threadEnded(first.moved?.thread ?? 0, 5 * MINUTE);
    expect(second.moved?.rooms).toEqual([1, 2]);
  });

  it('the room that ends it each time has failed with its fifth start, and the others of the first two go on', () => {
    const { placement, thread } = sharing(1, 2);
    const first = placement.threadEnded(thread, SECOND);
    placement.threadEnded(first.moved?.thread ?? 0, 2 * SECOND);
    const innocent = placement.place(2, 3 * SECOND, idle);
    const delays: number[] = [];
    for (let nowMs = 3 * SECOND; ; nowMs += 10 * SECOND) {
      const guilty = placement.place(1, nowMs, idle);
      expect(guilty).not.toBe(innocent);
      const { delayed, failed, moved } = placement.threadEnded(guilty, nowMs + SECOND);
      expect(moved).toBeUndefined();
      if (failed.length > 0) {
        expect(failed).toEqual([{ room: 1, starts: 5 }]);
        break;
      }
      delays.push(delayed[0]?.delayMs ?? 0);
    }
    expect(delays).toEqual([1000, 2000]);
    expect(placement.remove(1)).toBeUndefined();
    expect(placement.remove(2)).toBe(innocent);
  });

  it('a room that ends it every minute goes on for ever, alone', () => {
    const { placement, thread } = sharing(1, 2);
    let guilty = placement.threadEnded(thread, MINUTE).moved?.thread ?? 0;
    placement.remove(2);
    for (let minute = 2; minute < 20; minute++) {
      expect(placement.threadEnded(guilty, minute * MINUTE).delayed).toEqual([{ room: 1, delayMs: 0 }]);
      guilty = placement.place(1, minute * MINUTE, idle);
      expect(placement.place(100 + minute, minute * MINUTE, idle)).not.toBe(guilty);
    }
  });

  it('and five minutes have passed without another, quarantine is over', () => {
    const { placement, thread } = sharing(1);
    const first = placement.threadEnded(thread, 0).moved?.thread ?? 0;
    placement.threadEnded(first, SECOND);
    const alone = placement.place(1, 2 * SECOND, idle);
    expect(placement.place(2, 4 * MINUTE, idle)).not.toBe(alone);
    placement.remove(2);
    expect(placement.place(3, 6 * MINUTE, idle)).toBe(alone);
  });

  it('that had no rooms, nothing follows', () => {
    expect(new RoomPlacement(1).threadEnded(7, 0)).toEqual({ moved: undefined, delayed: [], failed: [] });
  });
});
