/**
 * Shows a recording's picture in a room in real time, as a camera would: FFmpeg decodes it and encodes VP8, of at most 1280 × 720 at
 * 15 frames a second, with a key frame every two seconds, so that whoever comes later sees it soon.
 *
 * Hard requirement: a frame is sent when the sound that belongs to it is, not before; late only where FFmpeg is.
 */
import { randomInt } from 'node:crypto';
import type { RoomConnection } from '@mediasoup-booth/interpreter/remote';
import { FfmpegError, type FfmpegPrograms } from '../recordings/ffmpeg.ts';
import { readIvf, VP8_TICKS_PER_MS, vp8Payloads, vp8Stream } from '../recordings/vp8-stream.ts';
import { type Clock, sleep } from '../time/clock.ts';

export type CameraOutput = Awaited<ReturnType<NonNullable<RoomConnection['publishCamera']>>>;

/** The sound's place is looked at as often, as it may stand still. */
const LOOK_EVERY_MS = 200;

export class CameraPublisher {
  readonly #output: Pick<CameraOutput, 'write'>;
  readonly #clock: Clock;
  readonly #startMs: number;
  readonly #firstTimestamp = randomInt(2 ** 32);
  readonly #closing = new AbortController();
  /** Ticks since the start, of the last frame. */
  #lastTicks = -1;

  constructor(output: Pick<CameraOutput, 'write'>, clock: Clock) {
    this.#output = output;
    this.#clock = clock;
    this.#startMs = clock.now();
  }

  /**
   * Shows a video. Resolves when it is over, when it cannot be decoded, or at `close`.
   *
   * @param positionMs the place of the sound in the recording
   */
  async play(path: string, programs: FfmpegPrograms, positionMs: () => number): Promise<void> {
    try {
      for await (const { data, timestamp } of readIvf(vp8Stream(path, programs))) {
        await this.#reached(timestamp / VP8_TICKS_PER_MS, positionMs);
        if (this.#closing.signal.aborted) return;
        this.#write(data);
      }
    } catch (error) {
      if (!(error instanceof FfmpegError)) throw error;
    }
  }

  close(): void {
    this.#closing.abort();
  }

  async #reached(frameMs: number, positionMs: () => number): Promise<void> {
    const { signal } = this.#closing;
    for (let aheadMs = frameMs - positionMs(); aheadMs > 0 && !signal.aborted; aheadMs = frameMs - positionMs())
      await sleep(this.#clock, Math.min(aheadMs, LOOK_EVERY_MS), signal);
  }

  /** As of a camera, the timestamp is when the frame was sent: so it agrees with the sound's, which is, too. */
  #write(frame: Buffer): void {
    const ticks = Math.round((this.#clock.now() - this.#startMs) * VP8_TICKS_PER_MS);
    this.#lastTicks = Math.max(this.#lastTicks + 1, ticks);
    const payloads = vp8Payloads(frame);
    for (const [i, payload] of payloads.entries())
      this.#output.write(payload, (this.#firstTimestamp + this.#lastTicks) % 2 ** 32, i === payloads.length - 1);
  }
}
