/** Captures pictures of one publisher's video: single key frames, scaled for a model. */
import type { Clock } from '../../time/clock.ts';
import type { RoomConnection } from '../room/room-connection.ts';
import { KeyFrameGrabber } from './key-frame-grabber.ts';
import { lumaThumbnailOf } from './picture-change.ts';
import { longSides, type Thumbnailer } from './thumbnailer.ts';
import type { VideoTarget } from './video-target.ts';
import type { CapturedPicture, KeyFrameSource } from './vision.ts';

interface KeyFrameSourceOptions {
  connection: Pick<RoomConnection, 'receiveVideo' | 'sentBytes'>;
  thumbnailer: Thumbnailer;
  clock: Clock;
  /** The video cannot be received, or its codec cannot be decoded on this machine. Called at most once. */
  onUnavailable(error: unknown): void;
}

/** Opens the video in the background; until it is open, `capture` waits. */
export function openKeyFrameSource(
  { producerId, source }: VideoTarget,
  { connection, thumbnailer, clock, onUnavailable }: KeyFrameSourceOptions,
): KeyFrameSource {
  const opening = KeyFrameGrabber.open({ connection, producerId, longSide: longSides[source], clock }).then(
    (grabber) => {
      if (grabber.codec && thumbnailer.supports(grabber.codec)) return grabber;
      grabber.close();
      throw new Error(`pictures of ${grabber.codec} video need FFmpeg on the interpreter's machine`);
    },
  );
  const grabber = opening.catch((error: unknown) => {
    onUnavailable(error);
    return undefined;
  });

  const capture = async (): Promise<CapturedPicture | undefined> => {
    const frame = await (await grabber)?.grab();
    const jpeg = frame && (await thumbnailer.make(frame, source));
    return jpeg && { jpeg, thumbnail: await lumaThumbnailOf(jpeg) };
  };
  const close = () => void grabber.then((open) => open?.close());
  return { capture, sentBytes: () => connection.sentBytes(producerId), close };
}
