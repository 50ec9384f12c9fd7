/**
 * Which thread interprets which room, and what follows for its rooms when a thread ends. No threads and no timers: callers pass in the time
 * and how busy each thread is.
 *
 * Hard requirement: a room that ends its thread again and again takes no other along for long. Who was on a thread that ended once goes on
 * together on another; who was on a second one within five minutes is in quarantine, alone on a thread, until five minutes have passed
 * without a third. So a room that is to blame has shared two threads that ended, and one that is not is alone for a while.
 */
import { RestartCounter, type RestartPolicy } from '../../process/restart-counter.ts';

const WINDOW_MS = 300_000;
/** As for a process of its own (`interpreter-supervisor.ts`), but that the first restart, at once, comes before these delays. */
const RESTART: RestartPolicy = {
  firstDelayMs: 250,
  maxDelayMs: 10_000,
  stableAfterMs: 30_000,
  limit: { starts: 5, withinMs: WINDOW_MS },
};
/** The share of a thread that a room may come to need: those that have just come are not busy yet. */
const ROOM_SHARE = 0.05;
/** More than any load: a thread with a room that may be to blame for the end of another is chosen last. */
const SUSPECT_LOAD = 100;

/** What follows for the rooms of a thread that has ended. */
export interface AfterThreadEnd {
  /** They go on at once, together, on the thread of this number, which is a new one. */
  moved: { thread: number; rooms: readonly number[] } | undefined;
  /** They are to be placed again after a delay, in milliseconds. */
  delayed: readonly { room: number; delayMs: number }[];
  /** They are placed no more. `starts` is how often they were started within five minutes. */
  failed: readonly { room: number; starts: number }[];
}

interface PlacedRoom {
  id: number;
  restarts: RestartCounter;
  /** When a thread ended that it was on, the last time. */
  endedMs: number;
  quarantinedUntilMs: number;
}

/**
 * @example
 * const placement = new RoomPlacement(2);
 * const thread = placement.place(room, clock.now(), (thread) => threads.get(thread).utilization);
 */
export class RoomPlacement {
  readonly #maxThreads: number;
  readonly #rooms = new Map<number, PlacedRoom>();
  readonly #threads = new Map<number, Set<PlacedRoom>>();
  #lastThread = 0;

  /** @param maxThreads how many threads rooms share; those in quarantine have further ones */
  constructor(maxThreads: number) {
    this.#maxThreads = maxThreads;
  }

  /**
   * Places a room, or places it again.
   *
   * @param utilizationOf how busy a thread is, from 0 to 1
   * @returns the thread's number; one that no room has had before is a new thread
   */
  place(id: number, nowMs: number, utilizationOf: (thread: number) => number): number {
    const room = this.#rooms.get(id) ?? newRoom(id);
    this.#rooms.set(id, room);
    const thread = isQuarantined(room, nowMs) ? this.#newThread() : this.#sharedThread(nowMs, utilizationOf);
    this.#put(room, thread, nowMs);
    return thread;
  }

  /** @returns the number of its thread, where that has no room any more */
  remove(id: number): number | undefined {
    const room = this.#rooms.get(id);
    if (!room) return undefined;
    this.#rooms.delete(id);
    for (const [thread, rooms] of this.#threads) {
      if (!rooms.delete(room) || rooms.size > 0) continue;
      this.#threads.delete(thread);
      return thread;
    }
    return undefined;
  }

  threadEnded(thread: number, nowMs: number): AfterThreadEnd {
    const rooms = [...(this.#threads.get(thread) ?? [])];
    this.#threads.delete(thread);
    const moved: PlacedRoom[] = [];
    const delayed: AfterThreadEnd['delayed'][number][] = [];
    const failed: AfterThreadEnd['failed'][number][] = [];
    for (const room of rooms) {
      if (isSuspect(room, nowMs)) room.quarantinedUntilMs = nowMs + WINDOW_MS;
      room.endedMs = nowMs;
      const { starts, delayMs } = room.restarts.ended(nowMs);
      if (delayMs === undefined) {
        this.#rooms.delete(room.id);
        failed.push({ room: room.id, starts });
      } else if (isQuarantined(room, nowMs)) delayed.push({ room: room.id, delayMs: starts === 1 ? 0 : delayMs });
      else moved.push(room);
    }
    return { moved: this.#move(moved, nowMs), delayed, failed };
  }

  #move(rooms: readonly PlacedRoom[], nowMs: number): AfterThreadEnd['moved'] {
    if (rooms.length === 0) return undefined;
    const thread = this.#newThread();
    for (const room of rooms) this.#put(room, thread, nowMs);
    return { thread, rooms: rooms.map(({ id }) => id) };
  }

  /** The least busy thread of those that rooms share, or another, where there are not yet as many as there may be. */
  #sharedThread(nowMs: number, utilizationOf: (thread: number) => number): number {
    const shared = [...this.#threads].filter(([, rooms]) => ![...rooms].some((room) => isQuarantined(room, nowMs)));
    if (shared.length < this.#maxThreads) return this.#newThread();
    const loads = shared.map(([thread, rooms]) => ({
      thread,
      load:
        utilizationOf(thread) +
        rooms.size * ROOM_SHARE +
        ([...rooms].some((room) => isSuspect(room, nowMs)) ? SUSPECT_LOAD : 0),
    }));
    return loads.reduce((least, one) => (one.load < least.load ? one : least)).thread;
  }

  #newThread(): number {
    return ++this.#lastThread;
  }

  #put(room: PlacedRoom, thread: number, nowMs: number): void {
    room.restarts.started(nowMs);
    const rooms = this.#threads.get(thread) ?? new Set();
    this.#threads.set(thread, rooms.add(room));
  }
}

const newRoom = (id: number): PlacedRoom => ({
  id,
  restarts: new RestartCounter(RESTART),
  endedMs: Number.NEGATIVE_INFINITY,
  quarantinedUntilMs: Number.NEGATIVE_INFINITY,
});

/** Whether it was on a thread that ended lately. */
const isSuspect = ({ endedMs }: PlacedRoom, nowMs: number): boolean => nowMs - endedMs < WINDOW_MS;

const isQuarantined = ({ quarantinedUntilMs }: PlacedRoom, nowMs: number): boolean => nowMs < quarantinedUntilMs;
