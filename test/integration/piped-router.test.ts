/** A router to which tracks are piped from another media worker: what passes, in both directions. */
import type { Consumer, DirectTransport, Producer } from 'mediasoup/types';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { RtpHeader, RtpPacket } from 'werift';
import { silentLog } from '../../bench/support/silent-log.ts';
import { CaptionCopies } from '../../server/media/caption-relay.ts';
import { ListenerLoad } from '../../server/media/listener-load.ts';
import { MediaWorkers, type RoomMedia } from '../../server/media/media-workers.ts';
import { PipedRouter } from '../../server/media/piped-router.ts';
import { UNWANTED_MS } from '../../server/media/wanted-pipes.ts';
import { systemClock } from '../../time/clock.ts';
import { FakeClock } from '../../time/fake-clock.ts';
import { until } from '../support/until.ts';
import { recordedFrame, VideoSender } from '../support/video.ts';

const SSRC = 4711;

/** RTCP: payload-specific feedback, whose first kind is the loss of a picture. */
const PSFB = 206;
const PLI = 1;

describe('a piped router', () => {
  let workers: MediaWorkers;
  beforeAll(async () => {
    workers = await MediaWorkers.start('127.0.0.1', { port: 0, workers: 2 }, systemClock, silentLog);
  });
  afterAll(() => workers.close());

  let clock: FakeClock;
  let origin: RoomMedia;
  let far: RoomMedia;
  let piped: PipedRouter;
  let closings: number;
  let camera: Producer;
  let sender: DirectTransport;
  let filming: NodeJS.Timeout;
  beforeEach(async () => {
    clock = new FakeClock();
    closings = 0;
    origin = await workers.createRouterOn(0);
    const opening = workers.createRouterOn(1);
    const { router } = origin;
    piped = new PipedRouter(opening, new ListenerLoad(), { router, copies: new CaptionCopies(), clock }, () => {
      closings++;
    });
    far = await opening;
    sender = await router.createDirectTransport();
    camera = await sender.produce({
      kind: 'video',
      rtpParameters: {
        codecs: [
          {
            mimeType: 'video/VP8',
            payloadType: 96,
            clockRate: 90_000,
            rtcpFeedback: [{ type: 'nack', parameter: 'pli' }],
          },
        ],
        encodings: [{ ssrc: SSRC }],
      },
    });
    const frames = new VideoSender('vp8');
    filming = setInterval(() => {
      for (const { payload, ...packet } of frames.frame(recordedFrame('vp8'))) {
        const header = new RtpHeader({ ...packet, ssrc: SSRC, payloadType: 96 });
        if (!camera.closed) camera.send(new RtpPacket(header, payload).serialize());
      }
    }, 33);
  });
  afterEach(() => {
    clearInterval(filming);
    piped.close();
    origin.router.close();
  });

  const receive = async (): Promise<Consumer> => {
    const transport = await far.router.createDirectTransport();
    return transport.consume({ producerId: camera.id, rtpCapabilities: far.router.rtpCapabilities });
  };

  it('passes the key frames that its receivers ask for to who sends', async () => {
    await piped.wantTrack(camera.id);
    const feedback: number[] = [];
    sender.on('rtcp', (packet) => packet[1] === PSFB && feedback.push((packet[0] ?? 0) & 0x1f));
    const consumer = await receive();
    // Before the first packet has come through the pipe, there is nobody to be asked.
    const asking = setInterval(() => void consumer.requestKeyFrame(), 200);
    await until(() => feedback.includes(PLI)).finally(() => clearInterval(asking));
  });

  it('passes pauses, and the end of a track', async () => {
    await piped.wantTrack(camera.id);
    const consumer = await receive();
    await camera.pause();
    await until(() => consumer.producerPaused);
    await camera.resume();
    await until(() => !consumer.producerPaused);
    camera.close();
    await until(() => consumer.closed);
    expect(piped.pipes).toBe(0);
  });

  it('is brought a track once, and no longer than somebody wants it', async () => {
    const released = await Promise.all([piped.wantTrack(camera.id), piped.wantTrack(camera.id)]);
    expect(piped.pipes).toBe(1);
    const consumer = await receive();
    for (const release of released) release();
    clock.advance(UNWANTED_MS);
    await until(() => consumer.closed);
    expect([piped.pipes, camera.closed]).toEqual([0, false]);
  });

  it('closes once, with what is brought to it, and leaves the origin as it was', async () => {
    await piped.wantTrack(camera.id);
    const consumer = await receive();
    piped.close();
    piped.close();
    await until(() => consumer.closed && far.router.closed);
    expect([closings, camera.closed, origin.router.closed]).toEqual([1, false, false]);
    await expect(piped.wantTrack(camera.id)).rejects.toThrow();
  });
});
