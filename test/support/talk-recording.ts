/** A talk with slides as a video file, whose words are known to the millisecond. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SPEECH_SAMPLE_RATE } from '../../audio/sample-rates.ts';
import { formatWav } from '../../audio/wav.ts';
import { tonesFor, vocabulary, wordsInText } from '../../engine/scripted/tone-words.ts';
import { ffmpeg } from './recordings.ts';

const SENTENCE_EVERY_MS = 4000;
const FIRST_MS = 500;
const WORDS = 4;

export interface Talk {
  path: string;
  sentences: { startMs: number; words: string[] }[];
  slides: number;
}

/** One sentence of four words every four seconds, over a slide that changes every so many seconds. */
export function makeTalk(folder: string, { seconds, slideSeconds }: { seconds: number; slideSeconds: number }): Talk {
  const sentences = Array.from({ length: Math.floor((seconds * 1000) / SENTENCE_EVERY_MS) }, (_, i) => ({
    startMs: FIRST_MS + i * SENTENCE_EVERY_MS,
    words: Array.from({ length: WORDS }, (_, word) => vocabulary[(i * WORDS + word) % vocabulary.length] ?? ''),
  }));
  const samples = new Int16Array(seconds * SPEECH_SAMPLE_RATE);
  for (const { startMs, words } of sentences) samples.set(tonesFor(words), (startMs * SPEECH_SAMPLE_RATE) / 1000);
  const wav = join(folder, 'talk.wav');
  writeFileSync(wav, formatWav({ samples, sampleRate: SPEECH_SAMPLE_RATE }));
  const slides = Math.ceil(seconds / slideSeconds);
  const boxes = Array.from({ length: slides }, (_, i) => {
    const [x, y] = [40 + (i % 3) * 180, 30 + (i % 2) * 160];
    const shown = `enable='between(t,${i * slideSeconds},${(i + 1) * slideSeconds - 0.01})'`;
    return `drawbox=x=${x}:y=${y}:w=160:h=120:color=black:t=fill:${shown}`;
  });
  const path = join(folder, 'talk.mp4');
  const video = `color=white:size=640x360:rate=5:duration=${seconds},${boxes.join(',')}`;
  ffmpeg(
    ...['-f', 'lavfi', '-i', video, '-i', wav],
    ...['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-c:a', 'aac', '-b:a', '96k', path],
  );
  return { path, sentences, slides };
}

/** The cues of a SubRip or WebVTT file that hold words. */
export const cuesIn = (subtitles: string): { startMs: number; words: string[] }[] =>
  [...subtitles.matchAll(/(\d+):(\d\d):(\d\d)[,.](\d{3}) --> .*\n((?:.+\n)+)/g)].map(([, h, m, s, ms, text = '']) => ({
    startMs: Number(h) * 3_600_000 + Number(m) * 60_000 + Number(s) * 1000 + Number(ms),
    words: wordsInText(text),
  }));
