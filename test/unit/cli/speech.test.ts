/** Speech from a pipe, and what is told of a recording that is damaged. */
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { formatWav } from '../../../audio/wav.ts';
import { CommandError } from '../../../cli/errors.ts';
import { damageNotice, readPcm } from '../../../cli/speech.ts';
import type { MediaFile } from '../../../recordings/probe.ts';

async function read(...parts: Buffer[]): Promise<number[]> {
  const samples: number[] = [];
  for await (const chunk of readPcm(Readable.from(parts))) samples.push(...chunk);
  return samples;
}
const pcm = (samples: readonly number[]): Buffer => Buffer.from(Int16Array.from(samples).buffer);
const speech = Array.from({ length: 16_000 }, (_, i) => Math.trunc(9000 * Math.sin(i / 7) * Math.sin(i / 1500)) + 0);

describe('PCM on stdin', () => {
  it.each([1, 7, 320, 3200, 32_000])('comes whole in parts of %i bytes', async (bytes) => {
    const all = pcm(speech);
    const parts = Array.from({ length: Math.ceil(all.length / bytes) }, (_, i) =>
      all.subarray(i * bytes, (i + 1) * bytes),
    );
    expect(await read(...parts)).toEqual(speech);
  });

  it('comes whole where it is shorter than what is looked at', async () => {
    expect(await read(pcm(speech.slice(0, 2000)))).toEqual(speech.slice(0, 2000));
    expect(await read()).toEqual([]);
  });

  it.each([[0], [-1], [-1025]])('is taken for what it is where it begins with %i', async (first) => {
    const quiet = Array.from({ length: 8000 }, (_, i) => (i === 0 ? first : (i % 2) - 1));
    expect(await read(pcm(quiet))).toEqual(quiet);
  });
});

it.each<[string, Buffer]>([
  ['WAV', Buffer.from(formatWav({ samples: Int16Array.from(speech), sampleRate: 16_000 }))],
  ['FLAC', Buffer.concat([Buffer.from('fLaC\x00\x00\x00\x22', 'latin1'), Buffer.alloc(20_000)])],
  ['MP4', Buffer.concat([Buffer.from('\x00\x00\x00\x20ftypisom', 'latin1'), Buffer.alloc(100)])],
])('%s on stdin is refused in a line that names the remedy, however it is cut', async (format, media) => {
  for (const bytes of [3, 4096, media.length]) {
    const error = await read(media.subarray(0, bytes), media.subarray(bytes)).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(CommandError);
    expect((error as CommandError).message).toMatch(
      new RegExp(`^stdin: ${format} came.*name the file.*ffmpeg -i FILE -f s16le`),
    );
    expect((error as CommandError).message).not.toContain('\n');
  }
});

describe('what is told of a damaged recording', () => {
  const recording: MediaFile = {
    path: 'talk.mp4',
    decoding: { by: 'own', format: 'mp3', startAt: 0 },
    isReadOnce: false,
    audio: [{ codec: 'mp3', channels: 1 }],
  };
  const damage = { readSeconds: 754.2, error: new Error('damaged') };

  it('is how far it could be read, and of how much where that is known', () => {
    expect(damageNotice({ ...recording, durationSeconds: 3723 }, damage)).toBe(
      'talk.mp4: could be read to 12:34 of 1:02:03; what follows is damaged',
    );
    expect(damageNotice(recording, damage)).toBe('talk.mp4: could be read to 12:34; what follows is damaged');
  });
});
