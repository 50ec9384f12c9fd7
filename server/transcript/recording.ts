/**
 * Records the room messages of one room from its opening to its closing. A meeting's file that is full (32 MB), or older than the
 * retention time, is followed by another. A line that cannot be written is lost and logged; the meeting goes on.
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
  /** A meeting of this room that was interrupted, to be continued. */
  unfinished: StoredMeeting | undefined;
  retentionMs: number;
  /** Milliseconds since 1970. */
  wallNow(): number;
  log: Logger;
  /** Called once, when nothing more is written. */
  closed(): void;
}

export class Recording {
  readonly #options: RecordingOptions;
  #meeting: StoredMeeting;
  #file: AppendedFile;
  /** Whether the first line of this room's part has been written to the file. */
  #hasHeader = false;
  #failing = false;
  /** Only utterances that start after this moment of the room's clock are written; undefined: none are. */
  #fromMs: number | undefined = 0;
  #closed = false;

  constructor(options: RecordingOptions) {
    this.#options = options;
    this.#meeting = options.unfinished ?? options.zeroMs;
    this.#file = new AppendedFile(options.folder.pathOf(this.#meeting));
  }

  /** Records a message; when this returns, it is written. */
  append(from: string, message: RoomMessage): void {
    if (this.#closed || !isRecorded(message) || !this.#isWanted(message)) return;
    try {
      this.#prepareFile();
      this.#file.append({ from, message });
      this.#failing = false;
    } catch (error) {
      if (!this.#failing)
        this.#options.log.error({ err: error, room: this.#options.room }, 'transcript line could not be written');
      this.#failing = true;
    }
  }

  /** Switches recording on or off. An utterance that started while it was off is not recorded. */
  setEnabled(on: boolean, clockMs: number): void {
    this.#fromMs = on ? clockMs : undefined;
  }

  /** Utterances that started before this moment of the room's clock are no longer recorded. */
  skipBefore(clockMs: number): void {
    if (this.#fromMs !== undefined) this.#fromMs = clockMs;
  }

  /** Whether this recording writes the file of `meeting`. */
  writes(meeting: StoredMeeting): boolean {
    return this.#meeting === meeting;
  }

  /** The file was deleted, or will be: what comes next is written to a new one. */
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
      this.#options.log.error({ err: error, room: this.#options.room }, 'end of transcript could not be written');
    }
    this.interrupt();
  }

  /** The room was lost; the meeting continues when somebody comes back. */
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
