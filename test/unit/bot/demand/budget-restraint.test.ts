/** What an interpreter does and says when a budget is near its end. */

import type { BudgetNotice } from '@mediasoup-booth/protocol';
import { describe, expect, it } from 'vitest';
import { listener, person } from '../../../../bench/support/views.ts';
import { affordable, restrainedState } from '../../../../bot/demand/budget-restraint.ts';
import { demand } from '../../../../bot/demand/demand.ts';
import { qwen3 } from '../../../../config/models.ts';

const notice = (restraint: BudgetNotice['restraint']): BudgetNotice => ({
  level: restraint === 'none' ? 'near' : 'reached',
  restraint,
  message: `budget: ${restraint}`,
});
const people = [person('ann'), listener('l', { hears: 'es', reads: ['fr', 'en'] }), listener('m', { reads: ['tlh'] })];
const everything = demand(people, { model: qwen3, languages: 'auto' });
const heard = (wanted: typeof everything.wanted) => wanted.map(({ target, audio }) => [target, audio]);

describe('affordable', () => {
  it('keeps all interpretations while the budget has room, or is only near its end', () => {
    expect(heard(everything.wanted)).toEqual([
      ['es', true],
      ['fr', false],
    ]);
    for (const some of [undefined, notice('none')])
      expect(affordable(everything, some)).toEqual({ ...everything, overBudget: [] });
  });

  it('keeps captions without voices where voices are too expensive', () => {
    const { wanted, overBudget, ...rest } = affordable(everything, notice('captions'));
    expect(wanted).toEqual(everything.wanted.map((one) => ({ ...one, audio: false })));
    expect(overBudget).toEqual([]);
    expect(rest).toEqual({ unavailable: everything.unavailable, listeners: everything.listeners });
  });

  it('keeps nothing where the budget stops, and lists what it has cost', () => {
    const { wanted, overBudget, unavailable } = affordable(everything, notice('stop'));
    expect(wanted).toEqual([]);
    expect(overBudget).toEqual(everything.wanted);
    expect(unavailable.map(({ target }) => target)).toEqual(['tlh']);
  });
});

describe('restrainedState', () => {
  it('is the state itself while there is room', () => {
    expect(restrainedState({ state: 'listening', message: undefined }, undefined)).toEqual({
      state: 'listening',
      message: undefined,
    });
  });

  it.each(['none', 'captions'] as const)('adds what the budget does to the state: %s', (restraint) => {
    expect(restrainedState({ state: 'listening', message: undefined }, notice(restraint))).toEqual({
      state: 'listening',
      message: `budget: ${restraint}`,
    });
    expect(restrainedState({ state: 'waiting', message: 'Waits 3 s.' }, notice(restraint)).message).toBe(
      `Waits 3 s. budget: ${restraint}`,
    );
  });

  it('is over budget where the budget stops, whatever the state', () => {
    for (const state of ['listening', 'translating', 'speaking', 'overBudget'] as const)
      expect(restrainedState({ state, message: undefined }, notice('stop'))).toEqual({
        state: 'overBudget',
        message: 'budget: stop',
      });
  });

  it('stays unavailable where a larger budget would not help', () => {
    const told = { state: 'unavailable', message: 'no' } as const;
    expect(restrainedState(told, notice('stop'))).toEqual(told);
  });
});
