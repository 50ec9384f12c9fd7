/**
 * The transcripts of all rooms, in files of the data folder: each is deleted a fixed time after the last word of its meeting. A room
 * that was lost in a meeting, because the server was killed or restarted or a media worker died, continues the same transcript when it
 * is opened again within an hour.
 */
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { ApiError, type CaptionMessage, type HeardLanguage, type TranscriptEntry } from '@mediasoup-booth/protocol';
import type { Logger } from 'pino';
import { type Clock, every } from '../../time/clock.ts';
import { limits } from '../limits.ts';
import { parseLine, type TranscriptLine } from './lines.ts';
import { Recording } from './recording.ts';
import { folderNameOf, isGone, namesIn, RoomFolder, type StoredMeeting } from './room-folder.ts';
import { TranscriptBuilder } from './transcript.ts';
import { WorkSlices } from './work-slices.ts';

const GOES_ON_WITHIN_MS = 3_600_000;
/** Of a meeting that goes on, the captions that people who come are sent: as many as are kept of some languages. */
const EARLIER_CAPTIONS = 400;
const SWEEP_EVERY_MS = 600_000;

export interface TranscriptsOptions {
  /** Created when it is needed. */
  folder: string;
  /** How long a meeting is kept after its last word, in milliseconds; 0: not at all. */
  retentionMs: number;
  clock: Clock;
  /** Milliseconds since 1970. */
  wallNow(): number;
  /** The transcript of a meeting is complete. */
  onReady?(room: string, meeting: StoredMeeting): void;
  log: Logger;
}

export interface StoredTranscript {
  meeting: StoredMeeting;
  /** All meetings of this room, the oldest first. */
  meetings: StoredMeeting[];
  /** In the order in which they were heard. */
  entries: TranscriptEntry[];
  /** The languages in which there is text. */
  languages: string[];
}

export class Transcripts {
  readonly #options: TranscriptsOptions;
  /** The recordings of rooms, by their folder's name, until everything of them is written. */
  readonly #recordings = new Map<string, Recording>();
  readonly #stopSweeping: () => void;
  #sweeping: Promise<void>;
  #reading = 0;

  constructor(options: TranscriptsOptions) {
    this.#options = options;
    this.#sweeping = this.#sweep();
    this.#stopSweeping = every(options.clock, SWEEP_EVERY_MS, () => void this.sweep());
  }

