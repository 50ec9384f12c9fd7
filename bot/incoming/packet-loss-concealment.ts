/**
 * Decodes one Opus stream without gaps: a lost packet is repaired from the forward error correction (FEC) of the packet
 * after it, where that one has arrived; else it is concealed, as is a packet that is not Opus.
 *
 * Hard requirement: each packet and each loss gives sound of one packet's duration, and nothing throws, whatever the sender sends. Where the
 * packets are no recording of anything (`GarbageDetector`), that sound is silence.
 */
import { OPUS_FRAME_MS, type OpusDecoder } from '../../audio/opus-codec.ts';
import { SPEECH_SAMPLE_RATE } from '../../audio/sample-rates.ts';
import { GarbageDetector } from './garbage-detector.ts';
import type { OrderedPacket } from './reorder-buffer.ts';

export interface LossCounts {
  /** Packets that did not arrive in time. */
  lost: number;
  /**
   * Lost packets that libopus replaced with the help of the packet after them; the other lost packets were concealed. Where that packet
   * carried no FEC, libopus concealed the loss too and does not say so: this is an upper bound of what FEC recovered.
   */
  repaired: number;
  /** Errors of the decoder. A packet that is not Opus can cause two: as the source of FEC for a loss before it, and by itself. */
  decodeErrors: number;
  /** Packets that were no recording of anything, and were replaced by silence. */
  garbage: number;
}

/** The part of a packet that a decoder needs. */
interface OpusPayload {
  payload: Uint8Array;
}

/**
 * @example
 * const concealment = new PacketLossConcealment(await createOpusDecoder());
 * for (const item of reorderBuffer.push(packet, clock.now())) deliver(concealment.decode(item));
 */
export class PacketLossConcealment {
  readonly #decoder: OpusDecoder;
  readonly #counts: LossCounts = { lost: 0, repaired: 0, decodeErrors: 0, garbage: 0 };
  readonly #garbageDetector = new GarbageDetector();
  /** A lost packet is taken to be as long as the last one that was decoded. */
  #frameSize = (SPEECH_SAMPLE_RATE * OPUS_FRAME_MS) / 1000;

  /** Owns the decoder. */
  constructor(decoder: OpusDecoder) {
    this.#decoder = decoder;
  }

  get counts(): Readonly<LossCounts> {
    return this.#counts;
  }

  /** Takes the packets and losses of the stream in order, and returns the sound of each at 16 kHz. */
  decode(item: OrderedPacket<OpusPayload>): Int16Array {
    const samples = item.type === 'packet' ? this.#decodePacket(item.packet) : this.#replaceLost(item.nextPacket);
    return this.#garbageDetector.isGarbage ? new Int16Array(samples.length) : samples;
  }

  /** The packets so far may be garbage, so no speech begins with them. */
  get isDoubtful(): boolean {
    return this.#garbageDetector.isDoubtful;
  }

  /** Frees the decoder. */
  close(): void {
    this.#decoder.close();
  }

  #decodePacket({ payload }: OpusPayload): Int16Array {
    const samples = this.#tryToDecode(payload);
    this.#garbageDetector.push(payload, samples);
    if (this.#garbageDetector.isGarbage) this.#counts.garbage++;
    if (!samples) return this.#decoder.conceal(this.#frameSize);
    if (samples.length > 0) this.#frameSize = samples.length;
    return samples;
  }

  /** Returns undefined for a packet that is not Opus. */
  #tryToDecode(payload: Uint8Array): Int16Array | undefined {
    try {
      return this.#decoder.decode(payload);
    } catch {
      this.#counts.decodeErrors++;
      return undefined;
    }
  }

  #replaceLost(nextPacket: OpusPayload | undefined): Int16Array {
    this.#counts.lost++;
    try {
      if (nextPacket) {
        const samples = this.#decoder.decodeFec(nextPacket.payload, this.#frameSize);
        this.#counts.repaired++;
        return samples;
      }
    } catch {
      this.#counts.decodeErrors++;
    }
    return this.#decoder.conceal(this.#frameSize);
  }
}
