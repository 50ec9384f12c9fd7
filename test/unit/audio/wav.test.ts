import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatWav, parseWav, WavError } from '../../../audio/wav.ts';

const ascii = (text: string) => Buffer.from(text, 'ascii');
const chunk = (id: string, body: Uint8Array, declared = body.length) => {
  const head = Buffer.alloc(8);
  head.write(id, 'ascii');
  head.writeUInt32LE(declared, 4);
  return Buffer.concat([head, body, Buffer.alloc(body.length % 2)]);
};
interface Format {
  format?: number;
  channels?: number;
  rate?: number;
  bits?: number;
  extension?: Uint8Array;
}
const fmt = ({ format = 1, channels = 1, rate = 16_000, bits = 16, extension = Buffer.alloc(0) }: Format = {}) => {
  const body = Buffer.alloc(16);
  body.writeUInt16LE(format, 0);
  body.writeUInt16LE(channels, 2);
  body.writeUInt32LE(rate, 4);
  body.writeUInt32LE((rate * channels * bits) / 8, 8);
  body.writeUInt16LE((channels * bits) / 8, 12);
  body.writeUInt16LE(bits, 14);
  return chunk('fmt ', Buffer.concat([body, extension]));
};
/** WAVE_FORMAT_EXTENSIBLE: the size of the rest, valid bits, channel mask, and a GUID that begins with the real format. */
const extensible = (real: number) => {
  const body = Buffer.alloc(24);
  body.writeUInt16LE(22, 0);
  body.writeUInt16LE(16, 2);
  body.writeUInt16LE(real, 8);
  Buffer.from('000000001000800000aa00389b71', 'hex').copy(body, 10);
  return body;
};
const riff = (...chunks: Uint8Array[]) => {
  const body = Buffer.concat([ascii('WAVE'), ...chunks]);
  const head = Buffer.alloc(8);
  head.write('RIFF', 'ascii');
  head.writeUInt32LE(body.length, 4);
  return Buffer.concat([head, body]);
};
const pcm = (...samples: number[]) => Buffer.from(Int16Array.from(samples).buffer);
const data = (...samples: number[]) => chunk('data', pcm(...samples));

