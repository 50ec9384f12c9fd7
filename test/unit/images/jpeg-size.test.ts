import sharp from 'sharp';
import { expect, it } from 'vitest';
import { jpegSize } from '../../../images/jpeg-size.ts';

const picture = () => sharp({ create: { width: 321, height: 123, channels: 3, background: 'teal' } });

it.each([
  ['a plain one', () => picture().jpeg()],
  ['one that comes in steps', () => picture().jpeg({ progressive: true })],
  [
    'one with tables and remarks before its size',
    () =>
      picture()
        .withExif({ IFD0: { Artist: 'x' } })
        .jpeg(),
  ],
])('tells how large a JPEG is: %s', async (_, made) => {
  expect(jpegSize(await made().toBuffer())).toEqual({ width: 321, height: 123 });
});

it('skips the tables that a camera may put first', () => {
  const tables = [0xff, 0xc4, 0, 9, 9, 9, 9, 9, 9, 9, 9, 0xff, 0xff, 0xd8];
  expect(jpegSize(Uint8Array.of(0xff, 0xd8, ...tables, 0xff, 0xc2, 0, 11, 8, 1, 0, 2, 0, 3))).toEqual({
    width: 512,
    height: 256,
  });
});

it('finds nothing in anything else', async () => {
  const jpeg = await picture().jpeg().toBuffer();
  const others = [Uint8Array.of(), Uint8Array.of(0xff, 0xd8), await picture().png().toBuffer(), jpeg.subarray(0, 100)];
  expect(others.map(jpegSize)).toEqual(others.map(() => undefined));
  for (let length = 0; length < jpeg.length; length++) expect(() => jpegSize(jpeg.subarray(0, length))).not.toThrow();
});
