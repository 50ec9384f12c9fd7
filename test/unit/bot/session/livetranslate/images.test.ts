/** Which images a session sends, and how any image is converted to one that it may send. */
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { toJpeg } from '../../../../../bot/session/livetranslate/to-jpeg.ts';
import { jpegSize } from '../../../../../images/jpeg-size.ts';
import { ScriptedService } from '../../../../support/livetranslate.ts';

/** The header of a JPEG of that size, and nothing more; `total` bytes. */
function header(width: number, height: number, total = 0): Uint8Array {
  const app0 = [0xff, 0xe0, 0, 4, 1, 2];
  const sof = [0xff, 0xc2, 0, 11, 8, height >> 8, height & 255, width >> 8, width & 255, 1, 1, 0x11, 0];
  const bytes = [0xff, 0xd8, ...app0, 0xff, ...sof];
  return Uint8Array.from([...bytes, ...new Array<number>(Math.max(0, total - bytes.length)).fill(0)]);
}

const speech = (ms: number): Int16Array => new Int16Array(ms * 16);
const slide = header(1280, 720);

/** A service that has been sent its first speech. */
function speaking(model: 'lt3' | 'lt3.5' | 'lt3.8' | 'offline' = 'lt3'): ScriptedService {
  const service = new ScriptedService({ model }).ready();
  service.client.send(speech(100));
  return service;
}

const sentImages = (service: ScriptedService): unknown[] =>
  service.sent.filter(({ type }) => type === 'input_image_buffer.append').map(({ image }) => image);

describe('an image', () => {
  it.each(['lt3', 'lt3.5', 'lt3.8', 'offline'] as const)('goes to %s as base64 after the first speech', (model) => {
    const service = speaking(model);
    expect(service.client.sendImage(slide)).toBe(true);
    expect(sentImages(service)).toEqual([Buffer.from(slide).toString('base64')]);
    expect(service.client.counters.droppedImages).toBe(0);
  });

  it('is dropped and counted before the first speech has gone out', () => {
    const service = new ScriptedService();
    service.client.send(speech(50));
    expect(service.client.sendImage(slide)).toBe(false);
    service.ready();
    expect(service.client.sendImage(slide)).toBe(false);
    service.client.send(speech(50));
    expect(service.client.sendImage(slide)).toBe(true);
    expect(sentImages(service)).toHaveLength(1);
    expect(service.client.counters.droppedImages).toBe(2);
  });

  it('is dropped where it comes sooner after the one before than the model allows', () => {
    const service = speaking();
    expect(service.client.sendImage(slide)).toBe(true);
    service.clock.advance(499);
    expect(service.client.sendImage(slide)).toBe(false);
    service.clock.advance(1);
    expect(service.client.sendImage(slide)).toBe(true);
    expect(service.client.counters.droppedImages).toBe(1);
  });

  it('that was dropped does not make the next one wait', () => {
    const service = speaking();
    expect(service.client.sendImage(header(4000, 3000))).toBe(false);
    expect(service.client.sendImage(slide)).toBe(true);
  });

  it.each([
    ['500 000 bytes', header(1280, 720, 500_000), true],
    ['500 001 bytes', header(1280, 720, 500_001), false],
    ['1080p', header(1920, 1080), true],
    ['1080p upright', header(1080, 1920), true],
    ['one line more', header(1920, 1081), false],
    ['one column more', header(1921, 1080), false],
    ['a PNG', Buffer.from('\x89PNG\r\n\x1a\n0000IHDR', 'latin1'), false],
    ['nothing', new Uint8Array(0), false],
  ])('of %s goes: %#', (_what, jpeg, goes) => {
    expect(speaking().client.sendImage(jpeg)).toBe(goes);
  });

  it('never waits in front of speech: it is dropped where the network is slow', () => {
    const service = speaking();
    service.bufferedBytes = 16_385;
    expect(service.client.sendImage(slide)).toBe(false);
    service.drains();
    expect(service.client.sendImage(slide)).toBe(true);
  });

  it('is not taken any more after finish or close', () => {
    for (const end of ['finish', 'close'] as const) {
      const service = speaking();
      void service.client[end]();
      expect(service.client.sendImage(slide)).toBe(false);
      expect(sentImages(service)).toEqual([]);
    }
  });
});

