import type { ReceivedVideoPacket } from '@mediasoup-booth/werift-handler';
import { afterEach, describe, expect, it } from 'vitest';
import type { IncomingVideo } from '../../../../bot/room/room-connection.ts';
import type { VideoPacket } from '../../../../bot/vision/key-frame/frame-assembler.ts';
import { KeyFrameGrabber } from '../../../../bot/vision/key-frame-grabber.ts';
import { FakeClock } from '../../../../time/fake-clock.ts';
import { deltaFrame, keyFrame, pictureSize, recordedFrame, VideoSender } from '../../../support/video.ts';

/** A video on the server, in the hands of a test: it is sent while it is resumed. */
class ScriptedVideo implements IncomingVideo {
  readonly codec = 'vp8';
  spatialLayers = 1;
  readonly did: string[] = [];
  onPacket: (packet: ReceivedVideoPacket) => void = () => {};
  resumeFails = false;
  readonly #sender = new VideoSender('vp8');

  async resume(): Promise<void> {
    this.did.push('resume');
    if (this.resumeFails) throw new Error('the consumer is gone');
  }
  async pause(): Promise<void> {
    this.did.push('pause');
  }
  async prefer(layer: number): Promise<void> {
    this.did.push(`prefer ${layer}`);
  }
  requestKeyFrame(): void {
    this.did.push('request');
  }
  close(): void {
    this.did.push('close');
  }

  sends(frame: Buffer, lost: (packet: VideoPacket, i: number) => boolean = () => false): VideoPacket[] {
    const packets = this.#sender.frame(frame);
    for (const packet of packets.filter((one, i) => !lost(one, i))) this.brings(packet);
    return packets;
  }
  brings(packet: VideoPacket): void {
    this.onPacket({ ...packet, audioLevel: undefined });
  }
}

const settled = async () => {
  for (let i = 0; i < 20; i++) await Promise.resolve();
};

describe('KeyFrameGrabber', () => {
  const taps: KeyFrameGrabber[] = [];
  afterEach(() => {
    for (const grabber of taps.splice(0)) grabber.close();
  });

  const open = async (longSide = 480) => {
    const clock = new FakeClock();
    const video = new ScriptedVideo();
    const connection = {
      receiveVideo: async (_producerId: string, onPacket: (packet: ReceivedVideoPacket) => void) => {
        video.onPacket = onPacket;
        return video;
      },
    };
    const grabber = await KeyFrameGrabber.open({ connection, producerId: 'cam', longSide, clock });
    taps.push(grabber);
    return { clock, video, grabber };
  };
  const frame = recordedFrame('vp8');

  it('requests one key frame: resumes the video for it, and pauses it as soon as it is complete', async () => {
    const { video, grabber } = await open();
    const taking = grabber.grab();
    await settled();
    expect(video.did).toEqual(['resume']);
    video.sends(frame);
    expect(await taking).toEqual(keyFrame('vp8'));
    expect(video.did).toEqual(['resume', 'pause']);
    expect(grabber.counts).toEqual({ requested: 1, grabbed: 1 });
  });

  it('gives the same key frame to all who ask while it is on its way', async () => {
    const { video, grabber } = await open();
    const taking = [grabber.grab(), grabber.grab(), grabber.grab()];
    await settled();
    video.sends(frame);
    const [first, ...others] = await Promise.all(taking);
    expect(first).toBeDefined();
    for (const other of others) expect(other).toBe(first);
    expect(grabber.counts.requested).toBe(1);
  });

  it('requests a key frame once in two seconds, however often it is asked', async () => {
    const { clock, video, grabber } = await open();
    let taken = 0;
    for (let now = 0; now < 20_000; now += 100) {
      const taking = grabber.grab();
      await settled();
      if (video.did.at(-1) === 'resume') video.sends(frame);
      if (await taking) taken++;
      clock.advance(100);
    }
    expect(taken).toBe(10);
    expect(grabber.counts).toEqual({ requested: 10, grabbed: 10 });
  });

  it('waits for lost packets of the key frame while the video continues', async () => {
    const { clock, video, grabber } = await open();
    const taking = grabber.grab();
    await settled();
    const packets = video.sends(frame, (_, i) => i === 3);
    for (let i = 0; i < 20; i++) {
      video.sends(deltaFrame('vp8', 3000));
      clock.advance(33);
    }
    await settled();
    expect(video.did).toEqual(['resume']);
    const lost = packets[3];
    if (lost) video.brings(lost);
    expect(await taking).toEqual(keyFrame('vp8'));
  });

  it('requests an incomplete key frame once more, then gives up', async () => {
    const { clock, video, grabber } = await open();
    const taking = grabber.grab();
    await settled();
    video.sends(frame, (_, i) => i === 0);
    clock.advance(1999);
    expect(video.did).toEqual(['resume']);
    clock.advance(1);
    expect(video.did).toEqual(['resume', 'request']);
    clock.advance(2000);
    expect(await taking).toBeUndefined();
    expect(video.did).toEqual(['resume', 'request', 'pause']);
    expect(grabber.counts).toEqual({ requested: 2, grabbed: 0 });
    expect(clock.pending).toBe(0);
  });

  it('takes a key frame that comes after the second request', async () => {
    const { clock, video, grabber } = await open();
    const taking = grabber.grab();
    await settled();
    clock.advance(2000);
    video.sends(frame);
    expect(await taking).toEqual(keyFrame('vp8'));
    expect(await grabber.grab()).toBeUndefined();
    expect(grabber.counts).toEqual({ requested: 2, grabbed: 1 });
  });

  it('gives no key frame, and does not fail, if the video ends or the grabber is closed meanwhile', async () => {
    const gone = await open();
    gone.video.resumeFails = true;
    expect(await gone.grabber.grab()).toBeUndefined();
    const { clock, video, grabber } = await open();
    const taking = grabber.grab();
    await settled();
    grabber.close();
    grabber.close();
    expect(await taking).toBeUndefined();
    expect(await grabber.grab()).toBeUndefined();
    expect(video.did.filter((one) => one === 'close')).toHaveLength(1);
    expect([clock.pending, gone.clock.pending]).toEqual([0, 0]);
  });

  it('receives the smallest spatial layer that is large enough', async () => {
    // Sizes of 160, 320 and 640 are sent; of those that are recorded there is one, whose header is changed.
    const { clock, video, grabber } = await open(480);
    video.spatialLayers = 3;
    const layers: string[] = [];
    for (const width of [160, 320, 640, 640, 1280, 640]) {
      const taking = grabber.grab();
      await settled();
      const scaled = Buffer.from(frame);
      scaled.writeUInt16LE(width, 6);
      scaled.writeUInt16LE((width * pictureSize.height) / pictureSize.width, 8);
      video.sends(scaled);
      expect((await taking)?.size.width).toBe(width);
      layers.push(video.did.splice(0).join(' '));
      clock.advance(2000);
    }
    expect(layers).toEqual([
      'prefer 0 resume pause',
      'prefer 1 resume pause',
      'prefer 2 resume pause',
      'resume pause',
      'resume pause',
      'prefer 1 resume pause',
    ]);
  });
});
