/**
 * Publishes recordings in a room in real time, as a microphone would. A recording that is streamed is read some ten seconds
 * ahead, however long it is; where it comes too slowly all the same, silence is sent meanwhile.
 */

import { type AudioOutput, OpusSender } from '@mediasoup-booth/interpreter/remote';
import { createOpusEncoder, OPUS_FRAME_SAMPLES } from '../audio/opus-codec.ts';
import { VOICE_SAMPLE_RATE } from '../audio/sample-rates.ts';
import { systemClock } from '../time/clock.ts';

/** The silence before and after a recording is sent, as an open microphone would send it. */
const PAUSE_SAMPLES = VOICE_SAMPLE_RATE / 2;
const AHEAD_SAMPLES = 10 * VOICE_SAMPLE_RATE;
const SAMPLES_PER_MS = VOICE_SAMPLE_RATE / 1000;

export class RecordingPublisher {
  readonly #sender: OpusSender;
  readonly #parts: Int16Array[] = [];
  #queuedSamples = 0;
  /** Samples of the first part that were sent. */
  #at = 0;
  /** Samples of the recording that were taken for packets, from less than 0 on for the silence before it. */
  #taken = -PAUSE_SAMPLES;
  #endedMs: number | undefined;
  #isPlaying = false;
  #isComplete = false;
  #isClosed = false;
  /** Called when a frame was taken. */
  #onTaken: (() => void) | undefined;

  private constructor(createSender: (nextFrame: () => Int16Array | undefined) => OpusSender) {
    this.#sender = createSender(() => this.#nextFrame());
  }

  static async create(output: Pick<AudioOutput, 'write'>): Promise<RecordingPublisher> {
    const encoder = await createOpusEncoder();
    return new RecordingPublisher((nextFrame) => new OpusSender(encoder, output, systemClock, nextFrame));
  }

  /**
   * Sends 24 kHz mono samples, with half a second of silence before and after. Resolves when they have been sent, or at `close`.
   *
   * @throws while another recording is sent, and what the recording throws
   */
  async play(recording: Int16Array | AsyncIterable<Int16Array>): Promise<void> {
    if (this.#isPlaying) throw new Error('one recording at a time');
    this.#isPlaying = true;
    this.#isComplete = false;
    this.#taken = -PAUSE_SAMPLES;
    this.#endedMs = undefined;
    try {
      let hasBegun = false;
      for await (const part of recording instanceof Int16Array ? [recording] : recording) {
        // What follows is read while the silence is sent.
        if (!hasBegun) this.#push(new Int16Array(PAUSE_SAMPLES));
        hasBegun = true;
        this.#push(part);
        await this.#until(() => this.#queuedSamples < AHEAD_SAMPLES);
        if (this.#isClosed) return;
      }
      this.#push(new Int16Array(PAUSE_SAMPLES));
    } finally {
      this.#isComplete = true;
      await this.#until(() => this.#queuedSamples === 0);
      this.#isPlaying = false;
      this.#endedMs = systemClock.now();
    }
  }

  /**
   * The place in the recording that is being sent, in milliseconds: below 0 in the silence before it. It stands still while the recording comes
   * too slowly, and goes on in real time after its end.
   */
  get positionMs(): number {
    const sinceEndMs = this.#endedMs === undefined ? 0 : systemClock.now() - this.#endedMs;
    // One packet is always ready before it is sent.
    return (this.#taken - OPUS_FRAME_SAMPLES) / SAMPLES_PER_MS + sinceEndMs;
  }

  close(): void {
    this.#isClosed = true;
    this.#sender.close();
    this.#onTaken?.();
  }

  async #until(isTrue: () => boolean): Promise<void> {
    while (!this.#isClosed && !isTrue())
      await new Promise<void>((resolve) => {
        this.#onTaken = resolve;
      });
  }

  #push(samples: Int16Array): void {
    this.#parts.push(samples);
    this.#queuedSamples += samples.length;
    this.#sender.wake();
  }

  #nextFrame(): Int16Array | undefined {
    if (!this.#isPlaying || (this.#isComplete && this.#queuedSamples === 0)) {
      this.#onTaken?.();
      return undefined;
    }
    const frame = new Int16Array(OPUS_FRAME_SAMPLES);
    // What is left is less than a frame: it is sent with what follows it, if anything does.
    if (this.#queuedSamples >= OPUS_FRAME_SAMPLES || this.#isComplete) this.#take(frame);
    this.#onTaken?.();
    return frame;
  }

  #take(frame: Int16Array): void {
    for (let filled = 0; filled < frame.length; ) {
      const [part] = this.#parts;
      if (!part) return;
      const taken = part.subarray(this.#at, this.#at + frame.length - filled);
      frame.set(taken, filled);
      filled += taken.length;
      this.#at += taken.length;
      this.#queuedSamples -= taken.length;
      this.#taken += taken.length;
      if (this.#at < part.length) continue;
      this.#parts.shift();
      this.#at = 0;
    }
  }
}
