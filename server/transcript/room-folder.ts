/**
 * The files of one room's meetings, `{began}.jsonl`, in a folder named by a hash of the room's name. Holds 50 meetings and 256 MB; then
 * the oldest is removed.
 */
import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readdirSync, readSync, rmdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { endsMeeting, TAIL_BYTES } from './lines.ts';

const MOST_MEETINGS = 50;
const MOST_BYTES = 268_435_456;

/** A meeting, named by the moment at which it began, in milliseconds since 1970. */
export type StoredMeeting = number;

interface Stored {
  meeting: StoredMeeting;
  bytes: number;
  /** When something was last written. */
  lastMs: number;
}

export const folderNameOf = (room: string): string => createHash('sha256').update(room).digest('hex').slice(0, 32);

export class RoomFolder {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  pathOf(meeting: StoredMeeting): string {
    return join(this.path, `${meeting}.jsonl`);
  }

  /** The oldest first. */
  get meetings(): StoredMeeting[] {
    return this.#stored().map(({ meeting }) => meeting);
  }

  /** The last meeting, if it has not ended and something was recorded since `sinceMs`. */
  unfinished(sinceMs: number): StoredMeeting | undefined {
    const last = this.#stored().at(-1);
    if (!last || last.lastMs < sinceMs || endsMeeting(tailOf(this.pathOf(last.meeting)))) return undefined;
    return last.meeting;
  }

  /** Removes old meetings until another fits. */
  makeRoom(): void {
    const stored = this.#stored();
    let bytes = stored.reduce((sum, each) => sum + each.bytes, 0);
    for (const [index, oldest] of stored.entries()) {
      if (stored.length - index < MOST_MEETINGS && bytes < MOST_BYTES) return;
      this.remove(oldest.meeting);
      bytes -= oldest.bytes;
    }
  }

  /** @returns those that were removed */
  removeOlderThan(ms: number): StoredMeeting[] {
    const old = this.#stored().filter(({ lastMs }) => lastMs < ms);
    for (const { meeting } of old) this.remove(meeting);
    return old.map(({ meeting }) => meeting);
  }

  remove(meeting: StoredMeeting): void {
    rmSync(this.pathOf(meeting), { force: true });
  }

  removeAll(): void {
    rmSync(this.path, { recursive: true, force: true });
  }

  removeIfEmpty(): void {
    if (readdirSync(this.path).length === 0) rmdirSync(this.path);
  }

  #stored(): Stored[] {
    return namesIn(this.path)
      .flatMap((name) => /^(\d{1,16})\.jsonl$/.exec(name)?.[1] ?? [])
      .map((meeting) => {
        const { size, mtimeMs } = statSync(this.pathOf(Number(meeting)));
        return { meeting: Number(meeting), bytes: size, lastMs: mtimeMs };
      })
      .sort((a, b) => a.meeting - b.meeting);
  }
}

/** The names in a folder; none where it does not exist. */
export function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (isGone(error)) return [];
    throw error;
  }
}

export const isGone = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'ENOENT';

function tailOf(path: string): string {
  const fd = openSync(path, 'r');
  try {
    const tail = Buffer.alloc(TAIL_BYTES);
    const read = readSync(fd, tail, 0, TAIL_BYTES, Math.max(0, fstatSync(fd).size - TAIL_BYTES));
    return tail.toString('utf8', 0, read);
  } finally {
    closeSync(fd);
  }
}
