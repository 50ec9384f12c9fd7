/**
 * The transcripts of all rooms, in files of the data folder: each is deleted a fixed time after the last word of its meeting. A room
 * that was lost in a meeting, because the server was killed or restarted or a media worker died, continues the same transcript when it
 * is opened again within an hour.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Logger } from 'pino';
import { ApiError } from '../../protocol/api-error.ts';
import { type Clock, every } from '../../time/clock.ts';
import { limits } from '../limits.ts';
import { parseLine, type TranscriptLine } from './lines.ts';
import { Recording } from './recording.ts';
import { folderNameOf, isGone, namesIn, RoomFolder, type StoredMeeting } from './room-folder.ts';

const GOES_ON_WITHIN_MS = 3_600_000;
const SWEEP_EVERY_MS = 600_000;
/** Lines that are parsed before other work of the event loop has its turn. */
const LINES_AT_ONCE = 500;

export interface TranscriptsOptions {
  /** Created when it is needed. */
  folder: string;
  /** How long a meeting is kept after its last word, in milliseconds; 0: not at all. */
  retentionMs: number;
  clock: Clock;
  /** Milliseconds since 1970. */
  wallNow(): number;
  log: Logger;
}

export interface StoredTranscript {
  meeting: StoredMeeting;
  /** All meetings of this room, the oldest first. */
  meetings: StoredMeeting[];
  lines: TranscriptLine[];
}

export class Transcripts {
  readonly #options: TranscriptsOptions;
  /** The recordings of open rooms, by their folder's name. */
  readonly #recordings = new Map<string, Recording>();
  readonly #stopSweeping: () => void;
  #reading = 0;

  constructor(options: TranscriptsOptions) {
    this.#options = options;
    this.sweep();
    this.#stopSweeping = every(options.clock, SWEEP_EVERY_MS, () => this.sweep());
  }

  /** Starts a recording for a room that was opened; undefined: this server keeps no transcripts. */
  record(room: string): Recording | undefined {
    const { retentionMs: keepMs, wallNow: wallMs, log } = this.#options;
    if (keepMs === 0) return undefined;
    const name = folderNameOf(room);
    const folder = this.#folder(name);
    const zeroMs = Math.round(wallMs());
    const unfinished = this.#attempt(() => folder.unfinished(zeroMs - GOES_ON_WITHIN_MS));
    const closed = () => {
      if (this.#recordings.get(name) === recording) this.#recordings.delete(name);
    };
    const recording: Recording = new Recording({
      room,
      folder,
      zeroMs,
      unfinished,
      retentionMs: keepMs,
      wallNow: wallMs,
      log,
      closed,
    });
    this.#recordings.set(name, recording);
    return recording;
  }

  /**
   * Reads the transcript of a meeting.
   *
   * @param meeting default: the last
   * @throws {ApiError} where there is none, or too many are being read
   */
  async read(room: string, meeting?: string): Promise<StoredTranscript> {
    if (this.#options.retentionMs === 0)
      throw new ApiError('notFound', 'this server keeps no transcripts: its setting transcript.retentionHours is 0');
    const folder = this.#folder(folderNameOf(room));
    const { meetings } = folder;
    const chosen = meeting === undefined ? meetings.at(-1) : meetings.find((each) => String(each) === meeting);
    if (chosen === undefined)
      throw new ApiError('notFound', meetings.length === 0 ? nothingSaid(room) : `there is no meeting "${meeting}"`);
    const lines = await this.#lines(folder.pathOf(chosen));
    if (!lines) throw new ApiError('notFound', nothingSaid(room));
    return { meeting: chosen, meetings, lines };
  }

  /** Deletes a room's transcripts at once and for good. A running meeting continues in a transcript that starts now. */
  delete(room: string): void {
    const name = folderNameOf(room);
    this.#recordings.get(name)?.startAfresh();
    this.#folder(name).removeAll();
  }

  close(): void {
    this.#stopSweeping();
  }

  /** Deletes the meetings that are older than the retention time. */
  sweep(): void {
    const { folder, retentionMs: keepMs, wallNow: wallMs } = this.#options;
    const olderThanMs = keepMs === 0 ? Number.POSITIVE_INFINITY : wallMs() - keepMs;
    for (const name of this.#attempt(() => namesIn(folder)) ?? [])
      this.#attempt(() => {
        const room = this.#folder(name);
        const recording = this.#recordings.get(name);
        for (const meeting of room.removeOlderThan(olderThanMs))
          if (recording?.writes(meeting)) recording.startAfresh();
        room.removeIfEmpty();
      });
  }

  /** The lines of a file; undefined: it was deleted just now. */
  async #lines(path: string): Promise<TranscriptLine[] | undefined> {
    if (this.#reading >= limits.transcriptsReadAtOnce)
      throw new ApiError('tooMany', 'too many transcripts are being read at this moment: try again');
    this.#reading++;
    try {
      const texts = (await readFile(path, 'utf8')).split('\n');
      const lines: TranscriptLine[] = [];
      for (const [index, text] of texts.entries()) {
        const line = text === '' ? undefined : parseLine(text);
        if (line) lines.push(line);
        if (index % LINES_AT_ONCE === LINES_AT_ONCE - 1) await nextTurn();
      }
      return lines;
    } catch (error) {
      if (isGone(error)) return undefined;
      throw error;
    } finally {
      this.#reading--;
    }
  }

  #folder(name: string): RoomFolder {
    return new RoomFolder(join(this.#options.folder, name));
  }

  /** A disk error is logged and harms no meeting. */
  #attempt<T>(work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      this.#options.log.error({ err: error }, 'transcript folder cannot be used');
      return undefined;
    }
  }
}

const nothingSaid = (room: string): string =>
  `there is no transcript of room "${room}": nothing has been captioned in it yet, or it was deleted`;
