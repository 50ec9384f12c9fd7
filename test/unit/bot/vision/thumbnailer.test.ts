import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import type { FrameDecoder, RawPicture } from '../../../../bot/vision/key-frame/ffmpeg.ts';
import type { KeyFrame } from '../../../../bot/vision/key-frame/key-frame.ts';
import { Thumbnailer } from '../../../../bot/vision/thumbnailer.ts';
import type { PictureSource } from '../../../../bot/vision/video-target.ts';
import { randomFrom } from '../../../support/noise.ts';
import { ssim } from '../../../support/ssim.ts';
import { keyFrame, received, recordedFrame, sourcePicture } from '../../../support/video.ts';

const sizeOf = async (jpeg: Uint8Array | undefined): Promise<{ format: string; width: number; height: number }> => {
  const { format, width, height } = await sharp(jpeg).metadata();
  return { format, width, height };
};

const raw = async (picture: Buffer): Promise<RawPicture> => {
  const { data, info } = await sharp(picture).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, pixels: data };
};

/** Gives the same picture for every frame. */
class ScriptedDecoder implements FrameDecoder {
  readonly codecs = ['h264', 'vp9'] as const;
  readonly #picture: () => Promise<RawPicture>;
  calls = 0;
  running = 0;
  mostRunning = 0;

  constructor(picture: () => Promise<RawPicture>) {
    this.#picture = picture;
  }

  async decode(): Promise<RawPicture> {
    this.calls++;
    this.mostRunning = Math.max(this.mostRunning, ++this.running);
    return this.#picture().finally(() => this.running--);
  }
}

/** H264 of any size: its decoder is scripted. */
const frameOf = (width: number, height: number): KeyFrame => ({
  codec: 'h264',
  size: { width, height },
  data: Buffer.alloc(1),
});

