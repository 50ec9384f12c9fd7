/** A voice is added to a video: what FFmpeg reads of the file afterwards. */
import { execFileSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { formatWav } from '../../audio/wav.ts';
import { writeMp4 } from '../../recordings/mp4-file.ts';
import { probe } from '../../recordings/probe.ts';
import { temporaryFolder } from '../support/booth-process.ts';
import { ffmpeg, ffmpegPrograms } from '../support/recordings.ts';

const Streams = z.object({
  streams: z.array(
    z.object({
      codec_type: z.string(),
      codec_name: z.string(),
      tags: z.object({ language: z.string().optional() }).default({}),
      disposition: z.object({ default: z.number() }),
    }),
  ),
});

/** A line for each stream: kind, codec, language, and whether players choose it. */
function streamsOf(file: string): string[] {
  const report = execFileSync(ffmpegPrograms.ffprobe, ['-v', 'error', '-show_streams', '-of', 'json', file]);
  return Streams.parse(JSON.parse(report.toString())).streams.map(
    ({ codec_type: kind, codec_name: codec, tags: { language = 'und' }, disposition }) =>
      `${kind} ${codec} ${language}${disposition.default === 1 ? ' default' : ''}`,
  );
}

/** A digest of the packets of a stream, as they are in the file. */
const packets = (file: string, stream: string): string =>
  execFileSync(ffmpegPrograms.ffmpeg, [
    '-v',
    'error',
    '-i',
    file,
    '-map',
    stream,
    '-c',
    'copy',
    '-f',
    'md5',
    '-',
  ]).toString();

const tone = (hertz: number): string[] => ['-f', 'lavfi', '-i', `sine=${hertz}:d=2`];

/** A video with three audio tracks and two of subtitles. */
function conference(folder: string): string {
  const srt = join(folder, 'en.srt');
  writeFileSync(srt, '1\n00:00:00,100 --> 00:00:01,000\nGood morning.\n');
  const path = join(folder, 'conference.mkv');
  ffmpeg(
    ...['-f', 'lavfi', '-i', 'testsrc=size=320x180:rate=5:d=2', ...tone(300), ...tone(600), ...tone(900), '-i', srt],
    ...['-map', '0', '-map', '1', '-map', '2', '-map', '3', '-map', '4', '-map', '4'],
    ...['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p'],
    ...['-c:a:0', 'aac', '-c:a:1', 'ac3', '-c:a:2', 'pcm_s16le', '-c:s:0', 'subrip', '-c:s:1', 'ass'],
    ...['-metadata:s:a:0', 'language=ger', '-metadata:s:a:1', 'language=eng', '-disposition:a:0', 'default'],
    ...['-metadata:s:s:0', 'language=eng', path],
  );
  return path;
}

it('all that the video has is kept, as it is where MP4 takes it, and players choose the voice', async () => {
  const folder = temporaryFolder();
  const recording = await probe(conference(folder), { ffmpeg: ffmpegPrograms });
  const voices = ['es', 'fr'].map((language) => ({ language, wav: join(folder, `${language}.wav`) }));
  for (const { wav } of voices)
    writeFileSync(wav, formatWav({ samples: new Int16Array(48_000).fill(99), sampleRate: 24_000 }));
  const out = join(folder, 'out.mp4');
  const told: number[] = [];
  const onProgress = (seconds: number) => void told.push(seconds);
  await writeMp4(out, { recording, track: 2, source: 'en', voices, programs: ffmpegPrograms, onProgress });
  expect(streamsOf(out)).toEqual([
    'video h264 und default',
    'audio aac ger',
    'audio ac3 eng',
    'audio aac und',
    'audio aac spa default',
    'audio aac fra',
    'subtitle mov_text eng default',
    'subtitle mov_text und',
  ]);
  for (const stream of ['0:v:0', '0:a:1']) expect(packets(out, stream)).toBe(packets(recording.path, stream));
  expect(told.at(-1)).toBeCloseTo(2, 0);
});

it.each(['mp3', 'libopus', 'flac', 'alac', 'eac3'])('sound that %s has encoded is copied', async (encoder) => {
  const folder = temporaryFolder();
  const path = join(folder, 'talk.mkv');
  ffmpeg(...tone(300), '-ac', '2', '-ar', '48000', '-c:a', encoder === 'mp3' ? 'libmp3lame' : encoder, path);
  const recording = await probe(path, { ffmpeg: ffmpegPrograms });
  const out = join(folder, 'out.mp4');
  await writeMp4(out, { recording, track: 1, source: 'en', voices: [], programs: ffmpegPrograms });
  expect((await probe(out, { ffmpeg: ffmpegPrograms })).audio[0]?.codec).toBe(recording.audio[0]?.codec);
});

it('nothing is left of a file that cannot be written', async () => {
  const folder = temporaryFolder();
  const recording = await probe(conference(folder), { ffmpeg: ffmpegPrograms });
  const before = readdirSync(folder);
  const voices = [{ wav: join(folder, 'missing.wav'), language: 'es' }];
  const out = join(folder, 'out.mp4');
  await expect(writeMp4(out, { recording, track: 1, source: 'en', voices, programs: ffmpegPrograms })).rejects.toThrow(
    /out\.mp4: cannot be written: .*missing\.wav/,
  );
  expect(readdirSync(folder)).toEqual(before);
});
