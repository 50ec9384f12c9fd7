/** Long meetings in fake time: one half-hour here, those of the other models with the long tests. */
import { describe, expect, it } from 'vitest';
import { countsOf, SimulatedMeeting, wordsIn } from '../../../bench/support/simulated-meeting.ts';
import { qwen3 } from '../../../config/models.ts';
import { lastsHalfAnHour, random } from '../../support/simulated-endurance.ts';
import { expectOneFinalEach } from '../../support/simulated-expectations.ts';

/** The simulated vendor answers a greeting in 80 ms. */
const OPENS_WITHIN_MS = 100;

describe(qwen3.dialect, () => lastsHalfAnHour(qwen3.id));

describe('eight people who take turns, each into three languages', () => {
  it.each([
    { sources: ['en'], what: 'in one language' },
    { sources: ['en', 'en', 'en', 'ko'], what: 'in two' },
  ])(
    '$what, need no more than eight connections in any minute, and soon nobody waits',
    { timeout: 180_000 },
    async ({ sources }) => {
      const meeting = new SimulatedMeeting({ model: qwen3.id, script: { paraphrases: false } });
      const between = random(11);
      const people = Array.from({ length: 8 }, (_, i) => {
        const source = sources[i % sources.length] ?? 'en';
        return meeting.person(
          `p${i}`,
          ['es', 'fr', 'de'].map((target) => ({ source, target, audio: true })),
        );
      });
      while (meeting.clock.now() < 10 * 60_000) {
        const person = people[between(0, people.length - 1)];
        const overlaps = between(0, 3) === 0;
        for (let sentence = between(1, 4); person && sentence > 0; sentence--) {
          await meeting.hears(
            person,
            meeting.words(between(4, 10)),
            sentence > 1 ? 1200 : overlaps ? 0 : between(300, 2500),
          );
        }
      }
      await meeting.passes(30_000);
      meeting.close();

      const { connectionsPerMinute, connections } = meeting.simulator.stats();
      expect(connectionsPerMinute).toBeLessThanOrEqual(8);
      expect(connections.flatMap(({ violations }) => violations)).toEqual([]);
      const late = meeting.pool.waits.filter(({ atMs }) => atMs > 120_000).map(({ waitMs }) => waitMs);
      expect(Math.max(0, ...late), 'the longest wait after two minutes').toBeLessThanOrEqual(2000 + OPENS_WITHIN_MS);
      const said = countsOf(people.flatMap((person) => person.said));
      for (const language of ['es', 'fr', 'de']) {
        const { translations, heard } = meeting.channel(language);
        expectOneFinalEach(translations);
        expect(countsOf(wordsIn(translations)), `read in ${language}`).toEqual(said);
        expect(countsOf(heard), `heard in ${language}`).toEqual(said);
      }
    },
  );
});
