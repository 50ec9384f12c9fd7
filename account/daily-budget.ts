/**
 * One budget for a day, and how much of it is used. The level only rises during a day, unless the budget is raised; a new day resets it.
 * No timers: callers pass the day in, and money is computed from the prices that are passed in.
 */

import type { BudgetNotice, OnBudgetExceeded, UsageTotals } from '@mediasoup-booth/protocol';
import { cost, type Pricing } from '../config/prices.ts';
import { addTotals, emptyTotals } from './usage-totals.ts';

export interface BudgetLimit {
  /** The limit in the currency of the price list. */
  money?: number | undefined;
  tokens?: number | undefined;
  onExceeded: OnBudgetExceeded;
}

export interface Spent {
  tokens: number;
  /** Undefined if the prices are not known. */
  money: number | undefined;
}

export type BudgetLevel = 'within' | BudgetNotice['level'];

/** The share of the budget at which people are warned. */
const NEAR = 0.8;
/** The share of the budget that pictures may use: they help, but speech comes first. */
const MAX_PICTURE_SHARE = 0.5;
/** Allows for rounding: a sum of fractions may be slightly too small. */
const ROUNDING = 1e-9;

export class DailyBudget {
  readonly #pricing: Pricing;
  #budget: BudgetLimit | undefined;
  #day: string;
  #usage: UsageTotals;
  #level: BudgetLevel = 'within';
  #picturesExhausted = false;

  /** @param usage what was used that day already */
  constructor(budget: BudgetLimit | undefined, pricing: Pricing, day: string, usage: UsageTotals = emptyTotals()) {
    this.#budget = budget;
    this.#pricing = pricing;
    this.#day = day;
    this.#usage = usage;
    this.#update();
  }

  get level(): BudgetLevel {
    return this.#level;
  }

  /** Pictures have used the share that they may. */
  get picturesExhausted(): boolean {
    return this.#picturesExhausted;
  }

  get budget(): BudgetLimit | undefined {
    return this.#budget;
  }

  /** The usage of that day so far. */
  get usage(): UsageTotals {
    return this.#usage;
  }

  /** The share of the budget that is used, from 0 to 1 and beyond; 0 where there is no limit. */
  get usedShare(): number {
    return usedShare(this.#budget, this.spent);
  }

  get spent(): Spent {
    return spentOf(this.#usage, this.#pricing);
  }

  /** @returns whether the level, or whether pictures may be used, has changed */
  addUsage(usage: UsageTotals, day: string): boolean {
    this.#setDay(day);
    addTotals(this.#usage, usage);
    return this.#update();
  }

  /** Replaces what was used that day, where others add to it, too. @returns as `addUsage` */
  setUsage(usage: UsageTotals, day: string): boolean {
    this.#setDay(day);
    this.#usage = usage;
    return this.#update();
  }

  /** @returns as `addUsage` */
  setLimit(budget: BudgetLimit | undefined, day: string): boolean {
    this.#setDay(day);
    this.#budget = budget;
    return this.#update();
  }

  /** Resets the usage if `day` is another day. @returns as `addUsage` */
  startDay(day: string): boolean {
    this.#setDay(day);
    return this.#update();
  }

  #setDay(day: string): void {
    if (day === this.#day) return;
    this.#day = day;
    this.#usage = emptyTotals();
  }

  #update(): boolean {
    const before = { level: this.#level, picturesExhausted: this.#picturesExhausted };
    const { inputImage } = this.#usage.tokens;
    const forPictures = { tokens: inputImage, money: cost({ inputImage }, this.#pricing) };
    this.#level = levelOf(this.#budget, this.spent);
    this.#picturesExhausted = shareOf(this.#budget, forPictures) >= MAX_PICTURE_SHARE;
    return this.#level !== before.level || this.#picturesExhausted !== before.picturesExhausted;
  }
}

export const spentOf = ({ tokens }: UsageTotals, pricing: Pricing): Spent => ({
  tokens: tokens.total,
  money: cost(tokens, pricing),
});

export function levelOf(budget: BudgetLimit | undefined, spent: Spent): BudgetLevel {
  const share = shareOf(budget, spent);
  return share >= 1 ? 'reached' : share >= NEAR ? 'near' : 'within';
}

const usedShare = (budget: BudgetLimit | undefined, { tokens, money }: Spent): number =>
  Math.max(used(tokens, budget?.tokens), used(money ?? 0, budget?.money));

const shareOf = (budget: BudgetLimit | undefined, spent: Spent): number => usedShare(budget, spent) + ROUNDING;

const used = (spent: number, budget: number | undefined): number => (budget === undefined ? 0 : spent / budget);

/**
 * The notice for people and interpreters about all budgets that apply to them: the strictest counts.
 * @returns undefined while all budgets have room
 */
export function budgetNotice(
  budgets: readonly Pick<DailyBudget, 'level' | 'budget' | 'picturesExhausted'>[],
): BudgetNotice | undefined {
  const onExceeded = (level: BudgetLevel): OnBudgetExceeded[] =>
    budgets.flatMap((daily) => (daily.level === level && daily.budget ? [daily.budget.onExceeded] : []));
  const [reached, near] = [onExceeded('reached'), onExceeded('near')];
  if (reached.length > 0) {
    const restraint = strictest(reached);
    return { level: 'reached', restraint, message: reachedWords[restraint] };
  }
  const noPictures = budgets.some(({ picturesExhausted }) => picturesExhausted);
  const words = [...(near.length > 0 ? [nearWords[strictest(near)]] : []), ...(noPictures ? [picturesWords] : [])];
  if (words.length === 0) return undefined;
  const level = near.length > 0 ? 'near' : 'within';
  return { level, restraint: noPictures ? 'pictures' : 'none', message: words.join(' ') };
}

const strictest = (some: readonly OnBudgetExceeded[]): OnBudgetExceeded =>
  some.includes('stop') ? 'stop' : 'captions';

const nearWords: Record<OnBudgetExceeded, string> = {
  captions:
    "80 % of today's budget for interpretation is used. Once all of it is used, captions continue without voices.",
  stop: "80 % of today's budget for interpretation is used. Once all of it is used, interpretation stops until tomorrow.",
};
const picturesWords =
  "Half of today's budget for interpretation went into pictures: interpreters are shown no more pictures until midnight (UTC), or until the budget is raised.";
const reachedWords: Record<OnBudgetExceeded, string> = {
  captions:
    "Today's budget for interpretation is used up: captions continue without voices until midnight (UTC), or until the budget is raised.",
  stop: "Today's budget for interpretation is used up: interpretation continues after midnight (UTC), or when the budget is raised. The meeting itself continues.",
};
