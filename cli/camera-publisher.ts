/**
 * Shows a recording's picture in a room in real time, as a camera would: FFmpeg decodes it and encodes VP8, of at most 1280 × 720 at
 * 15 frames a second, with a key frame every two seconds, so that whoever comes later sees it soon.
 */
import { randomInt } from 'node:crypto';
import type { RoomConnection } from '@mediasoup-booth/interpreter/remote';
import { FfmpegError, type FfmpegPrograms } from '../recordings/ffmpeg.ts';
import { readIvf, vp8Payloads, vp8Stream } from '../recordings/vp8-stream.ts';

export type CameraOutput = Awaited<ReturnType<NonNullable<RoomConnection['publishCamera']>>>;

export class CameraPublisher {
  readonly #output: Pick<CameraOutput, 'write'>;
  readonly #firstTimestamp = randomInt(2 ** 32);
  #nextTimestamp = 0;
  #frames: AsyncGenerator<unknown> | undefined;

  constructor(output: Pick<CameraOutput, 'write'>) {
    this.#output = output;
  }

  /** Shows a video, after what it showed before. Resolves when it is over, when it cannot be decoded, or at `close`. */
  async play(path: string, programs: FfmpegPrograms): Promise<void> {
    const frames = readIvf(vp8Stream(path, programs));
    this.#frames = frames;
    const start = this.#nextTimestamp;
    try {
      for await (const { data, timestamp } of frames) {
        this.#nextTimestamp = start + timestamp + 6000;
        const payloads = vp8Payloads(data);
        const rtpTimestamp = (this.#firstTimestamp + start + timestamp) % 2 ** 32;
        for (const [i, payload] of payloads.entries())
          this.#output.write(payload, rtpTimestamp, i === payloads.length - 1);
      }
    } catch (error) {
      if (!(error instanceof FfmpegError)) throw error;
    }
  }

  close(): void {
    void this.#frames?.return(undefined);
  }
}
