/** What holds of every meeting, whatever the service does. */
import { expect } from 'vitest';
import { countsOf } from '../../bench/support/simulated-meeting.ts';
import type { OutgoingCaption } from '../../bot/captions/caption-channel.ts';

/** Each utterance has one final, the last that is said of it, and `stable` never takes a word back. */
export function expectOneFinalEach(captions: readonly OutgoingCaption[]): void {
  for (const [utterance, all] of Map.groupBy(captions, (caption) => caption.utterance)) {
    expect(all.map(({ final }) => final).lastIndexOf(true), `the final of ${utterance} is the last`).toBe(
      all.length - 1,
    );
    expect(
      all.filter(({ final }) => final),
      `finals of ${utterance}`,
    ).toHaveLength(1);
    for (const [i, { stable }] of all.entries()) {
      expect(stable.startsWith(all[i - 1]?.stable ?? ''), `${utterance} takes nothing back`).toBe(true);
    }
  }
}

/** The same words, each as often, none far from its place: a paraphrase changes neighbours about. */
export function expectSameWords(actual: readonly string[], expected: readonly string[], what: string): void {
  expect(countsOf(actual), what).toEqual(countsOf(expected));
  const far = actual.findIndex((word, i) => !expected.slice(Math.max(0, i - 2), i + 3).includes(word));
  const around = actual.slice(Math.max(0, far - 12), far + 12).join(' ');
  expect(far, `${what}: word ${far} is out of order in ${around}`).toBe(-1);
}
