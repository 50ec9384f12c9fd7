/** Pictures from a real room, over networks good and bad, and through real decoders. */
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Ffmpeg, findFfmpeg } from '../../bot/vision/key-frame/ffmpeg.ts';
import { KeyFrameGrabber, MIN_REQUEST_INTERVAL_MS } from '../../bot/vision/key-frame-grabber.ts';
import { Thumbnailer } from '../../bot/vision/thumbnailer.ts';
import { systemClock } from '../../time/clock.ts';
import { Camera } from '../support/camera.ts';
import { Guest, signalUrl } from '../support/meeting.ts';
import { randomFrom } from '../support/noise.ts';
import { isRtp, Relay } from '../support/relay.ts';
import { interpreter, person, startTestServer, type TestServer } from '../support/server.ts';
import { ssim } from '../support/ssim.ts';
import { keyFrame, longFrame, received, recordedFrame, sourcePicture, unevenFrame } from '../support/video.ts';

describe('a picture of a camera in a room', () => {
  let server: TestServer;
  const opened: { close(): void }[] = [];
  beforeAll(async () => {
    server = await startTestServer();
  });
  afterEach(() => {
    for (const one of opened.splice(0)) one.close();
  });
  afterAll(() => server.close());

  const opening = async <T extends { close(): void }>(one: Promise<T>): Promise<T> => {
    opened.unshift(await one);
    return one;
  };

  /** An interpreter that looks at a camera, and the packets it gets of it. */
  const look = async (producerId: string, url = signalUrl(server)) => {
    const { room } = await Guest.enter(server, interpreter('bot'), { url });
    opened.push(room);
    const seen = { packets: 0 };
    const connection: Pick<typeof room, 'receiveVideo'> = {
      receiveVideo: (id, onPacket) =>
        room.receiveVideo(id, (packet) => {
          seen.packets++;
          onPacket(packet);
        }),
    };
    const grabber = await opening(KeyFrameGrabber.open({ connection, producerId, longSide: 480, clock: systemClock }));
    return { grabber, seen };
  };

  // mediasoup finds AV1's key frames by a header extension that browsers send: see the test with one.
  it.each(['vp8', 'vp9', 'h264'] as const)('comes as it was sent (%s)', async (codec) => {
    const camera = await opening(Camera.enter(server, person('ann'), codec));
    camera.film(codec, recordedFrame(codec), 10);
    const { grabber } = await look(camera.producerId);
    expect(await grabber.grab()).toEqual(received(codec));
  });

  it('costs few packets, and nothing comes between two of them', async () => {
    const camera = await opening(Camera.enter(server, person('ann'), 'vp8'));
    camera.film('vp8', recordedFrame('vp8'), 10);
    const { grabber, seen } = await look(camera.producerId);
    const sentBefore = camera.sent;
    expect(await grabber.grab()).toBeDefined();
    await delay(300);
    const { packets } = seen;
    await delay(5000);
    expect(seen.packets).toBe(packets);
    expect(packets / (camera.sent - sentBefore)).toBeLessThan(0.05);
    expect(await grabber.grab()).toBeDefined();
    expect(grabber.counts).toEqual({ requested: 2, grabbed: 2 });
  });

  it('of a slide of a hundred packets comes nine times in ten where a twentieth is lost', async () => {
    const network = await Relay.start(signalUrl(server));
    opened.push({ close: () => void network.close() });
    const camera = await opening(Camera.enter(server, person('ann'), 'vp8'));
    const slide = longFrame('vp8', 140_000);
    const { grabber } = await look(camera.producerId, network.url);
    const random = randomFrom(17);
    let [lost, came] = [0, 0];
    network.fate = (packet) => {
      if (!isRtp(packet)) return 0;
      came++;
      if (random() >= 0.05) return 0;
      lost++;
      return undefined;
    };
    camera.film('vp8', slide, 0);
    let whole = 0;
    for (let i = 0; i < 10; i++) {
      const taking = grabber.grab();
      await delay(100);
      // The only one: what is lost of it has to come again.
      await camera.show(slide);
      const frame = await taking;
      if (frame?.data.equals(slide)) whole++;
      await delay(MIN_REQUEST_INTERVAL_MS);
    }
    expect(lost / came).toBeGreaterThan(0.03);
    expect(whole).toBeGreaterThanOrEqual(9);
  });
});

describe('FFmpeg', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'booth-ffmpeg-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  /** A program in its place. */
  const program = async (name: string, script: string): Promise<string> => {
    const path = join(folder, name);
    await writeFile(path, `#!/bin/sh\n${script}\n`);
    await chmod(path, 0o755);
    return path;
  };
  const make = async (path: string, withinMs?: number) => {
    const thumbnailer = new Thumbnailer({ decoder: new Ffmpeg(path, withinMs) });
    return { jpeg: await thumbnailer.make(keyFrame('h264'), 'camera'), counts: thumbnailer.counts };
  };

  it('is found on the search path, or not', async () => {
    const path = await program('ffmpeg', 'exit 0');
    expect(await findFfmpeg(`/nowhere::${folder}:/usr/bin`)).toBe(path);
    expect(await findFfmpeg('/nowhere')).toBeUndefined();
    expect(await findFfmpeg(undefined)).toBeUndefined();
  });

  it.each([
    ['fails', 'exit 1'],
    ['gives too little', 'cat > /dev/null; head -c 1000 /dev/zero'],
    ['gives more than the picture has', 'cat > /dev/null; cat /dev/zero'],
    ['does not even read', 'exec 0<&-; exit 0'],
  ])('that %s makes no picture and no trouble', async (name, script) => {
    const { jpeg, counts } = await make(await program(name.replaceAll(' ', '-'), script));
    expect(jpeg).toBeUndefined();
    expect(counts).toMatchObject({ made: 0, undecodable: 1 });
  });

  it('that is gone makes no picture and no trouble', async () => {
    const { counts } = await make(join(folder, 'gone'));
    expect(counts).toMatchObject({ made: 0, undecodable: 1 });
  });

  it('that never ends is ended', async () => {
    const { counts } = await make(await program('sleeper', 'exec sleep 3600'), 300);
    expect(counts).toMatchObject({ made: 0, undecodable: 1 });
  });

  it('gives its pixels, all of them', async () => {
    const bytes = 640 * 360 * 3;
    const { jpeg, counts } = await make(await program('grey', `cat > /dev/null; head -c ${bytes} /dev/zero`));
    expect(jpeg).toBeDefined();
    expect(counts).toMatchObject({ made: 1, undecodable: 0 });
  });

  it.each(['h264', 'vp9'] as const)('makes a picture of %s that looks like its source', async (codec) => {
    const path = await findFfmpeg(process.env.PATH);
    if (!path) return;
    const thumbnailer = new Thumbnailer({ decoder: new Ffmpeg(path) });
    const jpeg = await thumbnailer.make(received(codec), 'screen');
    expect(await ssim(jpeg ?? new Uint8Array(), sourcePicture())).toBeGreaterThan(0.97);
    if (codec === 'h264') expect(await thumbnailer.make(received(codec, unevenFrame()), 'camera')).toBeDefined();
    const damaged = received(codec);
    damaged.data.fill(0x5a, 60);
    await thumbnailer.make(damaged, 'screen');
    expect(await thumbnailer.make({ ...damaged, data: Buffer.alloc(0) }, 'screen')).toBeUndefined();
  });
});
