/**
 * Turns the Opus packets of one track, as they arrive, into 16 kHz PCM in the order of the stream: packets are reordered, and lost or
 * broken ones are replaced (`PacketLossConcealment`). Packets that are not wanted yet are kept undecoded for 400 ms (`PreRollBuffer`)
 * and come out before the first wanted one.
 */

import type { OpusDecoder } from '../../audio/opus-codec.ts';
import { SPEECH_SAMPLE_RATE } from '../../audio/sample-rates.ts';
import type { ReceivedPacket } from '../../rtp/received-packet.ts';
import type { Clock } from '../../time/clock.ts';
import { type LossCounts, PacketLossConcealment } from './packet-loss-concealment.ts';
import { PreRollBuffer } from './pre-roll-buffer.ts';
import { type OrderedPacket, ReorderBuffer } from './reorder-buffer.ts';

const MS_PER_SAMPLE = 1000 / SPEECH_SAMPLE_RATE;

/**
 * @example
 * const receiver = new OpusReceiver(await createOpusDecoder(), clock, (samples) => recorder.push(samples));
 * const incoming = await connection.receiveAudio(producerId, (packet) => receiver.push(packet));
 */
export class OpusReceiver {
  readonly #concealment: PacketLossConcealment;
  readonly #clock: Clock;
  readonly #deliver: (samples: Int16Array, agoMs: number) => void;
  readonly #isWanted: (packet: ReceivedPacket) => boolean;
  readonly #preRoll = new PreRollBuffer();
  readonly #reorderBuffer = new ReorderBuffer<ReceivedPacket>();
  #cancelTimer: (() => void) | undefined;
  #isDecoding = true;
  #received = 0;
  #closed = false;

  /**
   * Owns the decoder.
   *
   * @param deliver gets the samples in order; `agoMs` says how long ago their last sample arrived, which is above 0 for pre-roll
   * @param isWanted is asked about each packet, in order; packets that are not wanted are not decoded. Default: all are wanted
   */
  constructor(
    decoder: OpusDecoder,
    clock: Clock,
    deliver: (samples: Int16Array, agoMs: number) => void,
    isWanted: (packet: ReceivedPacket) => boolean = () => true,
  ) {
    this.#concealment = new PacketLossConcealment(decoder);
    this.#clock = clock;
    this.#deliver = deliver;
    this.#isWanted = isWanted;
  }

  /** All packets that arrived and came too late; losses among those that were decoded. */
  get counts(): Readonly<LossCounts & { received: number; late: number }> {
    return { ...this.#concealment.counts, received: this.#received, late: this.#reorderBuffer.late };
  }

  /** The packets so far may be garbage instead of Opus that somebody recorded, so no speech begins with them. */
  get isDoubtful(): boolean {
    return this.#concealment.isDoubtful;
  }

  /** Takes a packet as it arrives. */
  push(packet: ReceivedPacket): void {
    if (this.#closed) return;
    this.#received++;
    this.#process(this.#reorderBuffer.push(packet, this.#clock.now()));
  }

  /** Another stream of the same microphone follows: its sequence numbers have nothing to do with those so far. */
  restart(): void {
    if (this.#closed) return;
    this.#process(this.#reorderBuffer.restart());
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#cancelTimer?.();
    this.#concealment.close();
  }

  #process(ordered: readonly OrderedPacket<ReceivedPacket>[]): void {
    for (const item of ordered) {
      // The level of a lost packet is unknown: it is treated like the packet before it.
      if (item.type === 'packet') this.#isDecoding = this.#isWanted(item.packet);
      if (this.#isDecoding) this.#decodeAndDeliver(item);
      else this.#preRoll.push(item);
      if (this.#closed) return;
    }
    this.#restartTimer();
  }

  #decodeAndDeliver(item: OrderedPacket<ReceivedPacket>): void {
    if (this.#preRoll.isEmpty) {
      this.#deliver(this.#concealment.decode(item), 0);
      return;
    }
    const { warmUp, audible } = this.#preRoll.take();
    for (const one of warmUp) this.#concealment.decode(one);
    const decoded = [...audible, item].map((one) => this.#concealment.decode(one));
    let agoMs = decoded.reduce((sum, { length }) => sum + length, 0) * MS_PER_SAMPLE;
    for (const samples of decoded) {
      agoMs -= samples.length * MS_PER_SAMPLE;
      this.#deliver(samples, agoMs);
      if (this.#closed) return;
    }
  }

  /** Makes the reorder buffer declare missing packets lost in time, although no packet arrives. */
  #restartTimer(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    const deadline = this.#reorderBuffer.deadline;
    if (deadline === undefined) return;
    this.#cancelTimer = this.#clock.after(Math.max(0, deadline - this.#clock.now()), () =>
      this.#process(this.#reorderBuffer.release(this.#clock.now())),
    );
  }
}
