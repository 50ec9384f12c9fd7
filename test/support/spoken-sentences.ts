/** Sentences that a human said, the whole way: captioned in both languages, and said in Spanish. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { levelDb } from '../../audio/level.ts';
import { parseWav } from '../../audio/wav.ts';
import { wordErrors } from '../../bench/support/wer.ts';
import { temporaryFolder } from './booth-process.ts';
import { ServedMeeting, textOf, transcriptOf } from './served.ts';
import { chunks } from './sound.ts';
import { until } from './until.ts';

/** What is said of these recordings by whom it is interpreted for, as a test. */
export function areInterpreted(prompts: readonly string[], { words }: { words: readonly string[] }): void {
  it(`captions ${prompts.length} human sentences in both languages and says them in Spanish`, async () => {
    const meeting = await ServedMeeting.start();
    const file = join(temporaryFolder(), 'spanish.wav');
    const listener = await meeting.listen('es', '--out', file);
    for (const name of prompts) expect(await meeting.say(name)).toMatchObject({ exitCode: 0 });
    const spoken = prompts.map(transcriptOf).join(' ');
    const heard = () => listener.finals('original').map(textOf).join(' ');
    const errorRate = () => {
      const { errors, words } = wordErrors(spoken, heard());
      return errors / words;
    };
    // A recording with a pause in it is several utterances: their number does not tell which was the last.
    const isWhole = () => errorRate() < 0.25 && listener.said >= listener.finals('original').length;
    await until(isWhole).catch((error) => {
      throw new Error(`${listener.said} utterances said, heard: ${heard()}`, { cause: error });
    });
    expect(await listener.stop()).toMatchObject({ exitCode: 0 });

    const translations = listener.finals('translation');
    const spanish = translations.map(textOf).join(' ').toLowerCase();
    for (const word of words) expect(spanish, `of what was heard: ${heard()}`).toContain(word);
    expect(translations.filter(({ language, sourceUtterance: of }) => language !== 'es' || of === undefined)).toEqual(
      [],
    );

    const spans = listener.messages.flatMap((message) =>
      message.type === 'status' ? (message.earVoiceSpanMs ?? []) : [],
    );
    expect(spans.length, 'told how far the voice is behind').toBeGreaterThan(0);
    expect(Math.min(...spans)).toBeGreaterThan(500);
    expect(Math.max(...spans)).toBeLessThan(60_000);

    const { samples, sampleRate } = parseWav(readFileSync(file));
    const voiced = [...chunks(samples, sampleRate / 10)].filter((part) => levelDb(part) > -40);
    expect(voiced.length, 'tenths of a second with a voice in them').toBeGreaterThan(10 * prompts.length);
  });
}
