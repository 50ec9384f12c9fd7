/** Subtitle files of a recording, as FFmpeg reads them. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { srtOf, subtitleCues, vttOf } from '../../recordings/subtitle-cues.ts';
import { temporaryFolder } from '../support/booth-process.ts';
import { ffmpeg } from '../support/recordings.ts';

const cues = subtitleCues([
  { startMs: 500, endMs: 2500, texts: [{ language: 'es', text: 'Buenos días a todos.' }] },
  { startMs: 4000, endMs: 6000, texts: [{ language: 'es', text: 'Nos vemos mañana por la tarde.' }] },
  { startMs: 3_661_005, endMs: 3_663_000, texts: [{ language: 'ar', text: 'صباح الخير' }] },
]);

it.each([
  { file: 'talk.srt', write: srtOf },
  { file: 'talk.vtt', write: vttOf },
])('FFmpeg reads each cue of $file, with its time and its text', ({ file, write }) => {
  const folder = temporaryFolder();
  const [written, read] = [join(folder, file), join(folder, 'read.srt')];
  writeFileSync(written, [...write(cues)].join(''));
  ffmpeg('-i', written, read);
  const blocks = readFileSync(read, 'utf8')
    .trim()
    .split(/\r?\n\r?\n/);
  expect(blocks.map((block) => block.split(/\r?\n/).slice(1))).toEqual([
    ['00:00:00,500 --> 00:00:02,500', 'Buenos días a todos.'],
    ['00:00:04,000 --> 00:00:06,000', 'Nos vemos mañana por la tarde.'],
    ['01:01:01,005 --> 01:01:03,000', 'صباح الخير'],
  ]);
});
