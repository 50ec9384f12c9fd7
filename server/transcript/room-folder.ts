/**
 * The files of one room's meetings, `{began}.jsonl`, in a folder named by a hash of the room's name. Holds 50 meetings and 256 MB; then
 * the oldest is removed.
 */
import { createHash } from 'node:crypto';
import { open, readdir, rm, rmdir, stat } from 'node:fs/promises';
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
  meetings(): Promise<Readonly<Stored>[]> {
    return this.#stored();
  }

  /** The last meeting, if it has not ended and something was recorded since `sinceMs`. */
  async unfinished(sinceMs: number): Promise<StoredMeeting | undefined> {
    const last = (await this.#stored()).at(-1);
    if (!last || last.lastMs < sinceMs || endsMeeting(await tailOf(this.pathOf(last.meeting)))) return undefined;
    return last.meeting;
  }

  /** Removes old meetings until another fits. */
  async makeRoom(): Promise<void> {
    const stored = await this.#stored();
    let bytes = stored.reduce((sum, each) => sum + each.bytes, 0);
    for (const [index, oldest] of stored.entries()) {
      if (stored.length - index < MOST_MEETINGS && bytes < MOST_BYTES) return;
      await this.remove(oldest.meeting);
      bytes -= oldest.bytes;
    }
  }

  async olderThan(ms: number): Promise<StoredMeeting[]> {
    return (await this.#stored()).filter(({ lastMs }) => lastMs < ms).map(({ meeting }) => meeting);
  }

  async remove(meeting: StoredMeeting): Promise<void> {
    await rm(this.pathOf(meeting), { force: true });
  }

  async removeAll(): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
  }

  async removeIfEmpty(): Promise<void> {
    if ((await namesIn(this.path)).length === 0) await rmdir(this.path).catch(ignoreGone);
  }

  async #stored(): Promise<Stored[]> {
    const stored: Stored[] = [];
    for (const name of await namesIn(this.path)) {
      const [, meeting] = /^(\d{1,16})\.jsonl$/.exec(name) ?? [];
      // It may have been removed meanwhile.
      const file = meeting && (await stat(join(this.path, name)).catch(ignoreGone));
      if (file) stored.push({ meeting: Number(meeting), bytes: file.size, lastMs: file.mtimeMs });
    }
    return stored.sort((a, b) => a.meeting - b.meeting);
  }
}

/** The names in a folder; none where it does not exist. */
export const namesIn = async (folder: string): Promise<string[]> => (await readdir(folder).catch(ignoreGone)) ?? [];

export const isGone = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'ENOENT';

function ignoreGone(error: unknown): undefined {
  if (!isGone(error)) throw error;
}

async function tailOf(path: string): Promise<string> {
  const file = await open(path, 'r');
  try {
    const tail = Buffer.alloc(TAIL_BYTES);
    const { size } = await file.stat();
    const { bytesRead } = await file.read(tail, 0, TAIL_BYTES, Math.max(0, size - TAIL_BYTES));
    return tail.toString('utf8', 0, bytesRead);
  } finally {
    await file.close();
  }
}
