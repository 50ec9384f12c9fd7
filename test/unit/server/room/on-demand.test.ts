import { describe, expect, it } from 'vitest';
import { choices, LONGEST_RETRY_MS, launchDelayMs, RETRY_AFTER_MS } from '../../../../server/room/on-demand.ts';

const person = { id: 'ana', kind: 'person', hears: 'original', reads: [] as string[] } as const;

describe('what people choose', () => {
  it.each([
    ['nobody is there', []],
    ['everyone hears the original and reads nothing', [person, { ...person, id: 'ben' }]],
    ['only an interpreter wants something', [{ ...person, kind: 'interpreter', hears: 'es' } as const]],
  ])('is nothing where %s', (_where, participants) => {
    expect(choices(participants)).toBe('');
  });

  it.each([
    ['hears a language', { hears: 'es' }],
    ['reads a language', { reads: ['es'] }],
    ['reads the original', { reads: ['original'] }],
  ])('is something where someone %s', (_what, wish) => {
    expect(choices([person, { ...person, id: 'ben', ...wish }])).not.toBe('');
  });

  it('differs when somebody chooses another language, and not when somebody joins who chooses none', () => {
    const before = choices([{ ...person, hears: 'es' }]);
    expect(
      choices([
        { ...person, hears: 'es' },
        { ...person, id: 'ben' },
      ]),
    ).toBe(before);
    expect(choices([{ ...person, hears: 'fr' }])).not.toBe(before);
    expect(choices([{ ...person, hears: 'es', reads: ['es'] }])).not.toBe(before);
  });
});

describe('bringing an interpreter in', () => {
  const situation = {
    allowed: true,
    choices: 'ana hears es',
    requested: false,
    served: false,
    failed: undefined,
    nowMs: 100_000,
  };
  const failed = { atMs: 90_000, choices: 'ana hears es', launches: 1 };

  it.each([
    ['at once where someone wants one', {}, 0],
    ['not where the host does not allow it', { allowed: false }, undefined],
    ['not where nobody wants anything', { choices: '' }, undefined],
    ['not where somebody interprets already', { served: true }, undefined],
    ['30 s after a failure, though nobody chooses anew', { failed }, RETRY_AFTER_MS - 10_000],
    [
      'after twice as long where it has failed twice',
      { failed: { ...failed, launches: 2 } },
      2 * RETRY_AFTER_MS - 10_000,
    ],
    ['after 10 min where it has failed often', { failed: { ...failed, launches: 99 } }, LONGEST_RETRY_MS - 10_000],
    ['not again after a failure once nobody wants it', { failed, choices: '' }, undefined],
    [
      'for a host who requested the one that failed, whatever is chosen',
      { failed, requested: true, allowed: false, choices: '' },
      RETRY_AFTER_MS - 10_000,
    ],
    ['30 s after a failure, when somebody has chosen', { failed, choices: 'ben' }, RETRY_AFTER_MS - 10_000],
    ['at once when somebody chooses long after a failure', { failed, choices: 'ben', nowMs: 900_000 }, 0],
  ])('happens %s', (_when, change, afterMs) => {
    expect(launchDelayMs({ ...situation, ...change })).toBe(afterMs);
  });
});
