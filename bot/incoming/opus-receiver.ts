/**
 * Opus packets as they arrive → 16 kHz PCM in the order of speech: reordered, the lost ones repaired by FEC or concealed, the
 * broken ones counted and concealed. What nobody wants decoded is kept for 400 ms, and heard before the first that is wanted.
 */

import { DECODED_RATE, FRAME_MS, type OpusDecoder } from '../../audio/opus-codec.ts';
import type { Clock } from '../../time/clock.ts';
import type { ReceivedPacket } from '../webrtc/media-track.ts';
import { PreRollBuffer } from './pre-roll-buffer.ts';
import { type Ordered, ReorderBuffer } from './reorder-buffer.ts';

const MS_PER_SAMPLE = 1000 / DECODED_RATE;

export class OpusReceiver {
  readonly #decoder: OpusDecoder;
  readonly #clock: Clock;
  readonly #deliver: (samples: Int16Array, agoMs: number) => void;
  readonly #isWanted: (packet: ReceivedPacket) => boolean;
  readonly #ring = new PreRollBuffer();
  readonly #buffer = new ReorderBuffer<ReceivedPacket>();
  #cancelTimer: (() => void) | undefined;
  #frameSize = (DECODED_RATE * FRAME_MS) / 1000;
  #isDecoding = true;
  #closed = false;
  /** Of what was decoded: packets that never came, those of them that the next one could repair, and packets that were not Opus. */
  readonly counts = { lost: 0, repaired: 0, broken: 0 };

  /**
   * Owns the decoder.
   * @param deliver is told how long ago what was kept has come
   * @param isWanted asked of each packet in order; those that are not wanted cost no decoding
   */
  constructor(
    decoder: OpusDecoder,
    clock: Clock,
    deliver: (samples: Int16Array, agoMs: number) => void,
    isWanted: (packet: ReceivedPacket) => boolean = () => true,
  ) {
    this.#decoder = decoder;
    this.#clock = clock;
    this.#deliver = deliver;
    this.#isWanted = isWanted;
  }

  packet(packet: ReceivedPacket): void {
    if (this.#closed) return;
    this.#play(this.#buffer.push(packet, this.#clock.now()));
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#cancelTimer?.();
    this.#decoder.close();
  }

  #play(ordered: readonly Ordered<ReceivedPacket>[]): void {
    for (const item of ordered) {
      // Nobody knows how loud a lost packet was: it goes the way of the one before.
      if (item.type === 'packet') this.#isDecoding = this.#isWanted(item.packet);
      if (this.#isDecoding) this.#hear(item);
      else this.#ring.push(item);
      if (this.#closed) return;
    }
    this.#rearm();
  }

  #hear(item: Ordered<ReceivedPacket>): void {
    if (this.#ring.isEmpty) {
      this.#deliver(this.#samplesOf(item), 0);
      return;
    }
    const { converging, heard } = this.#ring.take();
    for (const one of converging) this.#samplesOf(one);
    const decoded = [...heard, item].map((one) => this.#samplesOf(one));
    let agoMs = decoded.reduce((sum, { length }) => sum + length, 0) * MS_PER_SAMPLE;
    for (const samples of decoded) {
      agoMs -= samples.length * MS_PER_SAMPLE;
      this.#deliver(samples, agoMs);
      if (this.#closed) return;
    }
  }

  #samplesOf(item: Ordered<ReceivedPacket>): Int16Array {
    return item.type === 'packet' ? this.#decode(item.packet) : this.#repair(item.following);
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

  #decode({ payload }: ReceivedPacket): Int16Array {
    try {
      const samples = this.#decoder.decode(payload);
      if (samples.length > 0) this.#frameSize = samples.length;
      return samples;
    } catch {
      this.counts.broken++;
      return this.#decoder.conceal(this.#frameSize);
    }
  }

  #repair(following: ReceivedPacket | undefined): Int16Array {
    this.counts.lost++;
    try {
      if (following) {
        const samples = this.#decoder.decodeFec(following.payload, this.#frameSize);
        this.counts.repaired++;
        return samples;
      }
    } catch {
      this.counts.broken++;
    }
    return this.#decoder.conceal(this.#frameSize);
  }
}
