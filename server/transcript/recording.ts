/**
 * Records the room messages of one room from its opening to its closing. A meeting's file that is full (32 MB), or older than the
 * retention time, is followed by another. Where the disk takes nothing, the meeting goes on and what it says is kept for a while.
 */

import type { CaptionMessage, RoomMessage } from '@mediasoup-booth/protocol';
import type { Logger } from 'pino';
import type { Clock } from '../../time/clock.ts';
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
  /** Its last captions, by the clock of the room that continues it. */
  earlier: readonly CaptionMessage[];
  retentionMs: number;
  clock: Clock;
  /** Milliseconds since 1970. */
  wallNow(): number;
  log: Logger;
  /** Called once, when nothing more is written. */
  closed(): void;
  /** Called when a meeting is over, or its file is full, and all of it is written. */
  ready(meeting: StoredMeeting): void;
}

export class Recording {
  readonly #options: RecordingOptions;
  #meeting: StoredMeeting;
  #file: AppendedFile;
  /** Whether the first line of this room's part was appended to the file. */
  #hasHeader = false;
  /** Only utterances that start after this moment of the room's clock are written; undefined: none are. */
  #fromMs: number | undefined = 0;
  #isFailing = false;
  #onFailing: (isFailing: boolean) => void = () => {};
  #closed: Promise<void> | undefined;
  /** Resolves when files that this recording has left are closed. */
  #left: Promise<unknown> = Promise.resolve();

  constructor(options: RecordingOptions) {
    this.#options = options;
    this.#meeting = options.unfinished ?? options.zeroMs;
    this.#file = this.#openFile();
  }

  /** The last captions of the meeting that is continued; none where it begins. */
  get earlier(): readonly CaptionMessage[] {
    return this.#options.earlier;
  }

  /** Whether the disk takes nothing at present. */
  get isFailing(): boolean {
    return this.#isFailing;
  }

  /** Calls `listener` when the disk takes nothing any more, and when it does again. */
  onFailing(listener: (isFailing: boolean) => void): void {
    this.#onFailing = listener;
  }

  /**
   * Records a message.
   *
   * @returns resolves when it is written, or cannot be written now; undefined: a transcript does not need it
   */
  append(from: string, message: RoomMessage): Promise<boolean> | undefined {
    if (this.#closed || !isRecorded(message) || !this.#isWanted(message)) return undefined;
    this.#prepareFile();
    return this.#file.append({ from, message });
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

  /** Stops to write the file before `remove` deletes it; what comes next is written to a new one. Resolves when it is deleted. */
  async startAfresh(remove: () => Promise<void>): Promise<void> {
    const removed = this.#file.discard().then(remove);
    this.#startNextFile(removed);
    await removed;
  }

  /** The meeting is over; the next one in this room has a transcript of its own. Resolves when that is written. */
  end(): Promise<void> {
    const [meeting, isOver] = [this.#meeting, this.#hasHeader && !this.#closed];
    const ended = isOver ? this.#file.append({ ended: Math.round(this.#options.wallNow()) }) : undefined;
    const closed = this.interrupt();
    void Promise.all([ended, closed]).then(([isWritten]) => isWritten && this.#options.ready(meeting));
    return closed;
  }

  /** The room was lost; the meeting continues when somebody comes back. Resolves when nothing more is written. */
  interrupt(): Promise<void> {
    this.#closed ??= Promise.all([this.#left, this.#file.close()]).then(() => this.#options.closed());
    return this.#closed;
  }

  /** Resolves when nothing more is written; undefined while it records. */
  get closed(): Promise<void> | undefined {
    return this.#closed;
  }

  #isWanted(message: RoomMessage): boolean {
    if (this.#fromMs === undefined) return false;
    return message.type !== 'caption' || message.start >= this.#fromMs;
  }

  #prepareFile(): void {
    if (this.#hasHeader && this.#isFull()) {
      const full = this.#meeting;
      this.#left = Promise.all([this.#left, this.#file.close().then(() => this.#options.ready(full))]);
      this.#startNextFile();
    }
    if (this.#hasHeader) return;
    const { room, zeroMs } = this.#options;
    void this.#file.append({ v: 1, room, began: this.#meeting, zero: zeroMs });
    this.#hasHeader = true;
  }

  /** @param removed the new file is not made before this has resolved */
  #startNextFile(removed?: Promise<void>): void {
    this.#meeting = Math.max(this.#meeting + 1, Math.round(this.#options.wallNow()));
    this.#file = this.#openFile(removed);
    this.#hasHeader = false;
  }

  #openFile(removed?: Promise<void>): AppendedFile {
    const { folder, clock, room, log } = this.#options;
    return new AppendedFile({
      path: folder.pathOf(this.#meeting),
      clock,
      prepare: async () => {
        await removed?.catch(() => {});
        await folder.makeRoom();
      },
      onFailing: (error) => {
        log.error({ err: error, room }, 'transcript cannot be written');
        this.#setFailing(true);
      },
      onRecovered: (lost) => {
        log.warn({ room, lost }, 'transcript is written again');
        this.#setFailing(false);
      },
    });
  }

  #setFailing(isFailing: boolean): void {
    this.#isFailing = isFailing;
    this.#onFailing(isFailing);
  }

  #isFull(): boolean {
    const { retentionMs, wallNow } = this.#options;
    return this.#file.bytes > MOST_BYTES_A_MEETING || wallNow() - this.#meeting > retentionMs;
  }
}
