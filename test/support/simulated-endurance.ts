/** Half an hour of meeting in fake time, in which sessions are lost or changed for others a hundred times. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { countsOf, SimulatedMeeting, wordsIn } from '../../bench/support/simulated-meeting.ts';
import { expectOneFinalEach } from './simulated-expectations.ts';

const HALF_AN_HOUR_MS = 30 * 60_000;

/** The same pauses and lengths in every run. */
export function random(seed: number): (from: number, to: number) => number {
  const [numbers] = fc.sample(fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })), { seed, numRuns: 1 });
  return (from, to) => Math.round(from + Number(numbers?.next().value ?? 0) * (to - from));
}

/** The promises of one model's client, as tests. */
export function lastsHalfAnHour(id: string): void {
  it('changes a hundred sessions for others, and nobody notices', { timeout: 180_000 }, async () => {
    const meeting = new SimulatedMeeting({ model: id, rotateAfterMs: 17_000, script: { paraphrases: false } });
    const said = await talkFor(meeting, HALF_AN_HOUR_MS, { pauseMs: [300, 4000] });
    expectEverythingOnce(meeting, said, { exactly: true });
    expect(meeting.channel('es').heard).toEqual(said);
    expect(meeting.fed.repeated).toBe(0);
    const { connections, connectionsPerMinute } = meeting.simulator.stats();
    expect(connections.length).toBeGreaterThanOrEqual(100);
    expect(connectionsPerMinute).toBeLessThanOrEqual(8);
  });

  it.each([
    { how: 'that says the same to each session', paraphrases: false },
    { how: 'that says it in other words to each', paraphrases: true },
  ])(
    'loses a hundred sessions of a service $how, and nothing that was said',
    { timeout: 180_000 },
    async ({ paraphrases }) => {
      const faults = [
        { on: { connection: { every: 1 }, betweenMs: [7000, 27_000] as [number, number] }, do: 'cut' as const },
      ];
      const meeting = new SimulatedMeeting({ model: id, script: { faults, paraphrases } });
      const said = await talkFor(meeting, HALF_AN_HOUR_MS, { pauseMs: [1500, 6000] });
      expectEverythingOnce(meeting, said, { exactly: !paraphrases });
      const { connections, connectionsPerMinute } = meeting.simulator.stats();
      expect(connections.filter(({ ended }) => ended?.by === 'cut').length).toBeGreaterThanOrEqual(100);
      expect(connectionsPerMinute).toBeLessThanOrEqual(8);
      expect(meeting.channel('es').heard.length, 'words that were heard').toBeGreaterThan(said.length * 0.9);
    },
  );
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

/** Where a service says the same thing in other words, a word at the edge of two of its segments may be lost or come twice. */
function expectEverythingOnce(
  meeting: SimulatedMeeting,
  said: readonly string[],
  { exactly }: { exactly: boolean },
): void {
  const { originals, translations, heard } = meeting.channel('es');
  for (const captions of [originals, translations]) {
    expectOneFinalEach(captions);
    const { missing, extra } = differences(wordsIn(captions), said);
    expect(missing, 'words that nobody read').toBeLessThanOrEqual(exactly ? 0 : said.length / 1000);
    expect(extra, 'words that were read twice').toBeLessThanOrEqual(exactly ? 0 : said.length / 100);
    if (exactly) expect(wordsIn(captions), 'in order').toEqual(said);
  }
  expect(differences(heard, said).extra, 'words that were heard twice').toBe(0);
}

function differences(actual: readonly string[], expected: readonly string[]): { missing: number; extra: number } {
  const counts = { actual: countsOf(actual), expected: countsOf(expected) };
  let [missing, extra] = [0, 0];
  for (const word of new Set([...actual, ...expected])) {
    const more = (counts.actual[word] ?? 0) - (counts.expected[word] ?? 0);
    if (more > 0) extra += more;
    else missing -= more;
  }
  return { missing, extra };
}
