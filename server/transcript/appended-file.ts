/**
 * A file of JSON texts, one a line, which is only appended to. What `append` has taken outlives this process, however it ends: the
 * system has it by then. It is not forced to the disk, so that a power cut may take what was said in the last half minute.
 */
import { closeSync, mkdirSync, openSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

export class AppendedFile {
  readonly path: string;
  #fd: number | undefined;
  #bytes = 0;
  /** Whoever wrote before may have been cut off in mid-line. */
  #torn = true;

  /** The file is made with its first line. */
  constructor(path: string) {
    this.path = path;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** @throws where the disk is full or the folder cannot be written */
  append(value: object): void {
    const fd = this.#opened();
    const line = Buffer.from(`${this.#torn ? '\n' : ''}${JSON.stringify(value)}\n`);
    this.#torn = true;
    const written = writeSync(fd, line);
    this.#bytes += written;
    if (written < line.length) throw new Error(`${this.path}: there is no room left on the disk`);
    this.#torn = false;
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }

  #opened(): number {
    if (this.#fd !== undefined) return this.#fd;
    mkdirSync(dirname(this.path), { recursive: true, mode: 0o700 });
    this.#fd = openSync(this.path, 'a', 0o600);
    this.#bytes = statSync(this.path).size;
    return this.#fd;
  }
}
