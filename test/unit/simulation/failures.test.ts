/** Every generation of the model, in every modality, with every way in which the service was seen to fail. */
import { describe, expect, it } from 'vitest';
import { countsOf, SimulatedMeeting, wordsIn } from '../../../bench/support/simulated-meeting.ts';
import { listener, person } from '../../../bench/support/views.ts';
import { qwen3, qwen35, qwen38 } from '../../../config/models.ts';
import type { ScriptInput } from '../../../engine/scripted/script.ts';
import { expectOneFinalEach, expectSameWords } from '../../support/simulated-expectations.ts';

type Faults = NonNullable<ScriptInput['faults']>;

const UTTERANCES = 6;
const WORDS = 7;

const failures: Record<string, Faults> = {
  none: [],
  cut: [{ on: { utterance: 3, afterMs: 1200 }, do: 'cut' }],
  'cut before the end': [{ on: { utterance: 3, afterMs: 2600 }, do: 'cut' }],
  'two cuts': [
    { on: { utterance: 3, afterMs: 700 }, do: 'cut' },
    { on: { utterance: 4, afterMs: 900 }, do: 'cut' },
  ],
  stall: [{ on: { utterance: 3, afterMs: 1200 }, do: 'stall' }],
  halfFrame: [{ on: { utterance: 3, afterMs: 1200 }, do: 'halfFrame' }],
  malformedJson: [{ on: { utterance: 3, afterMs: 1200 }, do: 'malformedJson' }],
  repeatOutput: [{ on: { utterance: 3, afterMs: 1200 }, do: 'repeatOutput' }],
  serverError: [{ on: { utterance: 3, afterMs: 1200 }, do: 'serverError' }],
  streamTimeout: [{ on: { utterance: 3, afterMs: 1200 }, do: 'streamTimeout' }],
  ignoreClose: [
    { on: { connection: 1 }, do: 'ignoreClose' },
    { on: { utterance: 3, afterMs: 1200 }, do: 'stall' },
  ],
  hiccup: [{ on: { utterance: 3, afterMs: 1200 }, do: 'hiccup' }],
  lateSource: [{ on: { utterance: { every: 2 } }, do: 'lateSource' }],
  emptyDone: [{ on: { utterance: { every: 2 } }, do: 'emptyDone' }],
  noStash: [{ on: { utterance: { every: 2 } }, do: 'noStash' }],
  severalResponses: [{ on: { utterance: { every: 2 } }, do: 'severalResponses' }],
  duplicateEvents: [{ on: { utterance: { every: 2 } }, do: 'duplicateEvents' }],
  refused: [{ on: { connection: 1 }, do: 'refuse', times: 1 }],
};

/** They cost the session that they happen to. */
const losesSession = /cut|stall|halfFrame|repeatOutput|serverError|streamTimeout|ignoreClose/;

const modalities = {
  'text and voice': { target: 'es', audio: true },
  'text only': { target: 'es', audio: false },
  'a transcript': { target: 'en', audio: false },
} as const;

describe.each([qwen3, qwen35, qwen38].map(({ id, dialect }) => ({ id, dialect })))('$dialect', ({ id }) => {
  describe.each(Object.entries(modalities))('%s', (_, { target, audio }) => {
    it.each(Object.keys(failures))('loses nothing and says nothing twice: %s', async (name) => {
      const meeting = await hold({ id, target, audio, faults: failures[name] ?? [] });
      const ann = meeting.speaker('ann');
      for (let i = 0; i < UTTERANCES; i++) await meeting.utters(ann, meeting.words(WORDS));
      await meeting.passTime(60_000);
      meeting.close();

      const { originals } = meeting.captions('en');
      const { translations } = meeting.captions(target);
      const heard = await meeting.playedWords(target);
      for (const captions of [originals, translations]) expectOneFinalEach(captions);
      expectSameWords(wordsIn(originals), ann.said, 'read as it was said');
      if (target !== 'en') expectSameWords(wordsIn(translations), ann.said, 'read in translation');
      const said = countsOf(ann.said);
      for (const [word, times] of Object.entries(countsOf(heard))) {
        expect(times, `${word} was heard`).toBeLessThanOrEqual(said[word] ?? 0);
      }
      // Of what was lost in the middle, what had been heard is not heard again, and the rest is read only.
      const lost = losesSession.test(name);
      if (audio && !lost) expect(heard).toEqual(ann.said);
      if (audio) expect(heard.length).toBeGreaterThanOrEqual((UTTERANCES - 3) * WORDS);
      const stats = meeting.simulator.stats();
      if (lost) expect(stats.connections.length, 'sessions that it took').toBeGreaterThanOrEqual(2);
      expect(stats.connectionsPerMinute).toBeLessThanOrEqual(8);
      expect(stats.connections.flatMap(({ violations }) => violations)).toEqual([]);
      expect(meeting.sentMs.silence).toBeLessThanOrEqual(3000 * UTTERANCES);
    });

    it('marks what the service will not say, and loses no more than that', async () => {
      const faults: Faults = [{ on: { utterance: 3 }, do: 'contentError' }];
      const { originals, translations, read, kept } = await meet({ id, target, audio, faults });
      expectOneFinalEach(read);
      const counts = countsOf(wordsIn(read));
      expect(kept.filter((word) => counts[word] !== 1)).toEqual([]);
      expect(
        [...originals, ...translations].filter(({ contentFiltered: refused }) => refused).length,
      ).toBeGreaterThanOrEqual(1);
    });

    it('ends with what was shown of it what the service never ends', async () => {
      const { originals, translations, kept, third } = await meet({
        id,
        target,
        audio,
        faults: [{ on: { utterance: 3 }, do: 'noFinal' }],
      });
      for (const captions of [originals, translations].filter(({ length }) => length > 0)) {
        expectOneFinalEach(captions);
        const words = new Set(wordsIn(captions));
        expect(kept.filter((word) => !words.has(word))).toEqual([]);
      }
      // The newest generation transcribes at the end: it had shown no original yet. The last words were still a guess.
      const shown = new Set([...wordsIn(originals), ...wordsIn(translations)]);
      const guessed = third.filter((word) => !shown.has(word));
      if (!(target === 'en' && id === qwen38.id)) expect(guessed.length).toBeLessThanOrEqual(2);
    });
  });
});

interface Held {
  id: string;
  target: string;
  audio: boolean;
  faults: Faults;
}

/** Ann speaks English; somebody hears or reads her in another language, and somebody reads what she says. */
function hold({ id, target, audio, faults }: Held): Promise<SimulatedMeeting> {
  const people = [
    person('ann'),
    listener('reads', { reads: ['original', target] }),
    ...(audio ? [listener('hears', { hears: target })] : []),
  ];
  return SimulatedMeeting.start(people, { model: id, script: { faults } });
}

/** Eight sentences, of which something happens to the third. */
async function meet(held: Held) {
  const { target } = held;
  const meeting = await hold(held);
  const ann = meeting.speaker('ann');
  for (let i = 0; i < UTTERANCES; i++) await meeting.utters(ann, meeting.words(WORDS), 4000);
  await meeting.passTime(30_000);
  meeting.close();
  const { originals } = meeting.captions('en');
  const { translations } = meeting.captions(target);
  return {
    originals,
    translations,
    read: target === 'en' ? originals : translations,
    third: ann.said.slice(2 * WORDS, 3 * WORDS),
    kept: [...ann.said.slice(0, 2 * WORDS), ...ann.said.slice(3 * WORDS)],
  };
}
