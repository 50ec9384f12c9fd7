/** A WAV file of mono speech that is written while the speech comes. It is valid once it is closed. */
import { closeSync, openSync, writeSync } from 'node:fs';
import { formatWav } from '../audio/wav.ts';
import { CommandError } from './errors.ts';
import { fileProblem, isFileError } from './files.ts';

const HEADER_BYTES = 44;

export class WavFile {
  readonly #path: string;
  readonly #sampleRate: number;
  readonly #file: number;
  #samples = 0;

  /** Creates the file, or replaces its content. @throws {CommandError} where it cannot be written */
  constructor(path: string, sampleRate: number) {
    this.#path = path;
    this.#sampleRate = sampleRate;
    this.#file = this.#withFileErrors(() => openSync(path, 'w'));
    this.#writeHeader();
  }

  get seconds(): number {
    return this.#samples / this.#sampleRate;
  }

  /** @throws {CommandError} */
  append(samples: Int16Array): void {
    this.#withFileErrors(() => writeSync(this.#file, samples, 0, samples.byteLength, this.#end));
    this.#samples += samples.length;
  }

  /** @throws {CommandError} */
  close(): void {
    this.#writeHeader();
    closeSync(this.#file);
  }

  get #end(): number {
    return HEADER_BYTES + this.#samples * 2;
  }

  #writeHeader(): void {
    const header = formatWav({ samples: new Int16Array(0), sampleRate: this.#sampleRate });
    const view = new DataView(header.buffer);
    view.setUint32(4, this.#end - 8, true);
    view.setUint32(40, this.#samples * 2, true);
    this.#withFileErrors(() => writeSync(this.#file, header, 0, HEADER_BYTES, 0));
  }

  #withFileErrors<T>(action: () => T): T {
    try {
      return action();
    } catch (error) {
      throw isFileError(error) ? new CommandError(fileProblem(this.#path, error)) : error;
    }
  }
}
