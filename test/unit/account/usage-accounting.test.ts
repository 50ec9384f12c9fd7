/** Notices of the account's usage accounting, in a time that the test sets. */

import { ApiError } from '@mediasoup-booth/protocol';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { BudgetCrossing, UsageAccounting, UsageAccountingOptions } from '../../../account/usage-accounting.ts';
import { DAY_MS, type StoredUsage } from '../../../account/usage-ledger.ts';
import { emptyTotals } from '../../../account/usage-totals.ts';
import { offline, qwen3 } from '../../../config/models.ts';
import { StartError } from '../../../config/start-error.ts';
import { noonMs, unbounded, usageAccountingWith } from '../../support/usage-accounting.ts';

const tokens = (total: number) => [
  {
    speaker: { id: 'ann', name: 'Ann' },
    language: 'es',
    sentMs: { speech: 1000, replayed: 0, silence: 0 },
    pictures: 0,
    tokens: { ...emptyTotals().tokens, inputAudio: total, total },
  },
];

describe('UsageAccounting', () => {
  beforeEach(() => void vi.useFakeTimers({ now: noonMs }));
  afterEach(() => {
    accounting?.close();
    vi.useRealTimers();
  });
  let accounting: UsageAccounting | undefined;
  const changes: (string | undefined)[] = [];
  const logged: string[] = [];
  const opened = (options: Partial<UsageAccountingOptions> = {}): UsageAccounting => {
    changes.length = 0;
    logged.length = 0;
    const line = (_: object, message: string) => logged.push(message);
    accounting = usageAccountingWith({
      nowMs: () => Date.now(),
      onNoticeChanged: (interpreter) => changes.push(interpreter),
      log: { info: line, warn: line } as never,
      ...options,
    });
    return accounting;
  };
  const daily = (dailyTokens: number, onExceeded: 'captions' | 'stop' = 'stop') => ({
    budget: { ...unbounded, dailyTokens, onExceeded },
  });

  it('counts what other servers use of the same budget, also when they tell of it later', () => {
    let others = 0;
    let changed = (): void => {};
    const saved: number[] = [];
    const shared = {
      others: () => ({ ...emptyTotals(), tokens: { ...emptyTotals().tokens, total: others } }),
      save: (_day: string, own: { tokens: { total: number } }) => saved.push(own.tokens.total),
      onChanged: (listener: () => void) => {
        changed = listener;
      },
    };
    const account = opened({ ...daily(1000), shared });
    account.report('hall', 'bot', tokens(300));
    expect(account.accountBudget).toMatchObject({ level: 'within', spent: { tokens: 300 } });
    others = 550;
    changed();
    expect(account.accountBudget).toMatchObject({ level: 'near', spent: { tokens: 850 } });
    account.report('hall', 'bot', tokens(150));
    expect(account.notice()?.level).toBe('reached');
    vi.advanceTimersByTime(2000);
    expect(saved.at(-1)).toBe(450);
    expect(account.roomUsage('hall').total.tokens).toBe(450);
  });

  it('tells each level that a budget reaches once, the lower first, and not again after a restart', () => {
    const crossed: string[] = [];
    const onBudgetCrossed = ({ level, interpreter, spent, budget }: BudgetCrossing) =>
      crossed.push(`${interpreter ?? 'account'} ${level} ${spent.tokens}/${budget.tokens}`);
    let stored: StoredUsage = [];
    const store = () => ({
      stored,
      save: (usage: StoredUsage) => {
        stored = structuredClone(usage);
      },
    });
    const account = opened({ ...daily(1000), onBudgetCrossed, store: store() });
    account.addInterpreter('bot', { tokens: 500 });
    account.report('hall', 'bot', tokens(450));
    account.report('hall', 'bot', tokens(200));
    account.report('hall', 'other', tokens(200));
    account.report('hall', 'other', tokens(10));
    account.close();
    const again = opened({ ...daily(1000), onBudgetCrossed, store: store() });
    again.report('hall', 'other', tokens(10));
    again.report('hall', 'other', tokens(200));
    vi.setSystemTime(noonMs + DAY_MS);
    again.checkDay();
    again.report('hall', 'other', tokens(2000));
    expect(crossed).toEqual([
      'bot near 450/500',
      'bot reached 650/500',
      'account near 850/1000',
      'account reached 1070/1000',
      'account near 2000/1000',
      'account reached 2000/1000',
    ]);
  });

  it('announces and logs the account budget once at 80 % and once at 100 %, for all rooms together', () => {
    const account = opened(daily(1000));
    for (const [room, used] of [
      ['hall', 500],
      ['attic', 299],
      ['attic', 1],
      ['hall', 100],
      ['hall', 100],
      ['hall', 100],
    ] as const)
      account.report(room, 'bot', tokens(used));
    expect(changes).toEqual([undefined, undefined]);
    expect(logged).toEqual([expect.stringContaining('80 %'), expect.stringContaining('used up')]);
    expect(account.notice()).toMatchObject({ level: 'reached', restraint: 'stop' });
  });

  it('counts what an interpreter’s predecessor has used elsewhere against its own budget alone', () => {
    const before = opened(daily(1000));
    before.addInterpreter('first', { tokens: 500 });
    before.report('hall', 'first', tokens(450));
    const used = before.usageOf('first');
    if (!used) throw new Error('nothing is known of the first');
    const account = opened(daily(1000));
    account.addInterpreter('second', { tokens: 500 });
    account.addEarlierUsage('second', used);
    expect(account.notice('second')).toMatchObject({ level: 'near' });
    expect(account.accountBudget.spent.tokens).toBe(0);
    account.report('hall', 'second', tokens(50));
    expect(account.notice('second')).toMatchObject({ level: 'reached' });
    expect(account.usageOf('nobody')).toBeUndefined();
  });

  it('resets all budgets at midnight (UTC)', () => {
    const intoTheMinuteMs = 17_345;
    vi.setSystemTime(noonMs + intoTheMinuteMs);
    const account = opened(daily(1000));
    account.addInterpreter('bot', { tokens: 500 });
    account.report('hall', 'bot', tokens(1000));
    expect(changes).toEqual([undefined, 'bot']);
    vi.advanceTimersByTime(DAY_MS / 2 - intoTheMinuteMs - 1);
    expect(account.notice('bot')).toBeDefined();
    vi.advanceTimersByTime(1);
    expect(account.notice('bot')).toBeUndefined();
    expect(changes).toEqual([undefined, 'bot', undefined, 'bot']);
    vi.advanceTimersByTime(DAY_MS);
    expect(changes).toHaveLength(4);
  });

  it('applies an interpreter budget to that interpreter alone', () => {
    const account = opened(daily(10_000, 'captions'));
    account.addInterpreter('one', { tokens: 100 });
    account.addInterpreter('two', { tokens: 100, onExceeded: 'stop' });
    account.report('hall', 'two', tokens(100));
    expect(changes).toEqual(['two']);
    expect(account.notice('two')).toMatchObject({ restraint: 'stop' });
    expect(account.notice('one')).toBeUndefined();
    account.report('hall', 'one', tokens(100));
    // As the account does it.
    expect(account.notice('one')).toMatchObject({ restraint: 'captions' });
    account.setBudget('two', { tokens: 1000 });
    expect(account.notice('two')).toBeUndefined();
    expect(changes).toEqual(['two', 'one', 'two']);
  });

  it('adds up interpreters that start and stop', () => {
    const account = opened();
    for (const id of ['one', 'two', 'three']) {
      account.addInterpreter(id, undefined);
      account.report('hall', id, tokens(10));
      account.removeInterpreter(id);
    }
    account.report('hall', 'by hand', tokens(5));
    expect(account.roomUsage('hall').total).toMatchObject({ tokens: 35, seconds: 4 });
    expect(account.roomUsage('hall').interpretations).toHaveLength(1);
  });

  it('keeps usage and announced levels over a restart', () => {
    let kept: StoredUsage = [];
    const memory = (stored: StoredUsage) => ({
      stored,
      save(usage: StoredUsage) {
        kept = usage;
      },
    });
    const before = opened({ ...daily(1000), store: memory([]) });
    before.report('hall', 'bot', tokens(900));
    vi.advanceTimersByTime(1000);
    expect(kept).toHaveLength(1);
    before.report('hall', 'bot', tokens(50));
    before.close();
    const after = opened({ ...daily(1000), store: memory(kept) });
    expect(after.roomUsage('hall').total.tokens).toBe(950);
    expect(after.notice()).toMatchObject({ level: 'near' });
    after.report('hall', 'bot', tokens(50));
    expect(changes).toEqual([undefined]);
    after.close();
    vi.setSystemTime(noonMs + DAY_MS);
    const tomorrow = opened({ ...daily(1000), store: memory(kept) });
    expect(tomorrow.notice()).toBeUndefined();
    expect(tomorrow.roomUsage('hall', '2026-03-26').total.tokens).toBe(1000);
    expect(() => tomorrow.roomUsage('hall', '2026-03-25')).toThrow(/no usage is stored of 2026-03-25/);
  });

  it('computes a budget of money from the prices', () => {
    const account = opened({ budget: { ...unbounded, dailyMoney: 0.5 } });
    account.report('hall', 'bot', tokens(399));
    expect(account.notice()).toBeUndefined();
    account.report('hall', 'bot', tokens(1));
    expect(account.notice()).toMatchObject({ level: 'near' });
    account.report('hall', 'bot', tokens(100));
    expect(account.notice()).toMatchObject({ level: 'reached' });
  });

  it('refuses a budget of money if prices are not known, and says what to do', () => {
    const budget = { ...unbounded, dailyMoney: 1 };
    expect(() => opened({ pricing: undefined, budget })).toThrow(StartError);
    expect(() => opened({ pricing: undefined, budget })).toThrow(/BOOTH_BUDGET_DAILY_MONEY.*BOOTH_BUDGET_DAILY_TOKENS/);
    const account = opened({ pricing: undefined, model: qwen3 });
    expect(() => account.addInterpreter('bot', { money: 1 })).toThrow(ApiError);
    expect(() => account.addInterpreter('bot', { money: 1 })).toThrow(/budget\.tokens/);
    account.addInterpreter('bot', { tokens: 1 });
    expect(() => account.setBudget('bot', { money: 1 })).toThrow(/budget\.tokens/);
  });

  it('has no budget for the offline engine', () => {
    const budget = { dailyMoney: 1, dailyTokens: 1, onExceeded: 'stop' } as const;
    const account = opened({ model: offline, pricing: 'free', budget });
    account.addInterpreter('bot', { money: 1, tokens: 1 });
    account.report('hall', 'bot', tokens(1e6));
    expect(account.notice('bot')).toBeUndefined();
    expect(account.roomUsage('hall').total).toMatchObject({ tokens: 1e6, money: 0 });
  });
});
