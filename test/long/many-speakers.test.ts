/** Eight people who take turns for three minutes, in fake time: how many connections they need, and how long they wait for them. */
import { describe, expect, it } from 'vitest';
import { countsOf, SimulatedMeeting, wordsIn } from '../../bench/support/simulated-meeting.ts';
import { listener, person } from '../../bench/support/views.ts';
import { Random } from '../../engine/scripted/random.ts';
import { expectOneFinalEach } from '../support/simulated-expectations.ts';

/** The simulated vendor answers a greeting in 80 ms. */
const OPENS_WITHIN_MS = 100;

describe('eight people who take turns and are interpreted into three languages', () => {
  it.each([
    { sources: ['en'], what: 'and speak one language' },
    { sources: ['en', 'en', 'en', 'ko'], what: 'and speak two' },
  ])(
    '$what need no more than eight connections in any minute, and after two minutes nobody waits for long',
    async ({ sources }) => {
      const speakers = Array.from({ length: 8 }, (_, i) =>
        person(`p${i}`, { speaks: sources[i % sources.length] ?? 'en' }),
      );
      const listeners = ['es', 'fr', 'de'].map((language) =>
        listener(language, { hears: language, reads: [language] }),
      );
      const meeting = await SimulatedMeeting.start([...speakers, ...listeners], { script: { paraphrases: false } });
      const random = new Random(11);
      const between = (from: number, to: number) => random.between(from, to);
      const people = speakers.map(({ id }) => meeting.speaker(id));
      while (meeting.clock.now() < 3 * 60_000) {
        const speaker = people[between(0, people.length - 1)];
        const overlaps = between(0, 3) === 0;
        for (let sentence = between(1, 4); speaker && sentence > 0; sentence--) {
          await meeting.utters(
            speaker,
            meeting.words(between(4, 10)),
            sentence > 1 ? 1200 : overlaps ? 0 : between(300, 2500),
          );
        }
      }
      await meeting.passTime(30_000);
      meeting.close();

      const { connectionsPerMinute, connections } = meeting.simulator.stats();
      expect(connectionsPerMinute).toBeLessThanOrEqual(8);
      expect(connections.flatMap(({ violations }) => violations)).toEqual([]);
      const late = meeting.waits.filter(({ atMs }) => atMs > 120_000).map(({ waitMs }) => waitMs);
      expect(Math.max(0, ...late), 'the longest wait after two minutes').toBeLessThanOrEqual(2000 + OPENS_WITHIN_MS);
      const said = countsOf(people.flatMap(({ said }) => said));
      for (const language of ['es', 'fr', 'de']) {
        const { translations } = meeting.captions(language);
        expectOneFinalEach(translations);
        expect(countsOf(wordsIn(translations)), `read in ${language}`).toEqual(said);
        expect(countsOf(await meeting.playedWords(language)), `heard in ${language}`).toEqual(said);
      }
    },
  );
});
