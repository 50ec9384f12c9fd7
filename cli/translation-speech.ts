/** The speech that is translated: of a recording, or of a microphone that is piped in. */
import { SPEECH_SAMPLE_RATE } from '../audio/sample-rates.ts';
import type { MediaFile } from '../recordings/probe.ts';
import { type Damage, speechOf } from '../recordings/speech-of.ts';
import { CommandError, UsageError } from './errors.ts';
import type { RecordingChoice } from './recording-input.ts';
import { damageNotice, readPcm } from './speech.ts';
import { printLine } from './subtitles.ts';

/**
 * @param recording undefined: raw 16 kHz mono 16-bit PCM on stdin
 * @param fromSeconds where to begin in the recording
 * @param stop ends the speech of a microphone
 * @throws {UsageError} and {CommandError} where nothing comes on stdin
 */
export async function openSpeech(
  recording: MediaFile | undefined,
  choice: RecordingChoice,
  fromSeconds: number,
  stop: AbortSignal,
): Promise<AsyncIterable<Int16Array>> {
  if (recording) {
    const onDamage = (damage: Damage) => printLine(damageNotice(recording, damage));
    return speechOf(recording, SPEECH_SAMPLE_RATE, { ...choice, fromSeconds, onDamage });
  }
  if (process.stdin.isTTY) {
    throw new UsageError(
      '"-" reads a microphone from a pipe: arecord -q -t raw -f S16_LE -r 16000 | booth translate - …',
    );
  }
  const speech = readPcm(process.stdin);
  // What is wrong with stdin is found before anything is started.
  const first = await speech.next();
  if (first.done) throw new CommandError('stdin: nothing came');
  stop.addEventListener('abort', () => process.stdin.destroy(), { once: true });
  return microphone(first.value, speech, stop);
}

/** The end of stdin at Ctrl-C is the end of the speech. */
async function* microphone(
  first: Int16Array,
  rest: AsyncIterable<Int16Array>,
  stop: AbortSignal,
): AsyncGenerator<Int16Array> {
  yield first;
  try {
    yield* rest;
  } catch (error) {
    if (!stop.aborted) throw error;
  }
}
