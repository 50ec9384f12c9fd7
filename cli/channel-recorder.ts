/** Decodes and mixes the tracks of a language's channel into one stream in real time. Pauses are kept, up to 10 s each. */

import { OpusReceiver } from '@mediasoup-booth/interpreter/remote';
import type { ReceivedPacket } from '@mediasoup-booth/werift-handler';
import { createOpusDecoder, OPUS_FRAME_MS } from '../audio/opus-codec.ts';
import { OPUS_CLOCK_RATE, SPEECH_SAMPLE_RATE } from '../audio/sample-rates.ts';
import { systemClock } from '../time/clock.ts';
import { Mixdown } from './mixdown.ts';

const TICKS_PER_FRAME = (OPUS_CLOCK_RATE * OPUS_FRAME_MS) / 1000;
const TICKS_PER_SAMPLE = OPUS_CLOCK_RATE / SPEECH_SAMPLE_RATE;
/** A larger step in the sequence numbers is a late packet or a restart of the stream, not a pause. */
const MAX_PACKET_GAP = 100;
const LONGEST_PAUSE_SAMPLES = 10 * SPEECH_SAMPLE_RATE;

export class ChannelRecorder {
  readonly #tracks = new Map<string, Promise<TrackRecorder>>();
  readonly #mixdown: Mixdown;

  /** @param write Receives 16 kHz mono samples. */
  constructor(write: (samples: Int16Array) => void) {
    this.#mixdown = new Mixdown(SPEECH_SAMPLE_RATE, systemClock, write);
  }

  /** Packets that come before the track's decoder is ready are decoded when it is, in order. */
  push(track: string, packet: ReceivedPacket): void {
    const known = this.#tracks.get(track) ?? TrackRecorder.create((samples) => this.#mixdown.add(track, samples));
    this.#tracks.set(track, known);
    void known.then((recorder) => recorder.push(packet));
  }

  async close(): Promise<void> {
    for (const recorder of await Promise.all(this.#tracks.values())) recorder.close();
    this.#mixdown.close();
  }
}

class TrackRecorder {
  readonly #receiver: OpusReceiver;
  readonly #write: (samples: Int16Array) => void;
  #last: ReceivedPacket | undefined;

  private constructor(
    receiver: (deliver: (samples: Int16Array) => void) => OpusReceiver,
    write: (samples: Int16Array) => void,
  ) {
    this.#receiver = receiver((samples) => write(samples));
    this.#write = write;
  }

  static async create(write: (samples: Int16Array) => void): Promise<TrackRecorder> {
    const decoder = await createOpusDecoder();
    return new TrackRecorder((deliver) => new OpusReceiver(decoder, systemClock, deliver), write);
  }

  push(packet: ReceivedPacket): void {
    if (this.#last) this.#writePause(this.#last, packet);
    this.#last = packet;
    this.#receiver.push(packet);
  }

  close(): void {
    this.#receiver.close();
  }

  /** Writes the silence of a pause in which nothing was sent, as opposed to packets that were lost. */
  #writePause(last: ReceivedPacket, packet: ReceivedPacket): void {
    const packets = (packet.sequenceNumber - last.sequenceNumber) & 0xffff;
    const ticks = ((packet.timestamp - last.timestamp) >>> 0) - packets * TICKS_PER_FRAME;
    if (packets > MAX_PACKET_GAP || ticks <= 0) return;
    this.#write(new Int16Array(Math.min(LONGEST_PAUSE_SAMPLES, ticks / TICKS_PER_SAMPLE)));
  }
}
