/** Looks at one publisher's video as a model can: single key frames, made small. */
import type { Clock } from '../../time/clock.ts';
import type { RoomConnection } from '../room/room-connection.ts';
import { KeyFrameGrabber } from './key-frame-grabber.ts';
import { lumaThumbnailOf } from './luma-thumbnail.ts';
import { longSides, type Thumbnailer } from './thumbnailer.ts';
import type { VideoTarget } from './video-target.ts';
import type { CapturedPicture, KeyFrameSource } from './vision.ts';

export interface KeyFrameSourceOptions {
  connection: Pick<RoomConnection, 'receiveVideo' | 'sentBytes'>;
  thumbnailer: Thumbnailer;
  clock: Clock;
  /** The video cannot be received, or not be made a picture here: told once. */
  onUnavailable(error: unknown): void;
}

export function openKeyFrameSource(
  { producerId, kind }: VideoTarget,
  { connection, thumbnailer, clock, onUnavailable: onBlind }: KeyFrameSourceOptions,
): KeyFrameSource {
  const opening = KeyFrameGrabber.open({ connection, producerId, longSide: longSides[kind], clock }).then((grabber) => {
    if (grabber.codec && thumbnailer.supports(grabber.codec)) return grabber;
    grabber.close();
    throw new Error(`pictures of ${grabber.codec} video need FFmpeg on the interpreter's machine`);
  });
  const grabber = opening.catch((error: unknown) => {
    onBlind(error);
    return undefined;
  });

  const take = async (): Promise<CapturedPicture | undefined> => {
    const frame = await (await grabber)?.grab();
    const jpeg = frame && (await thumbnailer.make(frame, kind));
    return jpeg && { jpeg, thumbnail: await lumaThumbnailOf(jpeg) };
  };
  const close = () => void grabber.then((open) => open?.close());
  return { capture: take, sentBytes: () => connection.sentBytes(producerId), close };
}
