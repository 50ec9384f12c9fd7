/** Captures pictures of one publisher's video: single key frames, scaled for a model. */
import type { Clock } from '../../time/clock.ts';
import { keepOpen } from '../../time/keep-open.ts';
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
  /** The video cannot be received, which is tried again by itself, or its codec cannot be decoded on this machine. */
  onUnavailable(error: unknown): void;
}

/** Opens the video in the background; until that has succeeded or failed for the first time, `capture` waits. */
export function openKeyFrameSource(
  { producerId, source }: VideoTarget,
  { connection, thumbnailer, clock, onUnavailable }: KeyFrameSourceOptions,
): KeyFrameSource {
  let grabber: KeyFrameGrabber | undefined;
  const firstAttempt = Promise.withResolvers<void>();
  const stop = keepOpen({
    open: () => KeyFrameGrabber.open({ connection, producerId, longSide: longSides[source], clock }),
    discard: (late) => late.close(),
    onOpened(opened) {
      if (opened.codec && thumbnailer.supports(opened.codec)) grabber = opened;
      else {
        opened.close();
        onUnavailable(new Error(`pictures of ${opened.codec} video need FFmpeg on the interpreter's machine`));
      }
      firstAttempt.resolve();
    },
    onFailed(error) {
      onUnavailable(error);
      firstAttempt.resolve();
    },
    clock,
  });

  const capture = async (): Promise<CapturedPicture | undefined> => {
    await firstAttempt.promise;
    const frame = await grabber?.grab();
    const jpeg = frame && (await thumbnailer.make(frame, source));
    return jpeg && { jpeg, thumbnail: await lumaThumbnailOf(jpeg) };
  };
  const close = (): void => {
    stop();
    grabber?.close();
    firstAttempt.resolve();
  };
  return { capture, sentBytes: () => connection.sentBytes(producerId), close };
}
