/**
 * A file of JSON lines that is only appended to, in the order of `append`, without keeping this process waiting. A line outlives this
 * process once its promise has resolved to true, because the system has it by then. It is not forced to the disk: a power cut may lose
 * the last half minute.
 *
 * Lines that come while others are being written are written together, next. What could not be written, on a full disk for example, is
 * kept and written when there is room again, in its place: 1 MB of lines, then the oldest are lost.
 */
import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Clock } from '../../time/clock.ts';

const MAX_KEPT_BYTES = 1_048_576;
const RETRY_AFTER_MS = 2000;

export interface AppendedFileOptions {
  path: string;
  clock: Clock;
  /** Called before the file is opened, to make room for it. */
  prepare(): Promise<void>;
  /** Lines cannot be written from now on, and are kept. */
  onFailing(error: unknown): void;
  /** Lines can be written again; `lost` of them could not be kept. */
  onRecovered(lost: number): void;
}

interface Line {
  text: string;
  bytes: number;
  settle(written: boolean): void;
}

export class AppendedFile {
  readonly path: string;
  readonly #options: AppendedFileOptions;
  #file: FileHandle | undefined;
  /** The size of the file without what a failed write left of a line. */
  #bytes = 0;
  /** Whether the last line may be incomplete: an earlier process may have been killed while it wrote. */
  #torn = true;
  /** The lines that are not yet written, oldest first. */
  #lines: Line[] = [];
  #keptBytes = 0;
  #lost = 0;
  #writing: Promise<void> | undefined;
  #isFailing = false;
  #cancelRetry: (() => void) | undefined;
  #closed = false;

  /** The file is created with its first line. */
  constructor(options: AppendedFileOptions) {
    this.path = options.path;
    this.#options = options;
  }

  /** The size of the file once what waits is written. */
  get bytes(): number {
    return this.#bytes + this.#keptBytes;
  }

  /** Resolves to whether the line was written; false: it is kept, to be written later, or is lost. */
  append(value: object): Promise<boolean> {
    if (this.#closed) return Promise.resolve(false);
    const { promise, resolve: settle } = Promise.withResolvers<boolean>();
    const text = `${JSON.stringify(value)}\n`;
    const line = { text, bytes: Buffer.byteLength(text), settle };
    this.#lines.push(line);
    this.#keptBytes += line.bytes;
    this.#keepWithinBounds();
    if (this.#isFailing) settle(false);
    else this.#write();
    return promise;
  }

  /** Writes what waits, once more where that has failed, and closes the file. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelRetry?.();
    await this.#writing;
    if (this.#lines.length > 0) await this.#writeLines();
    await this.discard();
  }

  /** Closes the file, and drops what waits. Resolves when nothing more is written. */
  async discard(): Promise<void> {
    this.#closed = true;
    this.#cancelRetry?.();
    for (const { settle } of this.#remove(this.#lines.length)) settle(false);
    await this.#writing;
    await this.#closeFile();
  }

  #write(): void {
    this.#writing ??= this.#writeLines().finally(() => {
      this.#writing = undefined;
      if (this.#lines.length > 0 && !this.#isFailing && !this.#closed) this.#write();
    });
  }

  async #writeLines(): Promise<void> {
    while (this.#lines.length > 0) {
      const batch = [...this.#lines];
      const lostBefore = this.#lost;
      const error = await this.#attempt(batch.map(({ text }) => text).join(''));
      if (error !== undefined) return this.#failed(error);
      // Those that were dropped meanwhile, because too many waited, have been written after all.
      this.#remove(batch.length - (this.#lost - lostBefore));
      this.#lost = lostBefore;
      for (const { settle } of batch) settle(true);
      this.#recovered();
    }
  }

  /** @returns why it failed */
  async #attempt(text: string): Promise<unknown> {
    try {
      this.#file ??= await this.#open();
      const bytes = Buffer.from(`${this.#torn ? '\n' : ''}${text}`);
      this.#torn = true;
      for (let done = 0; done < bytes.length; ) done += (await this.#file.write(bytes, done)).bytesWritten;
      this.#torn = false;
      this.#bytes += bytes.length;
      return undefined;
    } catch (error) {
      await this.#file?.truncate(this.#bytes).catch(() => {});
      await this.#closeFile();
      return error;
    }
  }

  async #open(): Promise<FileHandle> {
    await this.#options.prepare();
    await mkdir(dirname(this.path), { recursive: true, mode: 0o700 });
    const file = await open(this.path, 'a', 0o600);
    this.#bytes = (await file.stat()).size;
    return file;
  }

  async #closeFile(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.close().catch(() => {});
  }

  #failed(error: unknown): void {
    if (!this.#isFailing) this.#options.onFailing(error);
    this.#isFailing = true;
    for (const { settle } of this.#lines) settle(false);
    if (this.#closed) return;
    this.#cancelRetry = this.#options.clock.after(RETRY_AFTER_MS, () => this.#write());
  }

  #recovered(): void {
    if (!this.#isFailing) return;
    this.#isFailing = false;
    this.#options.onRecovered(this.#lost);
    this.#lost = 0;
  }

  #keepWithinBounds(): void {
    while (this.#keptBytes > MAX_KEPT_BYTES) {
      this.#remove(1)[0]?.settle(false);
      this.#lost++;
    }
  }

  #remove(count: number): Line[] {
    const removed = this.#lines.splice(0, count);
    for (const { bytes } of removed) this.#keptBytes -= bytes;
    return removed;
  }
}
