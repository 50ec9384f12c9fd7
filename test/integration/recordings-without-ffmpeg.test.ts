/** Recordings with much before their sound, read without FFmpeg. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { probe } from '../../recordings/probe.ts';
import { made, prompt, speechIn, written } from '../support/recordings.ts';

const WAV = prompt('pls-hold-while-try');
const seconds = async (path: string): Promise<number> => (await speechIn(path, undefined)).length / 16_000;

/** A tag that holds a picture of so many bytes, in which there are sync words of MPEG audio, too. */
function id3(pictureBytes: number): Buffer {
  const size = pictureBytes + 10;
  const header = Buffer.from('ID3\x03\x00\x00', 'latin1');
  const sizes = Buffer.from([21, 14, 7, 0].map((shift) => (size >> shift) & 0x7f));
  const frame = Buffer.concat([Buffer.from('APIC'), Buffer.alloc(6)]);
  frame.writeUInt32BE(pictureBytes, 4);
  return Buffer.concat([header, sizes, frame, Buffer.alloc(pictureBytes, Buffer.of(0xff, 0xfb, 0x90, 0x64, 0x12))]);
}

function chunk(id: string, bytes: number): Buffer {
  const header = Buffer.alloc(8);
  header.write(id, 'latin1');
  header.writeUInt32LE(bytes, 4);
  return Buffer.concat([header, Buffer.alloc(bytes + (bytes & 1), 0x20)]);
}

/** Chunks between the format of a WAV file and its data. */
function withChunks(wav: Buffer, ...chunks: Buffer[]): Buffer {
  const data = wav.indexOf('data');
  return Buffer.concat([wav.subarray(0, data), ...chunks, wav.subarray(data)]);
}

describe('without FFmpeg', () => {
  it.each<[string, () => Buffer[]]>([
    ['one of 200 kB', () => [chunk('LIST', 200_000)]],
    ['one of 3 MB and an odd one', () => [chunk('id3 ', 3_000_000), chunk('LIST', 70_001)]],
    ['three hundred', () => Array.from({ length: 300 }, () => chunk('junk', 1000))],
  ])('WAV is read behind other chunks: %s', async (_what, chunks) => {
    const path = written('talk.wav', withChunks(readFileSync(WAV), ...chunks()));
    expect(await speechIn(path, undefined)).toEqual(await speechIn(WAV, undefined));
    expect((await probe(path, { ffmpeg: undefined })).durationSeconds).toBeCloseTo(await seconds(WAV), 2);
  });

  it.each([100, 70_000, 2_000_000])('FLAC is read behind a tag of %i bytes', async (bytes) => {
    const flac = readFileSync(made('talk.flac', '-i', WAV));
    const path = written('tagged.flac', Buffer.concat([id3(bytes), flac]));
    expect(await speechIn(path, undefined)).toEqual(await speechIn(WAV, undefined));
  });

  it('FLAC is read behind pictures of its own, and tells how long it is', async () => {
    const flac = readFileSync(made('talk.flac', '-i', WAV));
    const picture = Buffer.alloc(4 + 9_000_000, 0xff);
    picture.writeUInt32BE((6 << 24) | 9_000_000);
    const path = written('covers.flac', Buffer.concat([flac.subarray(0, 42), picture, picture, flac.subarray(42)]));
    expect(await speechIn(path, undefined)).toEqual(await speechIn(WAV, undefined));
    const { durationSeconds, audio } = await probe(path, { ffmpeg: undefined });
    expect(durationSeconds).toBeCloseTo(await seconds(WAV), 2);
    expect(audio).toEqual([{ codec: 'flac', channels: 1 }]);
  });

  it.each<[string, () => Buffer]>([
    ['zeros', () => Buffer.alloc(100_000)],
    ['a tag with a cover of 2 MB', () => id3(2_000_000)],
    ['two tags and zeros', () => Buffer.concat([id3(100_000), id3(10), Buffer.alloc(5000)])],
  ])('MP3 is read behind %s', async (_what, before) => {
    const mp3 = made('talk.mp3', '-i', WAV, '-id3v2_version', '0');
    const path = written('behind.mp3', Buffer.concat([before(), readFileSync(mp3)]));
    expect(await speechIn(path, undefined)).toEqual(await speechIn(mp3, undefined));
  });

  it('Ogg Opus goes on with what was joined to it', async () => {
    const opus = readFileSync(made('talk.opus', '-i', WAV, '-c:a', 'libopus'));
    const other = readFileSync(made('other.opus', '-i', WAV, '-c:a', 'libopus', '-ac', '2'));
    const path = written('joined.opus', Buffer.concat([opus, other]));
    expect(await seconds(path)).toBeCloseTo(2 * (await seconds(WAV)), 1);
  });
});
