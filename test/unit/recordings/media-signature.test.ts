/** What is recognised as media where PCM is expected, and that PCM never is. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mediaFormatOf, SIGNATURE_BYTES } from '../../../recordings/media-signature.ts';

const latin = (text: string): Buffer =>
  Buffer.concat([Buffer.from(text, 'latin1'), Buffer.alloc(SIGNATURE_BYTES, 0x55)]);

/** Frames of MPEG audio at 64 kbit/s and 48 kHz, of 192 bytes. */
const mp3 = Buffer.concat(
  Array.from({ length: 43 }, () => Buffer.concat([Buffer.of(0xff, 0xfb, 0x54, 0xc0), Buffer.alloc(188, 0x55)])),
);
const adts = Buffer.concat(
  Array.from({ length: 43 }, () =>
    Buffer.concat([
      Buffer.of(0xff, 0xf1, 0x50, 0x80, (200 >> 3) & 0xff, ((200 & 7) << 5) | 0x1f, 0xfc),
      Buffer.alloc(193),
    ]),
  ),
);
const transportStream = Buffer.concat(
  Array.from({ length: 43 }, (_, i) =>
    Buffer.concat([Buffer.of(0x47, 0x40, 0x11, 0x10 | (i & 15)), Buffer.alloc(184)]),
  ),
);

describe('media where PCM is expected', () => {
  it.each<[string, Buffer]>([
    ['WAV', latin('RIFF\x24\x00\x01\x00WAVEfmt ')],
    ['WAV', latin('RF64\xff\xff\xff\xffWAVEds64')],
    ['WAV', latin('BW64\xff\xff\xff\xffWAVEds64')],
    ['AVI', latin('RIFF\x24\x00\x01\x00AVI LIST')],
    ['MP3', latin('ID3\x04\x00\x00\x00\x00\x02\x10')],
    ['MP3', mp3],
    ['AAC', adts],
    ['Ogg', latin('OggS\x00\x02\x00\x00\x00\x00\x00\x00')],
    ['FLAC', latin('fLaC\x00\x00\x00\x22')],
    ['MP4', latin('\x00\x00\x00\x20ftypisom')],
    ['MP4', latin('\x00\x00\x00\x08wide\x00\x00\x00\x00mdat')],
    ['Matroska or WebM', latin('\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x84webm')],
    ['AIFF', latin('FORM\x00\x01\x00\x00AIFFCOMM')],
    ['MPEG-TS', transportStream],
  ])('is recognised: %s', (name, bytes) => {
    expect(mediaFormatOf(bytes.subarray(0, SIGNATURE_BYTES))).toBe(name);
  });
});

describe('PCM', () => {
  const pcm = (sample: (i: number) => number): Buffer => {
    const bytes = Buffer.alloc(SIGNATURE_BYTES);
    for (let i = 0; i < SIGNATURE_BYTES / 2; i++)
      bytes.writeInt16LE(Math.max(-32_768, Math.min(32_767, Math.round(sample(i)))), i * 2);
    return bytes;
  };

  it('is never taken for media, whatever its level: silence with any offset', () => {
    for (let offset = -32_768; offset < 32_768; offset++) {
      const bytes = Buffer.alloc(SIGNATURE_BYTES);
      new Int16Array(bytes.buffer, bytes.byteOffset, SIGNATURE_BYTES / 2).fill(offset);
      if (mediaFormatOf(bytes) !== undefined)
        expect.fail(`an offset of ${offset} is taken for ${mediaFormatOf(bytes)}`);
    }
  });

  it.each([170.2, 100, 440, 1000, 8000])('is never taken for media: a tone of %d Hz', (hertz) => {
    for (let amplitude = 1; amplitude < 32_768; amplitude += 113)
      expect(mediaFormatOf(pcm((i) => amplitude * Math.sin((2 * Math.PI * hertz * i) / 16_000)))).toBeUndefined();
  });

  it('is never taken for media: noise', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 32_767 }),
        fc.infiniteStream(fc.double({ min: -1, max: 1, noNaN: true })),
        (amplitude, noise) => {
          expect(mediaFormatOf(pcm(() => amplitude * (noise.next().value ?? 0)))).toBeUndefined();
        },
      ),
      { numRuns: 100 },
    );
  });

  it('is not asked for more bytes than there are', () => {
    for (let length = 0; length < 64; length++) expect(mediaFormatOf(Buffer.alloc(length, 0xff))).toBeUndefined();
  });
});
