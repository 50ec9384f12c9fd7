/**
 * The pictures that go with a recording: one that a person names, or those of its video, of which a picture is taken where it has
 * changed, as in a room: the first at once, then what differs, and never what stood still.
 *
 * Bounds: a frame is looked at every 2 s; what moves all the time, as a camera does, is taken no more often than every 5 s; pictures
 * of the last two minutes are kept.
 */
import {
  hasChanged,
  jpegOfPixels,
  type LumaThumbnail,
  lumaThumbnailOf,
  type PictureSource,
} from '@mediasoup-booth/interpreter/livetranslate';
import { FfmpegError, type FfmpegPrograms } from '../recordings/ffmpeg.ts';
import { type VideoFrame, videoFrames } from '../recordings/video-frames.ts';
import type { RecordingPictures } from './target-translation.ts';

/** A model attends little to a picture of long ago; sending one costs as much as a minute of speech. */
const RESEND_AFTER_MS = 60_000;

/** A picture that a person names: with the first speech, and again after each minute of it. */
export const stillPicture = (jpeg: Uint8Array): RecordingPictures => ({
  at: async (positionMs) => ({ id: String(Math.floor(positionMs / RESEND_AFTER_MS)), jpeg }),
});

export interface RecordingPicturesOptions {
  path: string;
  programs: FfmpegPrograms;
  /** Where in the recording the speech begins. */
  fromSeconds: number;
}

const FRAME_EVERY_SECONDS = 2;
const LONG_SIDES: Readonly<Record<PictureSource, number>> = { screen: 1280, camera: 480 };
/** Of the last frames, so many that differ from the one before them mean a camera. */
const LATEST_FRAMES = 8;
const MOVING_FRAMES = 6;
const CAMERA_EVERY_MS = 5000;
const KEPT_MS = 120_000;

/** Decides which frames are worth a picture. No I/O. */
export class FrameChoice {
  readonly #changes: boolean[] = [];
  #last: LumaThumbnail | undefined;
  #chosen: { thumbnail: LumaThumbnail; atMs: number } | undefined;

  /** What the video seems to be. */
  get source(): PictureSource {
    return this.#changes.filter(Boolean).length >= MOVING_FRAMES ? 'camera' : 'screen';
  }

  /** @returns whether a picture is taken of this frame */
  choose(thumbnail: LumaThumbnail, atMs: number): boolean {
    if (this.#last) this.#changes.push(hasChanged('screen', this.#last, thumbnail));
    if (this.#changes.length > LATEST_FRAMES) this.#changes.shift();
    this.#last = thumbnail;
    const chosen = this.#chosen;
    const tooSoon = chosen && this.source === 'camera' && atMs - chosen.atMs < CAMERA_EVERY_MS;
    if (tooSoon || (chosen && !hasChanged(this.source, chosen.thumbnail, thumbnail))) return false;
    this.#chosen = { thumbnail, atMs };
    return true;
  }
}

/** The pictures of a video, which is decoded as far as the speech is. One reading serves all languages. */
export function videoPictures({ path, programs, fromSeconds }: RecordingPicturesOptions): RecordingPictures {
  const frames = videoFrames(path, programs, {
    everySeconds: FRAME_EVERY_SECONDS,
    longSide: LONG_SIDES.screen,
    fromSeconds,
  });
  const choice = new FrameChoice();
  const taken: { id: string; atMs: number; jpeg: Uint8Array }[] = [];
  let readMs = fromSeconds * 1000;
  let isOver = false;
  let reading: Promise<void> = Promise.resolve();

  async function readUntil(positionMs: number): Promise<void> {
    while (!isOver && readMs <= positionMs) {
      const next = await frames.next();
      isOver = next.done === true;
      if (next.done) return;
      await consider(next.value);
      readMs += FRAME_EVERY_SECONDS * 1000;
    }
  }

  async function consider(frame: VideoFrame): Promise<void> {
    if (!choice.choose(await lumaThumbnailOf(frame.pixels, frame), readMs)) return;
    const jpeg = await jpegOfPixels(frame.pixels, frame, LONG_SIDES[choice.source]);
    if (!jpeg) return;
    taken.push({ id: `${readMs}`, atMs: readMs, jpeg });
    while (taken[1] && taken[0] && readMs - taken[1].atMs > KEPT_MS) taken.shift();
  }

  return {
    async at(positionMs) {
      // A picture that cannot be decoded keeps nobody from being translated.
      reading = reading
        .then(() => readUntil(positionMs))
        .catch((error: unknown) => {
          if (!(error instanceof FfmpegError)) throw error;
          isOver = true;
        });
      await reading;
      return taken.findLast(({ atMs }) => atMs <= positionMs);
    },
    close: () => void frames.return(undefined),
  };
}
