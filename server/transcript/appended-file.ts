/**
 * A file of JSON lines that is only appended to. A line outlives this process once `append` has returned, because the system has it by
 * then. It is not forced to the disk: a power cut may lose the last half minute.
 */
import { closeSync, mkdirSync, openSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

export class AppendedFile {
  readonly path: string;
  #fd: number | undefined;
  #bytes = 0;
  /** Whether the last line may be incomplete: an earlier process may have been killed while it wrote. */
  #torn = true;

  /** The file is created with its first line. */
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
