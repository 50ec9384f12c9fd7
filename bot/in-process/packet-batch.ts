/**
 * Packets of many streams in one buffer, which is transferred to another thread and read there without a copy. Each packet is copied
 * once, into the batch, because the buffer that it came in is not its own.
 */

export interface CarriedPacket {
  /** The stream or output that it belongs to. */
  id: number;
  sequenceNumber: number;
  timestamp: number;
  marker: boolean;
  /** −dBov; undefined: not known. */
  audioLevel: number | undefined;
  payload: Uint8Array;
}

const HEADER_BYTES = 14;
const FIRST_BYTES = 2048;
const NO_LEVEL = 0xff;

export class PacketBatch {
  #bytes = new Uint8Array(FIRST_BYTES);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;
  #count = 0;

  get count(): number {
    return this.#count;
  }

  push({ id, sequenceNumber, timestamp, marker, audioLevel = NO_LEVEL, payload }: CarriedPacket): void {
    this.#reserve(HEADER_BYTES + payload.length);
    const view = this.#view;
    view.setUint32(this.#length, id);
    view.setUint32(this.#length + 4, timestamp);
    view.setUint16(this.#length + 8, sequenceNumber);
    view.setUint16(this.#length + 10, payload.length);
    view.setUint8(this.#length + 12, audioLevel);
    view.setUint8(this.#length + 13, marker ? 1 : 0);
    this.#bytes.set(payload, this.#length + HEADER_BYTES);
    this.#length += HEADER_BYTES + payload.length;
    this.#count++;
  }

  /** The bytes of the batch, to be transferred; the batch is empty then. */
  take(): Uint8Array<ArrayBuffer> {
    const taken = this.#bytes.subarray(0, this.#length);
    this.#bytes = new Uint8Array(FIRST_BYTES);
    this.#view = new DataView(this.#bytes.buffer);
    this.#length = 0;
    this.#count = 0;
    return taken;
  }

  #reserve(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(needed, 2 * this.#bytes.length));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer);
  }
}

/** The packets of a batch, in their order; their payloads are views of its bytes. */
export function* packetsIn(batch: Uint8Array<ArrayBuffer>): Generator<CarriedPacket & { payload: Buffer }> {
  const view = new DataView(batch.buffer, batch.byteOffset, batch.byteLength);
  for (let at = 0; at < batch.length; ) {
    const length = view.getUint16(at + 10);
    const audioLevel = view.getUint8(at + 12);
    yield {
      id: view.getUint32(at),
      timestamp: view.getUint32(at + 4),
      sequenceNumber: view.getUint16(at + 8),
      marker: view.getUint8(at + 13) === 1,
      audioLevel: audioLevel === NO_LEVEL ? undefined : audioLevel,
      payload: Buffer.from(batch.buffer, batch.byteOffset + at + HEADER_BYTES, length),
    };
    at += HEADER_BYTES + length;
  }
}
