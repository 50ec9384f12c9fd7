/** What an interpreter does and says when a budget is near its end. */
import { describe, expect, it } from 'vitest';
import { listener, person } from '../../../../bench/support/views.ts';
import { affordable, restrainedState } from '../../../../bot/demand/budget-restraint.ts';
import { demand } from '../../../../bot/demand/demand.ts';
import { qwen3 } from '../../../../config/models.ts';
import type { BudgetNotice } from '../../../../protocol/usage.ts';

const notice = (restraint: BudgetNotice['restraint']): BudgetNotice => ({
  level: restraint === 'none' ? 'near' : 'reached',
  restraint,
  message: `budget: ${restraint}`,
});
const people = [person('ann'), listener('l', { hears: 'es', reads: ['fr', 'en'] }), listener('m', { reads: ['tlh'] })];
const everything = demand(people, { model: qwen3, languages: 'auto' });
const heard = (wanted: typeof everything.wanted) => wanted.map(({ target, audio }) => [target, audio]);

describe('of what is wanted', () => {
  it('there is everything while the budget has room, or is only near its end', () => {
    expect(heard(everything.wanted)).toEqual([
      ['es', true],
      ['fr', false],
    ]);
    for (const some of [undefined, notice('none')])
      expect(affordable(everything, some)).toEqual({ ...everything, overBudget: [] });
  });

  it('there are captions alone where voices are too much', () => {
    const { wanted, overBudget, ...rest } = affordable(everything, notice('captions'));
    expect(wanted).toEqual(everything.wanted.map((one) => ({ ...one, audio: false })));
    expect(overBudget).toEqual([]);
    expect(rest).toEqual({ unavailable: everything.unavailable, listeners: everything.listeners });
  });

  it('there is nothing where it stops, and what there is a way to is named', () => {
    const { wanted, overBudget, unavailable } = affordable(everything, notice('stop'));
    expect(wanted).toEqual([]);
    expect(overBudget).toEqual(everything.wanted);
    expect(unavailable.map(({ target }) => target)).toEqual(['tlh']);
  });
});

describe('people are told', () => {
  it('the state as it is while there is room', () => {
    expect(restrainedState({ state: 'listening', message: undefined }, undefined)).toEqual({
      state: 'listening',
      message: undefined,
    });
  });

  it.each(['none', 'captions'] as const)('the state and what the budget does to it: %s', (restraint) => {
    expect(restrainedState({ state: 'listening', message: undefined }, notice(restraint))).toEqual({
      state: 'listening',
      message: `budget: ${restraint}`,
    });
    expect(restrainedState({ state: 'waiting', message: 'Waits 3 s.' }, notice(restraint)).message).toBe(
      `Waits 3 s. budget: ${restraint}`,
    );
  });

  it('that it is over budget where it stops, whatever is still coming out', () => {
    for (const state of ['listening', 'translating', 'speaking', 'overBudget'] as const)
      expect(restrainedState({ state, message: undefined }, notice('stop'))).toEqual({
        state: 'overBudget',
        message: 'budget: stop',
      });
  });

  it('that it is unavailable where no money would help', () => {
    const told = { state: 'unavailable', message: 'no' } as const;
    expect(restrainedState(told, notice('stop'))).toEqual(told);
  });
});