describe('the size of a JPEG', () => {
  it.each([{}, { progressive: true }])('is read from what an encoder writes: %j', async (options) => {
    const image = sharp({ create: { width: 321, height: 123, channels: 3, background: 'teal' } });
    const jpeg = await image
      .withExif({ IFD0: { Copyright: 'x'.repeat(500) } })
      .jpeg(options)
      .toBuffer();
    expect(jpegSize(jpeg)).toEqual({ width: 321, height: 123 });
  });

  it.each([
    ['nothing', []],
    ['another format', [...Buffer.from('RIFF0000WEBPVP8 ')]],
    ['a beginning without an end', [0xff, 0xd8, 0xff, 0xe0, 0xff, 0xff, 0]],
    ['something between its parts', [0xff, 0xd8, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]],
    ['parts of no length', [0xff, 0xd8, ...new Array<number>(40).fill(0xff)]],
    ['no pixels', [...header(0, 10)]],
  ])('is not known for %s', (_what, bytes) => {
    expect(jpegSize(Uint8Array.from(bytes))).toBeUndefined();
  });

  it('is not mistaken for a table that comes before it', () => {
    const jpeg = header(640, 360);
    const table = [0xff, 0xc4, 0, 9, 0, 1, 2, 3, 4, 5, 6];
    expect(jpegSize(Uint8Array.from([...jpeg.subarray(0, 2), ...table, ...jpeg.subarray(2)]))).toEqual({
      width: 640,
      height: 360,
    });
  });

  it('is read where the bytes lie inside others', () => {
    expect(jpegSize(Uint8Array.from([0, 0, 0, ...header(640, 360)]).subarray(3))).toEqual({ width: 640, height: 360 });
  });
});

describe('any image', () => {
  const limits = { imageLines: 1080, imageBytes: 500_000 };
  const plain = (width: number, height: number) =>
    sharp({ create: { width, height, channels: 4, background: '#00800080' } });

  it.each([
    ['a large PNG', () => plain(3000, 2000).png().toBuffer(), { width: 1620, height: 1080 }],
    ['an upright WebP', () => plain(2000, 3000).webp().toBuffer(), { width: 1080, height: 1620 }],
    ['a panorama', () => plain(4000, 500).png().toBuffer(), { width: 1920, height: 240 }],
    ['a small JPEG', () => plain(640, 360).jpeg().toBuffer(), { width: 640, height: 360 }],
    [
      'a photo taken sideways',
      () => plain(600, 400).withMetadata({ orientation: 6 }).jpeg().toBuffer(),
      { width: 400, height: 600 },
    ],
  ])('becomes a JPEG that goes: %s', async (_what, made, size) => {
    const jpeg = await toJpeg(await made(), limits);
    expect(jpegSize(jpeg)).toEqual(size);
    expect(speaking().client.sendImage(jpeg)).toBe(true);
  });

  it('becomes as small as it must, and is refused where that cannot be', async () => {
    const noise = Buffer.from(Uint8Array.from({ length: 400 * 400 * 3 }, (_, i) => (i * i * 2654435761) >>> 13));
    const png = await sharp(noise, { raw: { width: 400, height: 400, channels: 3 } })
      .png()
      .toBuffer();
    const best = await toJpeg(png, limits);
    const smaller = await toJpeg(png, { ...limits, imageBytes: best.length - 1 });
    expect(smaller.length).toBeLessThan(best.length);
    await expect(toJpeg(png, { ...limits, imageBytes: 500 })).rejects.toThrow('cannot be made smaller than 500 bytes');
  });

  it('shows white where it was transparent', async () => {
    const clear = await sharp({ create: { width: 8, height: 8, channels: 4, background: '#00000000' } })
      .png()
      .toBuffer();
    const { data } = await sharp(await toJpeg(clear, limits))
      .raw()
      .toBuffer({ resolveWithObject: true });
    expect(data[0]).toBeGreaterThan(250);
  });

  it('leaves behind what the camera wrote into it', async () => {
    const photo = await plain(64, 64)
      .withExif({ IFD0: { Copyright: 'somebody' } })
      .jpeg()
      .toBuffer();
    expect(photo.toString('latin1')).toContain('somebody');
    expect(Buffer.from(await toJpeg(photo, limits)).toString('latin1')).not.toContain('somebody');
  });

  it.each([
    ['a text', Buffer.from('hello'), 'not a picture that can be read'],
    ['a drawing', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'), 'a svg picture'],
    ['nothing', Buffer.alloc(0), 'not a picture that can be read'],
  ])('but not %s', async (_what, bytes, message) => {
    await expect(toJpeg(bytes, limits)).rejects.toThrow(message);
  });
});
