/** How much sound a WAV file has, whatever its header says. */
import { describe, expect, it } from 'vitest';
import { dataSize } from '../../../recordings/wav-reader.ts';

const GIGA = 2 ** 30;

describe('the size of the data', () => {
  it.each<[string, number, number | undefined, number, number | undefined]>([
    ['what the header says', 1000, undefined, 1000, 1000],
    ['what the header says, with chunks behind it', 1000, undefined, 5000, 1000],
    ['what the header says, where the file was cut', 1000, undefined, 500, 1000],
    ['unknown where the header was never completed', 0, undefined, 500, undefined],
    ['unknown where it was written to a pipe', 0xffffffff, undefined, 500, undefined],
    ['unknown where it was written to a pipe by SoX', 0x7ffff000, undefined, 500, undefined],
    ['what the header says, though a pipe would say as much', 0x7ffff000, undefined, 2 * GIGA, 0x7ffff000],
    ['what the long size of RF64 says', 0xffffffff, 5 * GIGA, 5 * GIGA, 5 * GIGA],
    ['unknown where RF64 was written to a pipe', 0xffffffff, 0, 500, undefined],
    ['what is there where 32 bits have overflowed', GIGA, undefined, 5 * GIGA, 5 * GIGA],
    ['without the chunks behind it where 32 bits have overflowed twice', GIGA, undefined, 9 * GIGA + 100, 9 * GIGA],
  ])('is %s', (_what, size, longSize, there, expected) => {
    expect(dataSize(size, longSize, there)).toBe(expected);
  });
});
