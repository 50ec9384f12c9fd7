/** A microphone for Chromium that says each of some recordings, with time to interpret it before the next. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatWav } from '../../audio/wav.ts';
import { humanSpeech } from '../../bench/support/speech.ts';
import { temporaryFolder } from './booth-process.ts';
import { joined } from './sound.ts';

const RATE = 16_000;
const PAUSE_SECONDS = 6;

/** A file that is gone after the test. */
export function microphoneOf(...names: string[]): string {
  const pause = new Int16Array(PAUSE_SECONDS * RATE);
  const file = join(temporaryFolder(), 'microphone.wav');
  const samples = joined(names.flatMap((name) => [pause, humanSpeech(name).samples]));
  writeFileSync(file, formatWav({ samples: joined([samples, pause]), sampleRate: RATE }));
  return file;
}
