import { describe, expect, it } from 'vitest';
import { accountBudget, describeBudget } from '../../../cli/account-budget.ts';
import { offline, qwen3 } from '../../../config/models.ts';

const unset = { dailyMoney: 0, dailyTokens: 'auto', onExceeded: 'captions' } as const;

describe('the daily budget', () => {
  it('is there where nothing is configured, and gone where somebody wants none', () => {
    expect(accountBudget(unset).dailyTokens).toBe(400_000);
    expect(accountBudget({ ...unset, dailyTokens: 0 })).toMatchObject({ dailyTokens: 0, dailyMoney: 0 });
  });

  it('is in money alone where money is configured, and in both where both are', () => {
    expect(accountBudget({ ...unset, dailyMoney: 50 })).toMatchObject({ dailyMoney: 50, dailyTokens: 0 });
    expect(accountBudget({ ...unset, dailyMoney: 50, dailyTokens: 7 })).toMatchObject({
      dailyMoney: 50,
      dailyTokens: 7,
    });
  });

  it('is told with the setting that changes it, and what it is good for', () => {
    expect(describeBudget(accountBudget(unset), qwen3)).toMatch(
      /^Daily budget: 400000 tokens \(BOOTH_BUDGET_DAILY_TOKENS, about 4\.\d hours .*go on without voices.*0 sets no limit/,
    );
    expect(describeBudget(accountBudget({ ...unset, dailyMoney: 5, onExceeded: 'stop' }), qwen3)).toMatch(
      /^Daily budget: 5 .*BOOTH_BUDGET_DAILY_MONEY.*interpretation pauses/,
    );
    expect(describeBudget(accountBudget({ ...unset, dailyTokens: 0 }), qwen3)).toMatch(/no daily budget.*BOOTH_BUDGET/);
    expect(describeBudget(accountBudget(unset), offline)).toBeUndefined();
  });
});
