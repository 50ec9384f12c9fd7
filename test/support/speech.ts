/** Recorded human sentences (`scripts/places.mjs` says whose), which set-up has fetched. 16 kHz mono. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatWav, type Pcm, parseWav } from '../../audio/wav.ts';
import { speechDir } from '../../scripts/places.mjs';
import { temporaryFolder } from './booth-process.ts';
import { joined } from './sound.ts';

export function humanSpeech(name: string): Pcm {
  const file = join(speechDir(process.env), `${name}.wav`);
  try {
    return parseWav(readFileSync(file));
  } catch (cause) {
    throw new Error(`the recorded sentences are not there; npm run setup fetches them (${file})`, { cause });
  }
}

/** A microphone for `launchChromium` that says each sentence, with time to interpret it before the next. */
export function microphoneOf(...names: string[]): string {
  const rate = 16_000;
  const pause = new Int16Array(6 * rate);
  const file = join(temporaryFolder(), 'microphone.wav');
  const samples = joined(names.flatMap((name) => [pause, humanSpeech(name).samples]));
  writeFileSync(file, formatWav({ samples: joined([samples, pause]), sampleRate: rate }));
  return file;
}
