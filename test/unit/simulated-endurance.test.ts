/** Half an hour of meeting in fake time, in which sessions are lost or changed for others a hundred times. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { qwen3, qwen35, qwen38 } from '../../config/models.ts';
import { expectOneFinalEach, expectSameWords, SimulatedMeeting, wordsIn } from '../support/simulated-meeting.ts';

const HALF_AN_HOUR_MS = 30 * 60_000;
const models = [qwen3, qwen35, qwen38].map(({ id, dialect }) => ({ id, dialect }));

/** The same pauses and lengths in every run. */
function random(seed: number): (from: number, to: number) => number {
  const [numbers] = fc.sample(fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })), { seed, numRuns: 1 });
  return (from, to) => Math.round(from + Number(numbers?.next().value ?? 0) * (to - from));
}

async function talkFor(
  meeting: SimulatedMeeting,
  ms: number,
  { pauseMs }: { pauseMs: [number, number] },
): Promise<string[]> {
  const ann = meeting.person('ann', [{ source: 'en', target: 'es', audio: true }]);
  const between = random(7);
  while (meeting.clock.now() < ms) await meeting.hears(ann, meeting.words(between(3, 12)), between(...pauseMs));
  await meeting.passes(60_000);
  meeting.close();
  return ann.said;
}

function expectEverythingOnce(meeting: SimulatedMeeting, said: readonly string[]): void {
  const { originals, translations, heard } = meeting.channel('es');
  for (const captions of [originals, translations]) expectOneFinalEach(captions);
  expectSameWords(wordsIn(originals), said, 'read as it was said');
  expectSameWords(wordsIn(translations), said, 'read in translation');
  expectSubsequence(heard, said);
}

/** What was heard is what was said, in that order, perhaps with something left out: nothing twice. */
function expectSubsequence(heard: readonly string[], said: readonly string[]): void {
  let at = 0;
  for (const [i, word] of heard.entries()) {
    const found = said.indexOf(word, Math.max(0, at - 2));
    expect(found, `${word}, word ${i} of what was heard, follows what was heard before it`).toBeGreaterThanOrEqual(0);
    expect(found - at, `${word}, word ${i} of what was heard, was left out and comes later`).toBeLessThan(40);
    at = Math.max(at, found + 1);
  }
}

describe.each(models)('$dialect', ({ id }) => {
  it('changes a hundred sessions for others, and nobody notices', { timeout: 120_000 }, async () => {
    const meeting = new SimulatedMeeting({ model: id, rotateAfterMs: 17_000, script: { paraphrases: false } });
    const said = await talkFor(meeting, HALF_AN_HOUR_MS, { pauseMs: [300, 4000] });
    expectEverythingOnce(meeting, said);
    const { connections, connectionsPerMinute } = meeting.simulator.stats();
    expect(connections.length).toBeGreaterThanOrEqual(100);
    expect(connectionsPerMinute).toBeLessThanOrEqual(8);
    expect(meeting.channel('es').heard).toEqual(said);
    expect(meeting.fed.repeated).toBe(0);
  });

  it('loses a hundred sessions at random moments, and neither a word nor a final', { timeout: 120_000 }, async () => {
    const faults = [
      { on: { connection: { every: 1 }, betweenMs: [8000, 28_000] as [number, number] }, do: 'cut' as const },
    ];
    const meeting = new SimulatedMeeting({ model: id, script: { faults } });
    const said = await talkFor(meeting, HALF_AN_HOUR_MS, { pauseMs: [1500, 6000] });
    expectEverythingOnce(meeting, said);
    const { connections, connectionsPerMinute } = meeting.simulator.stats();
    expect(connections.filter(({ ended }) => ended?.by === 'cut').length).toBeGreaterThanOrEqual(100);
    expect(connectionsPerMinute).toBeLessThanOrEqual(8);
    expect(meeting.channel('es').heard.length, 'words that were heard').toBeGreaterThan(said.length * 0.8);
  });
});
