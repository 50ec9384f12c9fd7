/**
 * Shows a recording's picture in a room in real time, as a camera would: FFmpeg decodes it and encodes VP8, of at most 1280 × 720 at
 * 15 frames a second, with a key frame every two seconds, so that whoever comes later sees it soon.
 *
 * Hard requirement: a frame is sent when the sound that belongs to it is, not before; late only where FFmpeg is.
 */
import { randomInt } from 'node:crypto';
import type { RoomConnection } from '@mediasoup-booth/interpreter/remote';
import { FfmpegError, type FfmpegPrograms } from '../recordings/ffmpeg.ts';
import { readIvf, VP8_TICKS_PER_MS, type Vp8Frame, vp8Payloads, vp8Stream } from '../recordings/vp8-stream.ts';
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
  #frames: AsyncGenerator<Vp8Frame> | undefined;
  /** Ticks since the start, of the last frame. */
  #lastTicks = -1;

  constructor(output: Pick<CameraOutput, 'write'>, clock: Clock) {
    this.#output = output;
    this.#clock = clock;
    this.#startMs = clock.now();
  }

  /**
   * Starts to decode a video. Resolves when its first frame is there, so that nothing delays it.
   *
   * @returns shows it, at the place of the sound in the recording in milliseconds; resolves when it is over, when it cannot be decoded, or at
   *   `close`
   */
  async prepare(path: string, programs: FfmpegPrograms): Promise<(positionMs: () => number) => Promise<void>> {
    const frames = readIvf(vp8Stream(path, programs));
    this.#frames = frames;
    const first = await nextOf(frames);
    return async (positionMs) => {
      for (let frame = first; frame; frame = await nextOf(frames)) {
        await this.#reached(frame.timestamp / VP8_TICKS_PER_MS, positionMs);
        if (this.#closing.signal.aborted) return;
        this.#write(frame.data);
      }
    };
  }

  close(): void {
    this.#closing.abort();
    void this.#frames?.return(undefined);
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

/** Undefined at the end, also where it comes early as the rest cannot be decoded. */
async function nextOf(frames: AsyncGenerator<Vp8Frame>): Promise<Vp8Frame | undefined> {
  try {
    const { value, done } = await frames.next();
    return done ? undefined : value;
  } catch (error) {
    if (error instanceof FfmpegError) return undefined;
    throw error;
  }
}
