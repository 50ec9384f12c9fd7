/** Pictures of a video that is sent in three sizes at once, in a bare router: Booth's own page sends one. */

import {
  fromMediaStreamTrack,
  IncomingTrack,
  type ReceivedVideoPacket,
  weriftHandlerFactory,
} from '@mediasoup-booth/werift-handler';
import * as mediasoup from 'mediasoup';
import type { Consumer, DirectTransport, Producer, Router, Worker } from 'mediasoup/types';
import { Device } from 'mediasoup-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RtcpSenderInfo, RtcpSrPacket, RtpHeader, RtpPacket } from 'werift';
import { KeyFrameGrabber, MIN_REQUEST_INTERVAL_MS } from '../../bot/vision/key-frame-grabber.ts';
import { systemClock } from '../../time/clock.ts';
import { ntpTime } from '../../werift-handler/rtcp-statistics.ts';
import { openInProcessRoom } from '../support/in-process-room.ts';
import { recordedFrame, VideoSender } from '../support/video.ts';

/** mediasoup and its client declare the same shapes, with other words for what may be absent. */
const same = <T>(value: unknown): T => value as T;

const sizes = [
  { ssrc: 11, width: 160, height: 90 },
  { ssrc: 12, width: 320, height: 180 },
  { ssrc: 13, width: 640, height: 360 },
];

describe('a picture of a video in three sizes', () => {
  let worker: Worker;
  let router: Router;
  beforeAll(async () => {
    worker = await mediasoup.createWorker({ logLevel: 'none' });
    router = await worker.createRouter({
      mediaCodecs: [
        { kind: 'video', mimeType: 'video/VP8', clockRate: 90_000 },
        { kind: 'audio', mimeType: 'audio/opus', clockRate: 48_000, channels: 2 },
      ],
    });
  });
  afterAll(() => worker.close());

  /** Thirty frames a second in every size, each of them a key frame whose header tells the size. */
  const filmed = async (): Promise<{ producer: Producer; stop: () => void }> => {
    const transport: DirectTransport = await router.createDirectTransport();
    const producer = await transport.produce({
      kind: 'video',
      rtpParameters: {
        codecs: [{ mimeType: 'video/VP8', payloadType: 96, clockRate: 90_000, rtcpFeedback: [] }],
        encodings: sizes.map(({ ssrc }) => ({ ssrc })),
      },
    });
    const senders = sizes.map((size) => {
      const frame = Buffer.from(recordedFrame('vp8'));
      frame.writeUInt16LE(size.width, 6);
      frame.writeUInt16LE(size.height, 8);
      return { ...size, frame, sender: new VideoSender('vp8') };
    });
    let n = 0;
    const timer = setInterval(() => {
      for (const { ssrc, frame, sender } of senders) {
        const packets = sender.frame(frame);
        for (const { sequenceNumber, timestamp, marker, payload } of packets) {
          const header = new RtpHeader({ ssrc, payloadType: 96, sequenceNumber, timestamp, marker });
          producer.send(new RtpPacket(header, payload).serialize());
        }
        // What lines the sizes up in time.
        if (n++ % 10 < 3) transport.sendRtcp(senderReport(ssrc, packets[0]?.timestamp ?? 0));
      }
    }, 33);
    return { producer, stop: () => clearInterval(timer) };
  };

  const consumed = async (producerId: string) => {
    const device = new Device({ handlerFactory: weriftHandlerFactory() });
    await device.load({ routerRtpCapabilities: same(router.rtpCapabilities) });
    const far = await router.createWebRtcTransport({ listenInfos: [{ protocol: 'udp', ip: '127.0.0.1' }] });
    const { id, iceParameters, iceCandidates, dtlsParameters } = far;
    const near = device.createRecvTransport({ id, iceParameters, iceCandidates, dtlsParameters });
    near.on('connect', ({ dtlsParameters: ours }, ok, failed) => {
      far.connect({ dtlsParameters: ours }).then(ok, failed);
    });
    const consumer = await far.consume({
      producerId,
      rtpCapabilities: same(device.recvRtpCapabilities),
      paused: true,
      enableRtx: true,
    });
    const { kind, rtpParameters } = consumer;
    const local = await near.consume({ id: consumer.id, producerId, kind, rtpParameters: same(rtpParameters) });
    const track = fromMediaStreamTrack(local.track);
    if (!(track instanceof IncomingTrack)) throw new Error('no track of ours');
    return { consumer, track, near };
  };

  const tapOf = (consumer: Consumer, track: IncomingTrack, longSide: number) =>
    KeyFrameGrabber.open({
      producerId: consumer.producerId,
      longSide,
      clock: systemClock,
      connection: {
        receiveVideo: async (_, onPacket: (packet: ReceivedVideoPacket) => void) => {
          track.onPacket = onPacket;
          return {
            codec: 'vp8',
            spatialLayers: 3,
            resume: () => consumer.resume(),
            pause: () => consumer.pause(),
            prefer: (spatialLayer) => consumer.setPreferredLayers({ spatialLayer }),
            requestKeyFrame: () => track.requestKeyFrame(),
            close: () => consumer.close(),
          };
        },
      },
    });

  it('comes in the smallest that is large enough, found from below', async () => {
    const { producer, stop } = await filmed();
    const { consumer, track, near } = await consumed(producer.id);
    const grabber = await tapOf(consumer, track, 300);
    const widths = await grabbed(grabber, 4);
    stop();
    grabber.close();
    near.close();
    expect(widths).toEqual([160, 320, 320, 320]);
  });

  it('comes in the largest to an interpreter in process, whose network needs no estimation', async () => {
    const { producer, stop } = await filmed();
    const connection = await openInProcessRoom(router);
    const grabber = await KeyFrameGrabber.open({
      producerId: producer.id,
      longSide: 600,
      clock: systemClock,
      connection,
    });
    const widths = await grabbed(grabber, 4);
    stop();
    grabber.close();
    expect(widths).toEqual([160, 320, 640, 640]);
  });
});

/** The widths of pictures that are taken one after the other. */
async function grabbed(grabber: KeyFrameGrabber, pictures: number): Promise<(number | undefined)[]> {
  const widths: (number | undefined)[] = [];
  for (let n = 0; n < pictures; n++) {
    widths.push((await grabber.grab())?.size.width);
    await new Promise((resolve) => setTimeout(resolve, MIN_REQUEST_INTERVAL_MS));
  }
  return widths;
}

function senderReport(ssrc: number, rtpTimestamp: number): Buffer {
  const ntpTimestamp = ntpTime(Date.now());
  const senderInfo = new RtcpSenderInfo({ ntpTimestamp, rtpTimestamp, packetCount: 1, octetCount: 1 });
  return new RtcpSrPacket({ ssrc, senderInfo }).serialize();
}