  /**
   * Starts a recording for a room that is opened, or has been open for some time; undefined: this server keeps no transcripts.
   *
   * @param clockMs what the room's clock says now
   */
  async record(room: string, clockMs = 0): Promise<Recording | undefined> {
    const { retentionMs, clock, wallNow, onReady, log } = this.#options;
    if (retentionMs === 0) return undefined;
    const name = folderNameOf(room);
    // A room of this name that has just closed may still be writing.
    await this.#recordings.get(name)?.closed;
    const folder = this.#folder(name);
    const nowMs = wallNow();
    const zeroMs = Math.round(nowMs - clockMs);
    const unfinished = await this.#attempt(() => folder.unfinished(nowMs - GOES_ON_WITHIN_MS));
    const earlier =
      unfinished === undefined ? [] : await this.#attempt(() => lastCaptionsIn(folder.pathOf(unfinished), zeroMs));
    const closed = () => {
      if (this.#recordings.get(name) === recording) this.#recordings.delete(name);
    };
    const recording: Recording = new Recording({
      room,
      folder,
      zeroMs,
      unfinished,
      earlier: earlier ?? [],
      retentionMs,
      clock,
      wallNow,
      log,
      closed,
      ready: (meeting) => onReady?.(room, meeting),
    });
    this.#recordings.set(name, recording);
    return recording;
  }

  /**
   * Reads the transcript of a meeting in one language, or of what everyone said in their own.
   *
   * @param meeting default: the last
   * @param sinceMs meetings that ended before are left out, in milliseconds since 1970
   * @throws {ApiError} where there is none, or too many are being read
   */
  async read(room: string, language: HeardLanguage, meeting?: string, sinceMs = 0): Promise<StoredTranscript> {
    if (this.#options.retentionMs === 0)
      throw new ApiError('notFound', 'this server keeps no transcripts: its setting transcript.retentionHours is 0');
    if (this.#reading >= limits.transcriptsReadAtOnce)
      throw new ApiError('tooMany', 'too many transcripts are being read at this moment: try again');
    this.#reading++;
    try {
      const name = folderNameOf(room);
      const folder = this.#folder(name);
      const recording = this.#recordings.get(name);
      const meetings = (await folder.meetings())
        .filter(({ meeting: each, lastMs }) => lastMs >= sinceMs || recording?.writes(each))
        .map(({ meeting: each }) => each);
      const chosen = meeting === undefined ? meetings.at(-1) : meetings.find((each) => String(each) === meeting);
      if (chosen === undefined)
        throw new ApiError('notFound', meetings.length === 0 ? nothingSaid(room) : `there is no meeting "${meeting}"`);
      return { meeting: chosen, meetings, ...(await transcriptIn(folder.pathOf(chosen), language)) };
    } catch (error) {
      // It was deleted just now.
      if (isGone(error)) throw new ApiError('notFound', nothingSaid(room));
      throw error;
    } finally {
      this.#reading--;
    }
  }

  /** Deletes a room's transcripts for good. A running meeting continues in a transcript that starts now. */
  async delete(room: string): Promise<void> {
    const name = folderNameOf(room);
    const removeAll = () => this.#folder(name).removeAll();
    const recording = this.#recordings.get(name);
    await (recording ? recording.startAfresh(removeAll) : removeAll());
  }

  /** Resolves when nothing more is written of a room that has closed. */
  async written(room: string): Promise<void> {
    await this.#recordings.get(folderNameOf(room))?.closed;
  }

  /** Resolves when everything that was recorded is written. */
  async close(): Promise<void> {
    this.#stopSweeping();
    await Promise.all([...this.#recordings.values()].map((recording) => recording.interrupt()));
    await this.#sweeping;
  }

  /** Deletes the meetings that are older than the retention time. */
  async sweep(): Promise<void> {
    this.#sweeping = this.#sweeping.then(() => this.#sweep());
    await this.#sweeping;
  }

  async #sweep(): Promise<void> {
    const { folder, retentionMs, wallNow } = this.#options;
    const olderThanMs = retentionMs === 0 ? Number.POSITIVE_INFINITY : wallNow() - retentionMs;
    for (const name of (await this.#attempt(() => namesIn(folder))) ?? [])
      await this.#attempt(async () => {
        const room = this.#folder(name);
        const recording = this.#recordings.get(name);
        for (const meeting of await room.olderThan(olderThanMs)) {
          const remove = () => room.remove(meeting);
          await (recording?.writes(meeting) ? recording.startAfresh(remove) : remove());
        }
        await room.removeIfEmpty();
      });
  }

  #folder(name: string): RoomFolder {
    return new RoomFolder(join(this.#options.folder, name));
  }

  /** A disk error is logged and harms no meeting. */
  async #attempt<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      this.#options.log.error({ err: error }, 'transcript folder cannot be used');
      return undefined;
    }
  }
}

/** Reads a file line by line, in slices, so that meetings go on beside it. */
async function* linesIn(path: string, slices: WorkSlices): AsyncGenerator<TranscriptLine> {
  let rest = '';
  for await (const text of createReadStream(path, { encoding: 'utf8' })) {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const each of lines) {
      const line = each === '' ? undefined : parseLine(each);
      if (line) yield line;
      if (slices.isOver) await slices.next();
    }
  }
  const last = parseLine(rest);
  if (last) yield last;
}

/** The last captions in a file, as a room has them whose clock began at `zeroMs`, in milliseconds since 1970. */
async function lastCaptionsIn(path: string, zeroMs: number): Promise<CaptionMessage[]> {
  const captions: CaptionMessage[] = [];
  let aheadMs = 0;
  for await (const line of linesIn(path, new WorkSlices())) {
    if ('zero' in line) aheadMs = line.zero - zeroMs;
    else if ('message' in line && line.message.type === 'caption') captions.push(moved(line.message, aheadMs));
    if (captions.length > 2 * EARLIER_CAPTIONS) captions.splice(0, EARLIER_CAPTIONS);
  }
  return captions.slice(-EARLIER_CAPTIONS);
}

function moved(message: CaptionMessage, byMs: number): CaptionMessage {
  const { start, end } = message;
  return { ...message, start: start + byMs, ...(end !== undefined && { end: end + byMs }) };
}

async function transcriptIn(
  path: string,
  language: HeardLanguage,
): Promise<Pick<StoredTranscript, 'entries' | 'languages'>> {
  const slices = new WorkSlices();
  const transcript = new TranscriptBuilder(language);
  for await (const line of linesIn(path, slices)) transcript.add(line);
  const entries: TranscriptEntry[] = [];
  for (const entry of transcript.entries()) {
    entries.push(entry);
    if (slices.isOver) await slices.next();
  }
  // Nearly sorted already, which the sort makes use of.
  entries.sort((a, b) => a.start - b.start);
  return { entries, languages: transcript.languages };
}

const nothingSaid = (room: string): string =>
  `there is no transcript of room "${room}": nothing has been captioned in it yet, or it was deleted`;
