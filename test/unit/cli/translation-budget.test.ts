/** The day's budget, as a command keeps it. */
import { describe, expect, it, vi } from 'vitest';
import { DAY_MS, type StoredUsage } from '../../../account/usage-ledger.ts';
import { TranslationBudget } from '../../../cli/translation-budget.ts';

const NOON = Date.UTC(2026, 2, 26, 12);

/** A file of the data folder, in which others count as well. */
function stage({ dailyTokens = 1000, dailyMoney = 0, pricing = undefined as undefined | 'free' } = {}) {
  const file: { stored: StoredUsage } = { stored: [] };
  const time = { nowMs: NOON };
  const onReached = vi.fn();
  const open = () =>
    new TranslationBudget({
      ...{ model: { id: 'qwen3' }, pricing, onReached, nowMs: () => time.nowMs },
      budget: { dailyMoney, dailyTokens, onExceeded: 'captions' },
      openStore: () => ({
        stored: structuredClone(file.stored),
        save: async (usage) => {
          await Promise.resolve();
          file.stored = structuredClone(usage);
        },
      }),
    });
  const used = () => file.stored.flatMap(({ entries }) => entries.map(({ tokens }) => tokens.total));
  return { open, used, time, onReached };
}

const sent = { speechMs: 1000, pictures: 0 };

describe('the budget of a translation', () => {
  it('counts what each language uses, and tells once that it is used up', async () => {
    const { open, used, onReached } = stage();
    const budget = open();
    budget.report('es', { total: 400 }, sent);
    budget.report('fr', { total: 500 }, sent);
    await budget.settled();
    expect(used()).toEqual([400, 500]);
    expect(onReached).not.toHaveBeenCalled();
    budget.report('es', { total: 100 }, sent);
    budget.report('es', { total: 100 }, sent);
    await budget.settled();
    expect(onReached).toHaveBeenCalledTimes(1);
    expect(budget.isReached).toBe(true);
  });

  it('counts together with another command that runs at the same time', async () => {
    const { open, onReached } = stage();
    const [one, other] = [open(), open()];
    one.report('es', { total: 600 }, sent);
    await one.settled();
    other.report('fr', { total: 600 }, sent);
    await other.settled();
    expect(onReached).toHaveBeenCalledTimes(1);
    expect(other.isReached).toBe(true);
  });

  it('lets nothing begin when it is used up, until the next day', async () => {
    const { open, time } = stage();
    const budget = open();
    budget.report('es', { total: 1000 }, sent);
    await budget.settled();
    expect(open).toThrow(
      /^today's budget for translation is used up \(1000 tokens, BOOTH_BUDGET_DAILY_TOKENS\): begin after midnight/,
    );
    time.nowMs += DAY_MS;
    expect(open().isReached).toBe(false);
  });

  it('has no room for pictures after half of it went into them, nor when four fifths are used', async () => {
    for (const tokens of [{ inputImage: 500, total: 500 }, { total: 800 }]) {
      const budget = stage().open();
      expect(budget.affordsPictures).toBe(true);
      budget.report('es', tokens, { speechMs: 0, pictures: 1 });
      await budget.settled();
      expect(budget.affordsPictures).toBe(false);
      expect(budget.isReached).toBe(false);
    }
  });

  it('bounds nothing where nothing costs anything, or no bound is set', async () => {
    for (const given of [{ pricing: 'free' as const }, { dailyTokens: 0 }]) {
      const budget = stage(given).open();
      budget.report('es', { total: 1_000_000 }, sent);
      await budget.settled();
      expect(budget.isReached).toBe(false);
    }
  });

  it('of money needs prices', () => {
    expect(stage({ dailyMoney: 5 }).open).toThrow(
      /^BOOTH_BUDGET_DAILY_MONEY: what qwen3 costs .*BOOTH_BUDGET_DAILY_TOKENS/,
    );
  });
});
