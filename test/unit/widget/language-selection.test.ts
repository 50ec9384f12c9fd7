import { describe, expect, it } from 'vitest';
import {
  type ChosenLanguages,
  LanguageSelection,
  type Shown,
  type WantedLanguages,
} from '../../../client-widget/embedding/language-selection.ts';

const BOTH: Shown = { voices: true, captions: 'translation' };

/** An application that answers when the test has it answer. */
class Application {
  readonly asked: ChosenLanguages[] = [];
  readonly answers: PromiseWithResolvers<unknown>[] = [];
  readonly refusals: (string | undefined)[] = [];
  readonly agreements: unknown[] = [];
  shown: WantedLanguages | undefined;
  readonly selection: LanguageSelection;

  constructor(shown: Shown = BOTH, wanted: Partial<WantedLanguages> = {}) {
    this.selection = new LanguageSelection({
      wanted,
      choose: (languages) => {
        this.asked.push(languages);
        const answer = Promise.withResolvers<unknown>();
        this.answers.push(answer);
        return answer.promise;
      },
      changed: (now) => {
        this.shown = now;
      },
      agreed: (answer) => this.agreements.push(answer),
      refused: (reason) => this.refusals.push(reason?.message),
    });
    this.selection.show(shown);
  }
}

describe('the choice of languages', () => {
  it('asks for nothing as long as nobody chooses', () => {
    expect(new Application().asked).toEqual([]);
  });

  it('reads what is heard, until another language is chosen to read', () => {
    const { selection, asked } = new Application();
    selection.select({ hears: 'es' });
    selection.select({ hears: 'fr' });
    selection.select({ reads: 'ar' });
    selection.select({ hears: 'es' });
    selection.select({ reads: 'es' });
    selection.select({ hears: 'fr' });
    expect(asked).toEqual([
      { hears: 'es', reads: ['es'] },
      { hears: 'fr', reads: ['fr'] },
      { hears: 'fr', reads: ['ar'] },
      { hears: 'es', reads: ['ar'] },
      { hears: 'es', reads: ['es'] },
      { hears: 'fr', reads: ['fr'] },
    ]);
  });

  it('goes on reading when the voice is switched off, and reads nothing when that is chosen', () => {
    const { selection, asked } = new Application();
    selection.select({ hears: 'es' });
    selection.select({ hears: 'original' });
    selection.select({ reads: null });
    selection.select({ hears: 'fr' });
    expect(asked.slice(1)).toEqual([
      { hears: 'original', reads: ['es'] },
      { hears: 'original', reads: [] },
      { hears: 'fr', reads: [] },
    ]);
  });

  it('asks once for each change, and not for what is chosen already', () => {
    const { selection, asked } = new Application();
    selection.select({ hears: 'es' });
    selection.select({ hears: 'es', reads: 'es' });
    selection.show(BOTH);
    expect(asked).toHaveLength(1);
  });

  it('asks for what the page shows alone, and for the rest as soon as it is shown', () => {
    const { selection, asked } = new Application({ voices: false, captions: 'none' }, { hears: 'es' });
    expect(asked).toEqual([]);
    selection.show({ voices: false, captions: 'both' });
    selection.show({ voices: true, captions: 'both' });
    selection.show({ voices: true, captions: 'none' });
    expect(asked).toEqual([
      { hears: 'original', reads: ['original', 'es'] },
      { hears: 'es', reads: ['original', 'es'] },
      { hears: 'es', reads: [] },
    ]);
  });

  it('goes back to what was agreed to when the application refuses, and says why', async () => {
    const application = new Application();
    application.selection.select({ hears: 'es' });
    application.answers[0]?.resolve(['recent']);
    application.selection.select({ hears: 'fr' });
    application.answers[1]?.reject(new Error('No French today.'));
    await expect.poll(() => application.refusals.at(-1)).toBe('No French today.');
    expect(application.agreements).toEqual([['recent']]);
    expect(application.selection.wanted).toEqual({ hears: 'es', reads: 'es' });
    expect(application.shown).toEqual({ hears: 'es', reads: 'es' });
    expect(application.asked).toHaveLength(2);
  });

  it('takes what the application throws for a refusal, and has words of its own where there are none', async () => {
    const refusals: (string | undefined)[] = [];
    const selection = new LanguageSelection({
      choose: () => {
        throw undefined;
      },
      changed: () => undefined,
      agreed: () => undefined,
      refused: (reason) => refusals.push(reason?.message),
    });
    selection.show(BOTH);
    selection.select({ hears: 'es' });
    await expect.poll(() => refusals).toEqual([undefined, 'The language could not be changed.']);
    expect(selection.wanted).toEqual({ hears: 'original', reads: null });
  });

  it('lets the last choice stand when an earlier one is refused or agreed to after it', async () => {
    const { selection, answers, refusals, agreements } = new Application();
    selection.select({ hears: 'es' });
    selection.select({ hears: 'fr' });
    selection.select({ hears: 'ar' });
    answers[1]?.resolve('second');
    answers[0]?.reject(new Error('too late'));
    await expect.poll(() => agreements).toEqual(['second']);
    expect(selection.wanted.hears).toBe('ar');
    answers[2]?.reject(new Error('no'));
    await expect.poll(() => refusals.at(-1)).toBe('no');
    expect(selection.wanted).toEqual({ hears: 'fr', reads: 'fr' });
  });

  it('asks again for what was refused when it is chosen again', async () => {
    const { selection, answers, refusals, asked } = new Application();
    selection.select({ hears: 'es' });
    answers[0]?.reject(new Error('no'));
    await expect.poll(() => refusals.at(-1)).toBe('no');
    selection.select({ hears: 'es' });
    expect(asked).toHaveLength(2);
    expect(refusals.at(-1)).toBeUndefined();
  });

  it('keeps what was agreed to where what was added to it by a new element is refused', async () => {
    const { selection, answers, refusals } = new Application({ voices: true, captions: 'none' }, { hears: 'es' });
    answers[0]?.resolve(undefined);
    selection.show(BOTH);
    answers[1]?.reject(new Error('no captions'));
    await expect.poll(() => refusals.at(-1)).toBe('no captions');
    expect(selection.wanted).toEqual({ hears: 'es', reads: null });
  });

  it('takes back what was asked for when it is closed, and nothing where nothing was', () => {
    const { selection, asked } = new Application();
    selection.select({ hears: 'es' });
    selection.close();
    selection.close();
    expect(asked.slice(1)).toEqual([{ hears: 'original', reads: [] }]);
    const untouched = new Application();
    untouched.selection.close();
    expect(untouched.asked).toEqual([]);
  });

  it('asks and says nothing else after it is closed', async () => {
    const { selection, answers, refusals, asked } = new Application();
    selection.select({ hears: 'es' });
    selection.close();
    for (const { reject } of answers) reject(new Error('no'));
    await Promise.allSettled(answers.map(({ promise }) => promise));
    selection.select({ hears: 'fr' });
    expect(asked).toHaveLength(2);
    expect(refusals).toEqual([undefined]);
  });
});
