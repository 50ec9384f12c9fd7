/**
 * What is said in a room from its beginning to its end, written down as it is overheard. A meeting's file that is full (32 MB), or
 * older than what is kept, is followed by another. What cannot be written is lost and logged; the meeting goes on.
 */
import type { Logger } from 'pino';
import type { RoomMessage } from '../../protocol/room-messages.ts';
import { AppendedFile } from './appended-file.ts';
import { isRecorded } from './lines.ts';
import type { RoomFolder, StoredMeeting } from './room-folder.ts';

const MOST_BYTES_A_MEETING = 33_554_432;

export interface RecordingOptions {
  room: string;
  folder: RoomFolder;
  /** The moment from which the room's messages count, in milliseconds since 1970. */
  zeroMs: number;
  /** A meeting of this room that was interrupted: it goes on. */
  unfinished: StoredMeeting | undefined;
  retentionMs: number;
  /** Milliseconds since 1970. */
  wallNow(): number;
  log: Logger;
  /** Once, when nothing more is written. */
  closed(): void;
}

export class Recording {
  readonly #options: RecordingOptions;
  #meeting: StoredMeeting;
  #file: AppendedFile;
  /** This room's part of the file has its first line. */
  #hasHeader = false;
  #failing = false;
  /** Only what is said from this moment of the room's clock on is written; undefined: nothing is. */
  #fromMs: number | undefined = 0;
  #closed = false;

  constructor(options: RecordingOptions) {
    this.#options = options;
    this.#meeting = options.unfinished ?? options.zeroMs;
    this.#file = new AppendedFile(options.folder.pathOf(this.#meeting));
  }

  /** When it returns, what the message says is written down. */
  append(from: string, message: RoomMessage): void {
    if (this.#closed || !isRecorded(message) || !this.#isWanted(message)) return;
    try {
      this.#prepareFile();
      this.#file.append({ from, message });
      this.#failing = false;
    } catch (error) {
      if (!this.#failing) this.#options.log.error({ err: error }, 'what is being said cannot be written down');
      this.#failing = true;
    }
  }

  /** A host's wish. An utterance that began while nothing was written stays unwritten. */
  setEnabled(on: boolean, clockMs: number): void {
    this.#fromMs = on ? clockMs : undefined;
  }

  /** A host's wish: what began to be said before this moment of the room's clock is not written any more. */
  skipBefore(clockMs: number): void {
    if (this.#fromMs !== undefined) this.#fromMs = clockMs;
  }

  /** Whether it writes this meeting's file. */
  writes(meeting: StoredMeeting): boolean {
    return this.#meeting === meeting;
  }

  /** What was said until now has been deleted, or is to be: what comes begins a file of its own. */
  startAfresh(): void {
    this.#file.close();
    const { folder, wallNow: wallMs } = this.#options;
    this.#meeting = Math.max(this.#meeting + 1, Math.round(wallMs()));
    this.#file = new AppendedFile(folder.pathOf(this.#meeting));
    this.#hasHeader = false;
  }

  /** The meeting is over; the next one in this room has a transcript of its own. */
  end(): void {
    try {
      if (this.#hasHeader && !this.#closed) this.#file.append({ ended: Math.round(this.#options.wallNow()) });
    } catch (error) {
      this.#options.log.error({ err: error }, 'the end of a meeting cannot be written down');
    }
    this.interrupt();
  }

  /** The room is lost; whoever comes back goes on with the meeting. */
  interrupt(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#file.close();
    this.#options.closed();
  }

  #isWanted(message: RoomMessage): boolean {
    if (this.#fromMs === undefined) return false;
    return message.type !== 'caption' || message.start >= this.#fromMs;
  }

  #prepareFile(): void {
    if (this.#hasHeader && this.#isFull()) this.startAfresh();
    if (this.#hasHeader) return;
    const { folder, room, zeroMs } = this.#options;
    folder.makeRoom();
    this.#file.append({ v: 1, room, began: this.#meeting, zero: zeroMs });
    this.#hasHeader = true;
  }

  #isFull(): boolean {
    const { retentionMs: keepMs, wallNow: wallMs } = this.#options;
    return this.#file.bytes > MOST_BYTES_A_MEETING || wallMs() - this.#meeting > keepMs;
  }
}
