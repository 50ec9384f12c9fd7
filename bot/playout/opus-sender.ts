/**
 * 24 kHz PCM → Opus on an outgoing track, one packet every 20 ms of an absolute clock. Each is encoded as soon as the one before it
 * has left, so that its own deadline waits for no codec: the lead is one packet.
 *
 * Hard requirement: a packet's timestamp is where its sound stands on the clock. It advances over silence, in which nothing
 * is sent; what does not follow the packet before it at once carries the marker. A stall of the loop of up to 100 ms is made good,
 * as no receiver's buffer is that short; after a longer one what was missed is skipped, not sent in a burst.
 */
import { randomInt } from 'node:crypto';
import { OPUS_FRAME_MS, type OpusEncoder } from '../../audio/opus-codec.ts';
import { OPUS_CLOCK_RATE } from '../../audio/sample-rates.ts';
import type { Clock } from '../../time/clock.ts';

const TICKS_PER_FRAME = (OPUS_CLOCK_RATE * OPUS_FRAME_MS) / 1000;
/** A tick that comes later than this has missed its packets. */
const LATE_MS = 5 * OPUS_FRAME_MS;

/** Where packets go: an `OutgoingTrack`. */
export interface PacketSink {
  write(payload: Uint8Array, timestamp: number, marker: boolean): void;
}

export class OpusSender {
  readonly #encoder: OpusEncoder;
  readonly #sink: PacketSink;
  readonly #clock: Clock;
  readonly #nextFrame: () => Int16Array | undefined;
  readonly #startMs: number;
  readonly #firstTimestamp = randomInt(2 ** 32);
  /** The number of the next 20 ms on the clock. */
  #frame = 0;
  /** The packet that goes out then. */
  #packet: Uint8Array | undefined;
  #lastSent: number | undefined;
  #cancelTimer: (() => void) | undefined;
  #closed = false;

  /**
   * Owns the encoder.
   * @param nextFrame 480 samples, or undefined: nothing to say. Then it sleeps until `wake`.
   */
  constructor(encoder: OpusEncoder, sink: PacketSink, clock: Clock, nextFrame: () => Int16Array | undefined) {
    this.#encoder = encoder;
    this.#sink = sink;
    this.#clock = clock;
    this.#nextFrame = nextFrame;
    this.#startMs = clock.now();
  }

  /** There is something to say again. */
  wake(): void {
    if (this.#closed || this.#cancelTimer) return;
    this.#encodeNext();
    if (!this.#packet) return;
    this.#frame = Math.max(this.#frame, Math.ceil((this.#clock.now() - this.#startMs) / OPUS_FRAME_MS));
    this.#scheduleTick();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#cancelTimer?.();
    this.#encoder.close();
  }

  #scheduleTick(): void {
    const deadline = this.#startMs + this.#frame * OPUS_FRAME_MS;
    this.#cancelTimer = this.#clock.after(Math.max(0, deadline - this.#clock.now()), () => this.#tick());
  }

  #tick(): void {
    this.#cancelTimer = undefined;
    if (!this.#packet) return;
    this.#skipMissedFrames();
    const timestamp = (this.#firstTimestamp + this.#frame * TICKS_PER_FRAME) % 2 ** 32;
    this.#sink.write(this.#packet, timestamp, this.#lastSent !== this.#frame - 1);
    this.#lastSent = this.#frame++;
    this.#encodeNext();
    if (this.#packet) this.#scheduleTick();
  }

  #encodeNext(): void {
    const frame = this.#nextFrame();
    this.#packet = frame && this.#encoder.encode(frame);
  }

  #skipMissedFrames(): void {
    const lateMs = this.#clock.now() - (this.#startMs + this.#frame * OPUS_FRAME_MS);
    if (lateMs > LATE_MS) this.#frame += Math.floor(lateMs / OPUS_FRAME_MS);
  }
}
