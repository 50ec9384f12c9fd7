/** Long meetings in fake time, in which sessions are lost or changed for others more than three times a minute. */
import { expect, it } from 'vitest';
import {
  countsOf,
  SimulatedMeeting,
  type SimulatedMeetingOptions,
  wordsIn,
} from '../../bench/support/simulated-meeting.ts';
import { audienceOf, person } from '../../bench/support/views.ts';
import { Random } from '../../engine/scripted/random.ts';
import { expectOneFinalEach } from './simulated-expectations.ts';

const SESSIONS_PER_MINUTE = 3;

/** The promises of one model's client, as tests. */
export function keepsTalking(id: string, minutes: number): void {
  it('changes a session for another every 17 s, and nobody notices', async () => {
    const meeting = await hold({ model: id, maxSessionAgeMs: 17_000, script: { paraphrases: false } });
    const said = await talkFor(meeting, minutes * 60_000, { pauseMs: [300, 4000] });
    await expectEverythingOnce(meeting, said, { exactly: true });
    expect(await meeting.playedWords('es')).toEqual(said);
    expect(meeting.sentMs.replayed).toBe(0);
    const { connections, connectionsPerMinute } = meeting.simulator.stats();
    expect(connections.length).toBeGreaterThanOrEqual(SESSIONS_PER_MINUTE * minutes);
    expect(connectionsPerMinute).toBeLessThanOrEqual(8);
  });

  it.each([
    { how: 'that says the same to each session', paraphrases: false },
    { how: 'that says it in other words to each', paraphrases: true },
  ])(
    'loses each session of a service $how within half a minute, and nothing that was said',
    async ({ paraphrases }) => {
      const faults = [
        { on: { connection: { every: 1 }, betweenMs: [7000, 27_000] as [number, number] }, do: 'cut' as const },
      ];
      const meeting = await hold({ model: id, script: { faults, paraphrases } });
      const said = await talkFor(meeting, minutes * 60_000, { pauseMs: [1500, 6000] });
      await expectEverythingOnce(meeting, said, { exactly: !paraphrases });
      const { connections, connectionsPerMinute } = meeting.simulator.stats();
      expect(connections.filter(({ ended }) => ended?.by === 'cut').length).toBeGreaterThanOrEqual(
        SESSIONS_PER_MINUTE * minutes,
      );
      expect(connectionsPerMinute).toBeLessThanOrEqual(8);
      expect((await meeting.playedWords('es')).length, 'words that were heard').toBeGreaterThan(said.length * 0.9);
    },
  );
}

/** Ann speaks English; some hear and read her in Spanish, some read what she says. */
const hold = (options: SimulatedMeetingOptions) =>
  SimulatedMeeting.start([person('ann'), ...audienceOf('es')], options);

async function talkFor(
  meeting: SimulatedMeeting,
  ms: number,
  { pauseMs }: { pauseMs: [number, number] },
): Promise<string[]> {
  const ann = meeting.speaker('ann');
  const random = new Random(7);
  while (meeting.clock.now() < ms)
    await meeting.utters(ann, meeting.words(random.between(3, 12)), random.between(...pauseMs));
  await meeting.passTime(60_000);
  meeting.close();
  return ann.said;
}

/** Where a service says the same thing in other words, a word at the edge of two of its segments may be lost or come twice. */
async function expectEverythingOnce(
  meeting: SimulatedMeeting,
  said: readonly string[],
  { exactly }: { exactly: boolean },
): Promise<void> {
  const { originals } = meeting.captions('en');
  const { translations } = meeting.captions('es');
  for (const captions of [originals, translations]) {
    expectOneFinalEach(captions);
    const { missing, extra } = differences(wordsIn(captions), said);
    expect(missing, 'words that nobody read').toBeLessThanOrEqual(exactly ? 0 : said.length / 1000);
    expect(extra, 'words that were read twice').toBeLessThanOrEqual(exactly ? 0 : said.length / 100);
    if (exactly) expect(wordsIn(captions), 'in order').toEqual(said);
  }
  expect(differences(await meeting.playedWords('es'), said).extra, 'words that were heard twice').toBe(0);
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
