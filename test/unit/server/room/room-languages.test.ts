import { describe, expect, it } from 'vitest';
import { fitting } from '../../../../server/room/room-languages.ts';

const choice = (hears: string, ...reads: string[]) => ({ hears, reads });

describe('the languages of a room', () => {
  it.each([
    ['fit while there are fewer than may be', choice('es', 'fr'), [choice('de')]],
    ['fit where others have chosen them already', choice('es', 'de'), [choice('es', 'de', 'fr')]],
    ['are counted once', choice('es', 'es'), [choice('de', 'de'), choice('fr')]],
    ['do not count the original', choice('original', 'original', 'es'), [choice('original'), choice('de', 'fr')]],
  ])('%s', (_what, wanted, others) => {
    expect(fitting(wanted, others, 3)).toEqual({ choice: wanted });
  });

  it('that are too many are left out, and the reason names those that may be chosen', () => {
    const { choice: left, error } = fitting(choice('es', 'it', 'original', 'de'), [choice('fr'), choice('de')], 3);
    expect(left).toEqual(choice('es', 'original', 'de'));
    expect(error).toMatchObject({ code: 'tooManyLanguages', message: expect.stringMatching(/\(de, fr\), and 3 are/) });
    expect(fitting(choice('it'), [choice('fr'), choice('de', 'es')], 3).choice).toEqual(choice('original'));
  });
});