describe('parseWav', () => {
  it.each([8000, 11_025, 16_000, 22_050, 24_000, 44_100, 48_000])('reads mono at %i Hz', (rate) => {
    expect(parseWav(riff(fmt({ rate }), data(1, -2, 32_767, -32_768)))).toEqual({
      samples: Int16Array.of(1, -2, 32_767, -32_768),
      sampleRate: rate,
    });
  });

  it('mixes stereo to mono, even at full level', () => {
    const stereo = riff(fmt({ channels: 2 }), data(100, 300, 32_767, 32_767, -32_768, -32_768, 0, -100));
    expect(parseWav(stereo).samples).toEqual(Int16Array.of(200, 32_767, -32_768, -50));
  });

  it('reads the extensible format if it holds 16-bit PCM', () => {
    const file = riff(fmt({ format: 0xfffe, extension: extensible(1) }), data(1, 2, 3));
    expect(parseWav(file).samples).toEqual(Int16Array.of(1, 2, 3));
  });

  it('reads a format chunk with an empty extension', () => {
    expect(parseWav(riff(fmt({ extension: Buffer.alloc(2) }), data(5))).samples).toEqual(Int16Array.of(5));
  });

  it('skips other chunks before and between, even with odd sizes', () => {
    const file = riff(
      chunk('LIST', ascii('INFOx')),
      fmt(),
      chunk('fact', ascii('abc')),
      data(7, 8),
      chunk('id3 ', ascii('x')),
    );
    expect(parseWav(file).samples).toEqual(Int16Array.of(7, 8));
  });

  it.each([0xffff_ffff, 0x7fff_f000, 100])(
    'reads the samples that are there if the header declares %i bytes',
    (declared) => {
      expect(parseWav(riff(fmt(), chunk('data', pcm(1, 2, 3), declared))).samples).toEqual(Int16Array.of(1, 2, 3));
    },
  );

  it('leaves out half a sample at a truncated end', () => {
    const whole = riff(fmt(), data(1, 2, 3));
    expect(parseWav(whole.subarray(0, -1)).samples).toEqual(Int16Array.of(1, 2));
    const stereo = riff(fmt({ channels: 2 }), chunk('data', pcm(2, 4, 6)));
    expect(parseWav(stereo).samples).toEqual(Int16Array.of(3));
  });

  it('reads a file from the middle of a buffer', () => {
    const file = riff(fmt(), data(1, 2));
    const buffer = Buffer.concat([ascii('abc'), file]);
    expect(parseWav(buffer.subarray(3)).samples).toEqual(Int16Array.of(1, 2));
  });

  const bad: [string, Uint8Array, RegExp][] = [
    ['an empty file', Buffer.alloc(0), /empty/],
    ['a text', ascii('This is a text that somebody named .wav'), /not a WAV/],
    ['an MP3', Buffer.concat([ascii('ID3'), Buffer.alloc(100)]), /not a WAV/],
    [
      'an AVI, which is RIFF too',
      Buffer.concat([ascii('RIFF'), Buffer.alloc(4), ascii('AVI '), Buffer.alloc(50)]),
      /not a WAV/,
    ],
    ['a file cut in its header', riff(fmt(), data(1)).subarray(0, 11), /not a WAV/],
    ['a file that ends after its header', riff(), /without any audio/],
    ['a file without data', riff(fmt()), /without any audio/],
    ['a file whose data are empty', riff(fmt(), data()), /no samples/],
    ['a file with a single byte of data', riff(fmt(), chunk('data', Buffer.alloc(1))), /no samples/],
    ['data before the format', riff(data(1), fmt()), /without a format/],
    ['a format cut short', riff(fmt()).subarray(0, 30), /broken format/],
    ['a format that is too small', riff(chunk('fmt ', Buffer.alloc(14)), data(1)), /broken format/],
    ['8-bit PCM', riff(fmt({ bits: 8 }), data(1)), /8-bit.*sox/],
    ['24-bit PCM', riff(fmt({ bits: 24 }), data(1)), /24-bit.*sox/],
    ['32-bit PCM', riff(fmt({ bits: 32 }), data(1)), /32-bit/],
    ['floating point', riff(fmt({ format: 3, bits: 32 }), data(1)), /32-bit, format 3/],
    ['µ-law', riff(fmt({ format: 7, bits: 8 }), data(1)), /8-bit, format 7/],
    [
      'floating point in the extensible format',
      riff(fmt({ format: 0xfffe, bits: 32, extension: extensible(3) }), data(1)),
      /32-bit, format 3/,
    ],
    ['the extensible format cut short', riff(fmt({ format: 0xfffe, extension: Buffer.alloc(2) }), data(1)), /16-bit/],
    ['no channel', riff(fmt({ channels: 0 }), data(1)), /0 channels/],
    ['six channels', riff(fmt({ channels: 6 }), data(1)), /6 channels/],
    ['a rate of 0', riff(fmt({ rate: 0 }), data(1)), /0 Hz/],
    ['a rate below 8 kHz', riff(fmt({ rate: 7999 }), data(1)), /7999 Hz/],
    ['a rate above 48 kHz', riff(fmt({ rate: 96_000 }), data(1)), /96000 Hz/],
  ];
  it.each(bad)('rejects %s and says what is wrong', (_, bytes, message) => {
    expect(() => parseWav(bytes)).toThrow(WavError);
    expect(() => parseWav(bytes)).toThrow(message);
  });

  it('either reads or rejects a file of arbitrary bytes at once', () => {
    const size = fc.oneof(fc.nat(64), fc.constantFrom(0xffff_ffff, 0x8000_0000, 0x7fff_ffff));
    const anyChunk = fc
      .record({ id: fc.constantFrom('fmt ', 'data', 'LIST', '\0\0\0\0'), body: fc.uint8Array({ maxLength: 60 }), size })
      .map(({ id, body, size }) => chunk(id, body, size));
    const anyFile = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.array(fc.oneof(anyChunk, fc.constant(fmt())), { maxLength: 6 }).map((chunks) => riff(...chunks)),
    );
    fc.assert(
      fc.property(anyFile, (bytes) => {
        try {
          expect(parseWav(bytes).samples.length).toBeGreaterThan(0);
        } catch (error) {
          expect(error).toBeInstanceOf(WavError);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('formatWav', () => {
  it('writes what parseWav reads', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -32_768, max: 32_767 }), { minLength: 1 }),
        fc.integer({ min: 8000, max: 48_000 }),
        (samples, sampleRate) => {
          const recording = { samples: Int16Array.from(samples), sampleRate };
          expect(parseWav(formatWav(recording))).toEqual(recording);
        },
      ),
    );
  });

  it('writes the header that players expect', () => {
    const bytes = Buffer.from(formatWav({ samples: Int16Array.of(1, 2, 3), sampleRate: 24_000 }));
    expect(bytes.equals(riff(fmt({ rate: 24_000 }), data(1, 2, 3)))).toBe(true);
  });
});
