/** Whether a worker takes one more room, and whether it leaves it to another: decided from what workers say of themselves. No I/O. */
import { z } from 'zod';

/** A process whose event loop is later does not renew its leases in time. */
const MAX_EVENT_LOOP_DELAY_MS = 1000;
const MIN_FREE_MEMORY_MB = 256;
/** What a room is counted for that was taken so lately that it is not busy yet: the share of a core that one speaker in one language may need. */
const NEW_ROOM_CORES = 0.05;
export const NEW_ROOM_MS = 10_000;
/** A worker that is so much busier than another leaves it the room. */
const CLEARLY_BUSIER = 0.2;
/** So often an order may be put back for somebody else. */
const MAX_PUT_BACK = 3;
/** Rooms for each core, where no capacity is set. */
const ROOMS_PER_CORE = 20;

/** What a computer has to do. */
export const LoadSample = z.object({
  /** The share of all cores that is busy, from 0 to 1. */
  cpu: z.number(),
  cores: z.number().int(),
  eventLoopDelayMs: z.number(),
  /** Memory that programs can still have, in megabytes. */
  freeMemoryMb: z.number(),
});
export type LoadSample = z.infer<typeof LoadSample>;

export const WorkerView = LoadSample.extend({
  id: z.string(),
  /** The name of its computer. */
  host: z.string(),
  rooms: z.number().int(),
  /** How many rooms it takes at most. */
  capacity: z.number().int(),
  /** It takes none while a greater share of the cores is busy; 1: that does not count. */
  maxCpu: z.number(),
  /** Of its rooms, those that it took within the last ten seconds. */
  newRooms: z.number().int(),
  /** It is being stopped. */
  draining: z.boolean(),
});
export type WorkerView = z.infer<typeof WorkerView>;

/** @param set as configured. @returns the rooms that a computer with so many cores takes at most */
export const capacityOf = (set: number | 'auto', cores: number): number =>
  set === 'auto' ? cores * ROOMS_PER_CORE : set;

/** How busy a worker is: 1 is as busy as it may be. */
export const loadOf = ({ rooms, capacity, cpu, cores, newRooms, maxCpu }: WorkerView): number =>
  Math.max(rooms / capacity, maxCpu < 1 ? (cpu + (newRooms * NEW_ROOM_CORES) / cores) / maxCpu : 0);

/**
 * Whether a worker may take one more room.
 *
 * @example
 * if (hasRoom(view)) takeOne();
 */
export const hasRoom = (worker: WorkerView): boolean =>
  !worker.draining &&
  worker.rooms < worker.capacity &&
  loadOf(worker) < 1 &&
  worker.eventLoopDelayMs < MAX_EVENT_LOOP_DELAY_MS &&
  worker.freeMemoryMb > MIN_FREE_MEMORY_MB;

/** @param putBack how often this order was put back already. @returns whether another is clearly less busy, and can take it */
export const leavesToOthers = (own: WorkerView, others: readonly WorkerView[], putBack: number): boolean =>
  putBack < MAX_PUT_BACK &&
  others.some((other) => other.id !== own.id && hasRoom(other) && loadOf(own) - loadOf(other) > CLEARLY_BUSIER);
