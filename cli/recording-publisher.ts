/** Publishes recordings in a room in real time, as a microphone would. */

import { type AudioOutput, OpusSender } from '@mediasoup-booth/interpreter/remote';
import { createOpusEncoder, OPUS_FRAME_SAMPLES } from '../audio/opus-codec.ts';
import { VOICE_SAMPLE_RATE } from '../audio/sample-rates.ts';
import { systemClock } from '../time/clock.ts';

/** The silence before and after a recording is sent, as an open microphone would send it. */
const PAUSE_SAMPLES = VOICE_SAMPLE_RATE / 2;

export class RecordingPublisher {
  readonly #sender: OpusSender;
  #samples = new Int16Array(0);
  #at = 0;
  #finished: (() => void) | undefined;

  private constructor(createSender: (nextFrame: () => Int16Array | undefined) => OpusSender) {
    this.#sender = createSender(() => this.#nextFrame());
  }

  static async create(output: AudioOutput): Promise<RecordingPublisher> {
    const encoder = await createOpusEncoder();
    return new RecordingPublisher((nextFrame) => new OpusSender(encoder, output, systemClock, nextFrame));
  }

  /**
   * Sends 24 kHz mono samples, with half a second of silence before and after. Resolves when they have been sent.
   *
   * @throws while another recording is sent
   */
  play(samples: Int16Array): Promise<void> {
    if (this.#finished) throw new Error('one recording at a time');
    this.#samples = new Int16Array(PAUSE_SAMPLES + samples.length + PAUSE_SAMPLES);
    this.#samples.set(samples, PAUSE_SAMPLES);
    this.#at = 0;
    return new Promise((resolve) => {
      this.#finished = resolve;
      this.#sender.wake();
    });
  }

  close(): void {
    this.#sender.close();
    this.#finished?.();
  }

  #nextFrame(): Int16Array | undefined {
    if (this.#at >= this.#samples.length) {
      const finished = this.#finished;
      this.#finished = undefined;
      finished?.();
      return undefined;
    }
    const frame = new Int16Array(OPUS_FRAME_SAMPLES);
    frame.set(this.#samples.subarray(this.#at, this.#at + OPUS_FRAME_SAMPLES));
    this.#at += OPUS_FRAME_SAMPLES;
    return frame;
  }
}
