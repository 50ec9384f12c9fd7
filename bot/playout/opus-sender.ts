/**
 * Sends 24 kHz PCM as Opus on an outgoing track, one packet every 20 ms of an absolute clock. Each packet is encoded as soon as the
 * previous one has left, so that no deadline waits for the encoder: one packet is always ready.
 *
 * Hard requirement: the RTP timestamp of a packet is its time on the clock. It advances over silence, in which nothing is sent; the first
 * packet after silence carries the marker bit. After the event loop was blocked for up to 100 ms the missed packets are sent at once, as
 * every receiver buffers that much; after a longer time they are skipped instead of being sent in a burst.
 */
import { randomInt } from 'node:crypto';
import { OPUS_FRAME_MS, type OpusEncoder } from '../../audio/opus-codec.ts';
import { OPUS_CLOCK_RATE } from '../../audio/sample-rates.ts';
import type { Clock } from '../../time/clock.ts';

const TICKS_PER_FRAME = (OPUS_CLOCK_RATE * OPUS_FRAME_MS) / 1000;
/** A tick that is later than this skips the packets it has missed. */
const LATE_MS = 5 * OPUS_FRAME_MS;

/** Takes the packets, as an `OutgoingTrack` does. The timestamp is in units of 48 kHz. */
interface PacketSink {
  write(payload: Uint8Array, timestamp: number, marker: boolean): void;
}

export class OpusSender {
  readonly #encoder: OpusEncoder;
  readonly #sink: PacketSink;
  readonly #clock: Clock;
  readonly #nextFrame: () => Int16Array | undefined;
  readonly #startMs: number;
  readonly #firstTimestamp = randomInt(2 ** 32);
  /** Number of the next 20 ms on the clock. */
  #frame = 0;
  /** The packet that is sent next. */
  #packet: Uint8Array | undefined;
  #lastSent: number | undefined;
  #cancelTimer: (() => void) | undefined;
  #closed = false;

  /**
   * Owns the encoder.
   *
   * @param nextFrame returns the next 480 samples, or undefined where there is nothing to play; the sender then sleeps until `wake`
   */
  constructor(encoder: OpusEncoder, sink: PacketSink, clock: Clock, nextFrame: () => Int16Array | undefined) {
    this.#encoder = encoder;
    this.#sink = sink;
    this.#clock = clock;
    this.#nextFrame = nextFrame;
    this.#startMs = clock.now();
  }

  /** There is something to play again. Has no effect while the sender is awake. */
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
