/** One speaker, interpreted into two languages by a session each: what they said is published once, and both translate that. */
import { describe, expect, it } from 'vitest';
import { SimulatedMeeting, wordsIn } from '../../../bench/support/simulated-meeting.ts';
import { audienceOf, listener, person } from '../../../bench/support/views.ts';
import { qwen3, qwen35, qwen38 } from '../../../config/models.ts';

describe.each([qwen3, qwen35, qwen38].map(({ id, dialect }) => ({ id, dialect })))('$dialect', ({ id }) => {
  it.each([
    ['with long pauses', 4000],
    ['almost without a pause', 900],
  ])('says of each translation which published original it translates, %s', async (_, pauseMs) => {
    const people = [person('ann'), ...audienceOf('es'), listener('reads-fr', { reads: ['fr'] })];
    const meeting = await SimulatedMeeting.start(people, { model: id });
    const ann = meeting.speaker('ann');
    for (let i = 0; i < 20; i++) await meeting.utters(ann, meeting.words(3 + (i % 4)), pauseMs);
    await meeting.passTime(20_000);
    meeting.close();

    const originals = meeting.captions('en').originals.filter(({ final }) => final);
    const textOf = new Map(originals.map((caption) => [caption.utterance, wordsIn([caption])]));
    expect(textOf.size).toBeGreaterThanOrEqual(15);
    for (const language of ['es', 'fr']) {
      const translations = meeting.captions(language).translations.filter(({ final }) => final);
      const right = translations.filter((caption) => {
        const original = textOf.get(caption.sourceUtterance ?? '');
        return original?.join() === wordsIn([caption]).join();
      });
      expect(right.length, `${language}: of ${translations.length}`).toBe(translations.length);
      expect(translations.length).toBe(originals.length);
    }
  });
});
