/** Makes a whole voice faster at once, as a channel does while it plays. Pure. */
import { VOICE_SAMPLE_RATE } from '../../audio/sample-rates.ts';
import { PcmQueue } from './pcm-queue.ts';
import { TimeCompression } from './time-compression.ts';

const FRAME = VOICE_SAMPLE_RATE / 50;

/**
 * Trims the pauses of a voice, and makes it faster at the same pitch.
 *
 * @param samples 24 kHz mono
 * @param tempo duration of the input divided by that of the output, pauses aside; from 1 to `MAX_TEMPO`
 * @example
 * compressVoice(sixSeconds, 1.2); // at most five seconds, about
 */
export function compressVoice(samples: Int16Array, tempo: number): Int16Array {
  const sound = new PcmQueue();
  sound.push(samples, 0);
  const compression = new TimeCompression();
  const compressed = new Int16Array(samples.length);
  let length = 0;
  while (sound.length > 0) {
    compression.apply(sound, { trimsPauses: true, tempo }, { length: FRAME, complete: true });
    const frame = sound.take(FRAME);
    compression.played(frame);
    compressed.set(frame, length);
    length += frame.length;
  }
  return compressed.subarray(0, length);
}
