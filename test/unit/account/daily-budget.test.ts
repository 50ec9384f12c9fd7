/** When a budget is near its end or used up, and that it is told once. */

import type { UsageTotals } from '@mediasoup-booth/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BudgetLimit, budgetNotice, DailyBudget, levelOf } from '../../../account/daily-budget.ts';
import { emptyTotals } from '../../../account/usage-totals.ts';
import { prices } from '../../support/usage-accounting.ts';

const tokens = (total: number) => ({
  ...emptyTotals(),
  tokens: { ...emptyTotals().tokens, inputAudio: total, total },
});
const of = (limit: Partial<BudgetLimit>, spent = 0, onExceeded: BudgetLimit['onExceeded'] = 'captions'): DailyBudget =>
  new DailyBudget({ ...limit, onExceeded }, prices, 'monday', tokens(spent));

describe('pictures', () => {
  const looked = (inputImage: number, speech: number): UsageTotals => ({
    ...emptyTotals(),
    tokens: { ...emptyTotals().tokens, inputImage, inputAudio: speech, total: inputImage + speech },
  });
  const budget = (taken: UsageTotals) =>
    new DailyBudget({ tokens: 100, onExceeded: 'captions' }, prices, 'monday', taken);

  it('are stopped when they have used half of a budget', () => {
    expect(budgetNotice([budget(looked(49, 20))])).toBeUndefined();
    expect(budgetNotice([budget(looked(50, 20))])).toMatchObject({ level: 'within', restraint: 'pictures' });
    expect(budgetNotice([budget(looked(50, 40))])).toMatchObject({
      level: 'near',
      restraint: 'pictures',
      message: expect.stringMatching(/80 %.*Half/),
    });
    expect(budgetNotice([budget(looked(50, 50))])).toMatchObject({ level: 'reached', restraint: 'captions' });
  });

  it('are allowed again the next day, or with a larger budget', () => {
    const spent = budget(emptyTotals());
    expect(spent.addUsage(looked(50, 0), 'monday')).toBe(true);
    expect(spent.picturesExhausted).toBe(true);
    expect(spent.setLimit({ tokens: 200, onExceeded: 'captions' }, 'monday')).toBe(true);
    expect(spent.picturesExhausted).toBe(false);
    expect(spent.addUsage(looked(60, 0), 'monday')).toBe(true);
    expect(spent.startDay('tuesday')).toBe(true);
    expect(spent.picturesExhausted).toBe(false);
  });
});

describe('the level of a budget', () => {
  it.each([
    [{ tokens: 100 }, 79, 'within'],
    [{ tokens: 100 }, 80, 'near'],
    [{ tokens: 100 }, 99, 'near'],
    [{ tokens: 100 }, 100, 'reached'],
    [{ tokens: 100 }, 5000, 'reached'],
    [{ money: 0.1 }, 79, 'within'],
    [{ money: 0.1 }, 80, 'near'],
    [{ money: 0.1 }, 100, 'reached'],
    [{ money: 1, tokens: 100 }, 100, 'reached'],
    [{ money: 0.1, tokens: 1000 }, 100, 'reached'],
    [{}, 1e9, 'within'],
  ] as const)('%j with %d tokens at a tenth of a cent each is %s', (limit, spent, level) => {
    expect(of(limit, spent).level).toBe(level);
  });

  it('is "within" without a budget, whatever is used', () => {
    expect(levelOf(undefined, { tokens: 1e12, money: 1e12 })).toBe('within');
  });
});

describe('DailyBudget', () => {
  it('reports each higher level once a day', () => {
    const spending = fc.array(fc.record({ spent: fc.nat(60), nextDay: fc.boolean() }), { maxLength: 40 });
    fc.assert(
      fc.property(spending, (steps) => {
        const budget = of({ tokens: 100 });
        let [day, spent] = [0, 0];
        let told: string[] = [];
        for (const step of steps) {
          if (step.nextDay) {
            const had = budget.level;
            day++;
            expect(budget.startDay(`day ${day}`)).toBe(had !== 'within');
            expect(budget.level).toBe('within');
            [spent, told] = [0, []];
          }
          spent += step.spent;
          const changed = budget.addUsage(tokens(step.spent), day === 0 ? 'monday' : `day ${day}`);
          const expected = spent >= 100 ? 'reached' : spent >= 80 ? 'near' : 'within';
          expect(budget.level).toBe(expected);
          if (changed) told.push(budget.level);
          expect(new Set(told).size).toBe(told.length);
          expect(told.at(-1) ?? 'within').toBe(expected);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('has room again when the limit is raised, and none when it is lowered', () => {
    const budget = of({ tokens: 100 }, 100);
    expect(budget.setLimit({ tokens: 200, onExceeded: 'stop' }, 'monday')).toBe(true);
    expect(budget.level).toBe('within');
    expect(budget.setLimit({ tokens: 50, onExceeded: 'stop' }, 'monday')).toBe(true);
    expect(budget.level).toBe('reached');
    expect(budget.setLimit(undefined, 'monday')).toBe(true);
    expect(budget.level).toBe('within');
    expect(budget.spent.tokens).toBe(100);
  });

  it('starts with the usage from before a restart, and does not report its level again', () => {
    const budget = of({ tokens: 100 }, 85);
    expect(budget.level).toBe('near');
    expect(budget.addUsage(tokens(1), 'monday')).toBe(false);
    expect(budget.addUsage(tokens(20), 'monday')).toBe(true);
  });
});

describe('budgetNotice', () => {
  it('is undefined while there is room', () => {
    expect(budgetNotice([of({ tokens: 100 }, 79), of({}, 1e9)])).toBeUndefined();
  });

  it('announces the consequence at 80 %, and reports it at 100 %', () => {
    expect(budgetNotice([of({ tokens: 100 }, 80, 'stop')])).toEqual({
      level: 'near',
      restraint: 'none',
      message: expect.stringMatching(/^80 %.*stops until tomorrow/),
    });
    expect(budgetNotice([of({ tokens: 100 }, 80)])?.message).toMatch(/captions continue without voices/);
    expect(budgetNotice([of({ tokens: 100 }, 100)])).toMatchObject({ level: 'reached', restraint: 'captions' });
    expect(budgetNotice([of({ tokens: 100 }, 100, 'stop')])).toMatchObject({
      restraint: 'stop',
      message: expect.stringMatching(/The meeting itself continues/),
    });
  });

  it('follows the strictest of several budgets', () => {
    const captions = of({ tokens: 100 }, 100);
    const stop = of({ tokens: 100 }, 100, 'stop');
    const near = of({ tokens: 100 }, 80, 'stop');
    for (const budgets of [
      [captions, stop],
      [stop, captions],
    ])
      expect(budgetNotice(budgets)?.restraint).toBe('stop');
    for (const budgets of [
      [captions, near],
      [near, captions],
    ])
      expect(budgetNotice(budgets)?.restraint).toBe('captions');
  });
});
