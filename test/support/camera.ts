/** A headless participant with a camera, which shows the frames that a test gives it. */
import { setTimeout as delay } from 'node:timers/promises';
import { asMediaStreamTrack, OutgoingTrack, weriftHandlerFactory } from '@mediasoup-booth/werift-handler';
import { Device } from 'mediasoup-client';
import type { VideoCodec } from '../../bot/vision/key-frame/key-frame.ts';
import { createTransport } from '../../room-client/media-connection.ts';
import { mediaRequests } from '../../room-client/media-requests.ts';
import { join, type TestServer, type Who } from './server.ts';
import { deltaFrame, VideoSender } from './video.ts';

const FRAME_MS = 33;
const BURST = 10;

export class Camera {
  readonly producerId: string;
  /** Packets. */
  sent = 0;
  readonly #track: OutgoingTrack;
  readonly #sender: VideoSender;
  readonly #leave: () => void;
  /** One frame after the other. */
  #showing = Promise.resolve();
  #filming: NodeJS.Timeout | undefined;

  private constructor(producerId: string, track: OutgoingTrack, sender: VideoSender, leave: () => void) {
    this.producerId = producerId;
    this.#track = track;
    this.#sender = sender;
    this.#leave = leave;
  }

  static async enter(server: TestServer, who: Who, codec: VideoCodec): Promise<Camera> {
    const { client, reply } = await join(server, who);
    const device = new Device({ handlerFactory: weriftHandlerFactory() });
    await device.load({ routerRtpCapabilities: reply.rtpCapabilities });
    const transport = await createTransport(device, mediaRequests(client), 'send');
    const track = new OutgoingTrack('video');
    const wanted = device.sendRtpCapabilities.codecs?.find(
      ({ mimeType }) => mimeType.toLowerCase() === `video/${codec}`,
    );
    const producer = await transport.produce({
      track: asMediaStreamTrack(track),
      ...(wanted && { codec: wanted }),
      appData: { source: 'camera' },
    });
    return new Camera(producer.id, track, new VideoSender(codec, { isKeyframe: true }), () => {
      transport.close();
      client.close();
    });
  }

  /** A long frame leaves in small bursts, as from a browser: no buffer on the way overflows. */
  show(frame: Buffer): Promise<void> {
    this.#showing = this.#showing.then(() => this.#send(frame));
    return this.#showing;
  }

  async #send(frame: Buffer): Promise<void> {
    for (const { payload, timestamp, marker } of this.#sender.frame(frame)) {
      this.#track.write(payload, timestamp, marker);
      if (++this.sent % BURST === 0) await delay(5);
    }
  }

  /** 30 frames a second, every so many of them a key frame; 0: none. */
  film(codec: VideoCodec, keyFrame: Buffer, keyFrameEvery: number): void {
    let n = 0;
    this.#filming = setInterval(() => {
      void this.show(keyFrameEvery > 0 && n++ % keyFrameEvery === 0 ? keyFrame : deltaFrame(codec, 5000));
    }, FRAME_MS);
  }

  close(): void {
    clearInterval(this.#filming);
    this.#leave();
  }
}
