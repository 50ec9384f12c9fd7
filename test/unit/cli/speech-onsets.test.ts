/** When the first word of a segment was said. */
import { describe, expect, it } from 'vitest';
import { SpeechOnsets } from '../../../cli/speech-onsets.ts';

const quiet = () => new Int16Array(1600).fill(5);
const loud = () => new Int16Array(1600).map((_, i) => 8000 * Math.sin(i / 3));

function heard(...chunks: Int16Array[]): SpeechOnsets {
  const onsets = new SpeechOnsets();
  for (const [i, chunk] of chunks.entries()) onsets.add(chunk, i * 100);
  return onsets;
}

describe('the first word of a segment', () => {
  it('is found after the silence that led up to it', () => {
    const onsets = heard(quiet(), quiet(), quiet(), loud(), loud());
    expect(onsets.onsetAfter(0)).toBe(300);
    expect(onsets.onsetAfter(100)).toBe(300);
  });

  it('is found before a time that is told when it was recognised', () => {
    expect(heard(quiet(), quiet(), quiet(), loud(), loud(), loud(), loud()).onsetAfter(600)).toBe(300);
  });

  it('is where the service says where that is a word, where all is silent, and where it is not known', () => {
    expect(heard(quiet(), loud(), loud()).onsetAfter(100)).toBe(100);
    expect(heard(...Array.from({ length: 30 }, quiet), loud()).onsetAfter(0)).toBe(0);
    expect(heard(loud()).onsetAfter(60_000)).toBe(60_000);
  });
});