describe('a key frame', () => {
  let source: Buffer;
  beforeAll(() => {
    source = sourcePicture();
  });

  it.each([
    ['vp8', 'camera', 480, 270],
    ['vp8', 'screen', 640, 360],
    ['av1', 'camera', 480, 270],
    ['av1', 'screen', 640, 360],
  ] as const)('of %s from a %s becomes a JPEG that looks like its source', async (codec, kind, width, height) => {
    const thumbnailer = new Thumbnailer();
    const jpeg = await thumbnailer.make(received(codec), kind);
    expect(await sizeOf(jpeg)).toEqual({ format: 'jpeg', width, height });
    expect(await ssim(jpeg ?? source, source)).toBeGreaterThan(0.97);
    expect(thumbnailer.counts.made).toBe(1);
  });

  it.each(['h264', 'vp9'] as const)('of %s is unavailable without a decoder, and decoded with one', async (codec) => {
    const without = new Thumbnailer();
    expect(without.supports(codec)).toBe(false);
    expect(await without.make(received(codec), 'camera')).toBeUndefined();
    expect(without.counts).toMatchObject({ made: 0, unavailable: 1 });
    const thumbnailer = new Thumbnailer({ decoder: new ScriptedDecoder(() => raw(source)) });
    expect(thumbnailer.supports(codec)).toBe(true);
    const jpeg = await thumbnailer.make(received(codec), 'screen');
    expect(await ssim(jpeg ?? new Uint8Array(), source)).toBeGreaterThan(0.97);
  });

  it.each([
    ['camera', 1280, 720, 480, 270],
    ['camera', 720, 1280, 270, 480],
    ['camera', 320, 240, 320, 240],
    ['screen', 3840, 2160, 1280, 720],
    ['screen', 1600, 1600, 1080, 1080],
    ['screen', 1000, 3000, 427, 1280],
  ] as const)('from a %s of %i × %i becomes %i × %i', async (source, width, height, smallWidth, smallHeight) => {
    const blank = sharp({ create: { width, height, channels: 3, background: 'teal' } });
    const picture = await raw(await blank.png().toBuffer());
    const thumbnailer = new Thumbnailer({ decoder: new ScriptedDecoder(async () => picture) });
    const jpeg = await thumbnailer.make(frameOf(width, height), source);
    expect(await sizeOf(jpeg)).toMatchObject({ width: smallWidth, height: smallHeight });
  });

  it('of a slide at 1080p keeps text of 24 points legible', async () => {
    const line = 'Deployment plan: 3 regions, 12 services, 48 hours';
    const lines = Array.from({ length: 20 }, (_, i) => `<text x="80" y="${90 + i * 48}">${i + 1}. ${line}</text>`);
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="1920" height="1080" font-family="sans-serif" font-size="32">
      <rect width="1920" height="1080" fill="white"/>${lines.join('')}</svg>`;
    const slide = await sharp(Buffer.from(svg)).png().toBuffer();
    const decoder = new ScriptedDecoder(() => raw(slide));
    const jpeg = await new Thumbnailer({ decoder }).make(frameOf(1920, 1080), 'screen');
    expect(jpeg?.length).toBeLessThanOrEqual(100_000);
    expect(await ssim(jpeg ?? new Uint8Array(), slide)).toBeGreaterThan(0.95);
  });

  it('that is hard to compress still fits, with less detail', async () => {
    const random = randomFrom(3);
    const noise = (width: number, height: number): RawPicture => {
      return {
        width,
        height,
        pixels: Buffer.from(Uint8Array.from({ length: width * height * 3 }, () => random() * 256)),
      };
    };
    const size = async (source: PictureSource, width: number, height: number) => {
      const picture = noise(width, height);
      const decoder = new ScriptedDecoder(async () => picture);
      return (await new Thumbnailer({ decoder }).make(frameOf(width, height), source))?.length;
    };
    expect(await size('camera', 480, 270)).toBeLessThanOrEqual(100_000);
    expect(await size('screen', 1280, 720)).toBeLessThanOrEqual(500_000);
  });

  it('that claims to be huge is dropped before it is decoded', async () => {
    const decoder = new ScriptedDecoder(() => raw(source));
    const thumbnailer = new Thumbnailer({ decoder });
    const vp8 = Buffer.from(recordedFrame('vp8'));
    vp8.writeUInt16LE(10_000, 6);
    vp8.writeUInt16LE(10_000, 8);
    expect(
      await thumbnailer.make({ ...keyFrame('vp8'), size: { width: 10_000, height: 10_000 }, data: vp8 }, 'screen'),
    ).toBeUndefined();
    expect(await thumbnailer.make(frameOf(10_000, 10_000), 'screen')).toBeUndefined();
    expect(thumbnailer.counts).toMatchObject({ tooLarge: 2, undecodable: 0 });
    expect(decoder.calls).toBe(0);
    // Where the header was read wrongly, the decoder's own limit holds.
    expect(await thumbnailer.make({ ...keyFrame('vp8'), data: vp8 }, 'screen')).toBeUndefined();
    expect(thumbnailer.counts).toMatchObject({ tooLarge: 2, undecodable: 1 });
  });

  it.each(['vp8', 'av1'] as const)(
    'of %s that is damaged is dropped or comes out damaged, and is counted',
    async (codec) => {
      const thumbnailer = new Thumbnailer();
      const random = randomFrom(5);
      const whole = received(codec);
      const cut = { ...whole, data: whole.data.subarray(0, 40) };
      expect(await thumbnailer.make(cut, 'camera')).toBeUndefined();
      expect(await thumbnailer.make({ ...whole, data: Buffer.alloc(0) }, 'camera')).toBeUndefined();
      expect(thumbnailer.counts.undecodable).toBe(2);
      for (let i = 0; i < 20; i++) {
        const data = Buffer.from(whole.data);
        for (let n = 0; n < 20; n++) data[Math.floor(random() * data.length)] = random() * 256;
        await thumbnailer.make({ ...whole, data }, 'camera');
      }
      const { made, undecodable, tooLarge } = thumbnailer.counts;
      expect(made + undecodable + tooLarge).toBe(22);
      expect(await thumbnailer.make(whole, 'camera')).toBeDefined();
    },
  );

  it('that cannot be decoded does not affect others', async () => {
    let fails = true;
    const decoder = new ScriptedDecoder(async () => {
      if (fails) throw new Error('garbage');
      return raw(source);
    });
    const thumbnailer = new Thumbnailer({ decoder });
    expect(await thumbnailer.make(frameOf(640, 360), 'camera')).toBeUndefined();
    fails = false;
    expect(await thumbnailer.make(frameOf(640, 360), 'camera')).toBeDefined();
    expect(thumbnailer.counts).toMatchObject({ made: 1, undecodable: 1 });
  });

  it('waits its turn among many, or is dropped if too many wait', async () => {
    const decoder = new ScriptedDecoder(() => raw(source));
    const thumbnailer = new Thumbnailer({ decoder, concurrency: 2 });
    const made = await Promise.all(Array.from({ length: 30 }, () => thumbnailer.make(frameOf(640, 360), 'camera')));
    expect(made.filter((jpeg) => jpeg !== undefined)).toHaveLength(10);
    expect(thumbnailer.counts).toMatchObject({ made: 10, crowdedOut: 20 });
    expect(decoder.mostRunning).toBe(2);
  });
});
