/** Reads bits, the most significant of each byte first. Beyond the end it reads zeros and sets `isOverrun`, so that garbage never throws. */
export class BitReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** More was read than there is. */
  get isOverrun(): boolean {
    return this.#at > 8 * this.#bytes.length;
  }

  /** Reads an unsigned number of `count` bits. */
  read(count: number): number {
    let value = 0;
    for (let i = 0; i < count; i++) value = value * 2 + this.#next();
    return value;
  }

  flag(): boolean {
    return this.#next() === 1;
  }

  skip(count: number): void {
    this.#at += count;
  }

  /** An unsigned Exp-Golomb code of at most 32 leading zeros. */
  expGolomb(): number {
    let zeros = 0;
    while (zeros < 32 && !this.isOverrun && this.#next() === 0) zeros++;
    return 2 ** zeros - 1 + this.read(zeros);
  }

  #next(): number {
    const byte = this.#bytes[this.#at >> 3] ?? 0;
    return (byte >> (7 - (this.#at++ & 7))) & 1;
  }
}
