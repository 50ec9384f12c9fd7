/** Looks at one publisher's video as a model can: single key frames, made small. */
import type { Clock } from '../../time/clock.ts';
import type { RoomConnection } from '../room/room-connection.ts';
import { KeyFrameGrabber } from './key-frame-grabber.ts';
import { lumaThumbnailOf } from './luma-thumbnail.ts';
import { longSides, type Thumbnailer } from './thumbnailer.ts';
import type { VideoTarget } from './video-target.ts';
import type { KeyFrameSource, Picture } from './vision.ts';

export interface KeyFrameSourceOptions {
  connection: Pick<RoomConnection, 'receiveVideo' | 'sentBytes'>;
  thumbnailer: Thumbnailer;
  clock: Clock;
  /** The video cannot be received, or not be made a picture here: told once. */
  onBlind(error: unknown): void;
}

export function openKeyFrameSource(
  { producerId, kind }: VideoTarget,
  { connection, thumbnailer, clock, onBlind }: KeyFrameSourceOptions,
): KeyFrameSource {
  const opening = KeyFrameGrabber.open({ connection, producerId, longSide: longSides[kind], clock }).then((tap) => {
    if (tap.codec && thumbnailer.supports(tap.codec)) return tap;
    tap.close();
    throw new Error(`pictures of ${tap.codec} video need FFmpeg on the interpreter's machine`);
  });
  const tap = opening.catch((error: unknown) => {
    onBlind(error);
    return undefined;
  });

  const take = async (): Promise<Picture | undefined> => {
    const frame = await (await tap)?.take();
    const jpeg = frame && (await thumbnailer.make(frame, kind));
    return jpeg && { jpeg, sketch: await lumaThumbnailOf(jpeg) };
  };
  const close = () => void tap.then((open) => open?.close());
  return { take, sentBytes: () => connection.sentBytes(producerId), close };
}
