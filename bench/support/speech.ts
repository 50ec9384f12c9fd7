/** Recorded human sentences, 16 kHz mono, which the set-up has downloaded (see `scripts/places.mjs`). */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Pcm, parseWav } from '../../audio/wav.ts';
import { speechDir } from '../../scripts/places.mjs';

export function humanSpeech(name: string): Pcm {
  const file = join(speechDir(process.env), `${name}.wav`);
  try {
    return parseWav(readFileSync(file));
  } catch (cause) {
    throw new Error(`the recorded sentences are not there; npm run setup fetches them (${file})`, { cause });
  }
}
