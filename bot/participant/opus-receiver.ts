/**
 * Opus packets as they arrive → 16 kHz PCM in the order of speech: reordered, the lost ones repaired by FEC or concealed, the
 * broken ones counted and concealed.
 */
import type { Clock } from '../../time/clock.ts';
import { DECODED_RATE, FRAME_MS, type OpusDecoder } from './opus.ts';
import { type Ordered, ReorderBuffer } from './reorder-buffer.ts';
import type { Packet } from './track.ts';

export class OpusReceiver {
  readonly #decoder: OpusDecoder;
  readonly #clock: Clock;
  readonly #deliver: (samples: Int16Array) => void;
  readonly #buffer = new ReorderBuffer<Packet>();
  #cancelTimer: (() => void) | undefined;
  #frameSize = (DECODED_RATE * FRAME_MS) / 1000;
  #closed = false;
  /** Packets that never came, or were not Opus. */
  readonly counts = { lost: 0, broken: 0 };

  /** Owns the decoder. */
  constructor(decoder: OpusDecoder, clock: Clock, deliver: (samples: Int16Array) => void) {
    this.#decoder = decoder;
    this.#clock = clock;
    this.#deliver = deliver;
  }

  packet(packet: Packet): void {
    if (this.#closed) return;
    this.#play(this.#buffer.push(packet, this.#clock.now()));
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#cancelTimer?.();
    this.#decoder.close();
  }

  #play(ordered: readonly Ordered<Packet>[]): void {
    for (const item of ordered) {
      this.#deliver(item.type === 'packet' ? this.#decode(item.packet) : this.#repair(item.following));
      if (this.#closed) return;
    }
    this.#rearm();
  }

  #rearm(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    const deadline = this.#buffer.deadline;
    if (deadline === undefined) return;
    const now = this.#clock.now();
    this.#cancelTimer = this.#clock.after(Math.max(0, deadline - now), () =>
      this.#play(this.#buffer.release(this.#clock.now())),
    );
  }

  #decode({ payload }: Packet): Int16Array {
    try {
      const samples = this.#decoder.decode(payload);
      if (samples.length > 0) this.#frameSize = samples.length;
      return samples;
    } catch {
      this.counts.broken++;
      return this.#decoder.conceal(this.#frameSize);
    }
  }

  #repair(following: Packet | undefined): Int16Array {
    this.counts.lost++;
    try {
      if (following) return this.#decoder.decodeFec(following.payload, this.#frameSize);
    } catch {
      this.counts.broken++;
    }
    return this.#decoder.conceal(this.#frameSize);
  }
}
