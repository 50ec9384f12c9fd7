import { describe, expect, it } from 'vitest';
import { AdmissionControl, type RoomAdmission } from '../../../../bot/demand/admission-control.ts';
import { FakeClock } from '../../../../time/fake-clock.ts';

const TICK_MS = 3000;
const BUSY = 0.98;
const IDLE = 0.3;

class Thread {
  readonly clock = new FakeClock();
  busyShare = IDLE;
  changes = 0;
  readonly control = new AdmissionControl({ clock: this.clock, busyShare: () => this.busyShare });

  enter(): RoomAdmission {
    return this.control.enter(() => this.changes++);
  }

  isFor(ticks: number, busyShare: number): void {
    this.busyShare = busyShare;
    for (let tick = 0; tick < ticks; tick++) this.clock.advance(TICK_MS);
  }
}

const names = (count: number, first = 0) => Array.from({ length: count }, (_, i) => `speaker-${first + i} es`);
const admitted = (room: RoomAdmission, all: readonly string[]) => all.map((one) => room.admit(one));

describe('admission control', () => {
  it('takes on whoever comes while there is time', () => {
    const thread = new Thread();
    const room = thread.enter();
    admitted(room, names(100));
    thread.isFor(20, 0.85);
    expect(new Set(admitted(room, names(100)))).toEqual(new Set(['all']));
    expect(thread.changes).toBe(0);
  });

  it('is not impressed by one burst', () => {
    const thread = new Thread();
    const room = thread.enter();
    admitted(room, names(50));
    for (let i = 0; i < 5; i++) {
      thread.isFor(1, BUSY);
      thread.isFor(1, 0.8);
    }
    expect(room.heldBack).toEqual({ captions: 0, waiting: 0 });
  });

  it('takes the voice from those who came last, then their captions, and nothing from those who came first', () => {
    const thread = new Thread();
    const room = thread.enter();
    admitted(room, names(40));
    thread.isFor(2, BUSY);
    expect(admitted(room, names(40))).toEqual([...Array(36).fill('all'), ...Array(4).fill('captions')]);
    thread.isFor(1, BUSY);
    expect(admitted(room, names(40))).toEqual([...Array(36).fill('all'), ...Array(4).fill('waiting')]);
    thread.isFor(1, BUSY);
    expect(room.heldBack).toEqual({ captions: 4, waiting: 4 });
    expect(admitted(room, names(32))).toEqual(Array(32).fill('all'));
  });

  it('gives newcomers no more than those who are held back', () => {
    const thread = new Thread();
    const room = thread.enter();
    admitted(room, names(20));
    thread.isFor(2, BUSY);
    expect(room.admit('late es')).toBe('captions');
    thread.isFor(1, BUSY);
    expect(room.admit('later es')).toBe('waiting');
  });

  it('never holds back eight, however busy the computer is', () => {
    const thread = new Thread();
    const room = thread.enter();
    admitted(room, names(8));
    thread.isFor(50, 1);
    expect(new Set(admitted(room, names(8)))).toEqual(new Set(['all']));
    admitted(room, names(20));
    thread.isFor(200, 1);
    expect(admitted(room, names(20))).toEqual([...Array(8).fill('all'), ...Array(12).fill('waiting')]);
  });

  it('brings back the earliest first, captions before voices, when there is time again', () => {
    const thread = new Thread();
    const room = thread.enter();
    admitted(room, names(20));
    thread.isFor(3, BUSY);
    expect(room.heldBack).toEqual({ captions: 0, waiting: 2 });
    thread.isFor(3, IDLE);
    expect(room.heldBack).toEqual({ captions: 0, waiting: 2 });
    thread.isFor(1, IDLE);
    expect(admitted(room, names(20)).slice(18)).toEqual(['captions', 'waiting']);
    thread.isFor(1, IDLE);
    expect(admitted(room, names(20)).slice(18)).toEqual(['captions', 'captions']);
    thread.isFor(2, IDLE);
    expect(room.heldBack).toEqual({ captions: 0, waiting: 0 });
  });

  it('tells the rooms that are concerned, and forgets who has left', () => {
    const thread = new Thread();
    let told = 0;
    const first = thread.enter();
    const second = thread.control.enter(() => told++);
    admitted(first, names(10));
    admitted(second, names(10));
    thread.isFor(2, BUSY);
    expect([thread.changes, told]).toEqual([0, 1]);
    expect(second.heldBack.captions).toBe(2);
    second.leave();
    expect(second.heldBack).toEqual({ captions: 0, waiting: 0 });
    expect(first.admit('more es')).toBe('all');
    first.retain(new Set(['more es']));
    expect(admitted(first, names(5))).toEqual(Array(5).fill('all'));
    first.leave();
    expect(thread.clock.pending).toBe(0);
  });
});
