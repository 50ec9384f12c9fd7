/**
 * One budget and what has been spent of it today. A level is told once a day, upwards; a new day, or a raised budget, makes
 * room again. Pure: days are passed in, and money is reckoned by the prices that were passed in.
 */
import { cost, type Pricing } from '../config/prices.ts';
import type { BudgetNotice, OnBudgetExceeded, UsageTotals } from '../protocol/usage.ts';
import { addTotals, emptyTotals } from './usage-ledger.ts';

export interface BudgetLimit {
  /** In the currency of the prices. */
  money?: number | undefined;
  tokens?: number | undefined;
  onExceeded: OnBudgetExceeded;
}

export interface Spent {
  tokens: number;
  /** Undefined: not known. */
  money: number | undefined;
}

export type BudgetLevel = 'within' | BudgetNotice['level'];

const NEAR = 0.8;
/** Pictures help; what is said is what matters. */
const MOST_FOR_PICTURES = 0.5;
/** A sum of fractions may lie so far below what it should be. */
const HAIR = 1e-9;

export class DailyBudget {
  readonly #pricing: Pricing;
  #budget: BudgetLimit | undefined;
  #day: string;
  #usage: UsageTotals;
  #level: BudgetLevel = 'within';
  #picturesExhausted = false;

  /** @param taken what was spent that day already */
  constructor(budget: BudgetLimit | undefined, pricing: Pricing, day: string, taken: UsageTotals = emptyTotals()) {
    this.#budget = budget;
    this.#pricing = pricing;
    this.#day = day;
    this.#usage = taken;
    this.#update();
  }

  get level(): BudgetLevel {
    return this.#level;
  }

  /** As much as may goes into pictures has gone. */
  get picturesExhausted(): boolean {
    return this.#picturesExhausted;
  }

  get budget(): BudgetLimit | undefined {
    return this.#budget;
  }

  get spent(): Spent {
    return spentOf(this.#usage, this.#pricing);
  }

  /** These three return whether the level has changed, or what may be looked at. */
  addUsage(taken: UsageTotals, day: string): boolean {
    this.#setDay(day);
    addTotals(this.#usage, taken);
    return this.#update();
  }

  setLimit(budget: BudgetLimit | undefined, day: string): boolean {
    this.#setDay(day);
    this.#budget = budget;
    return this.#update();
  }

  /** It may be another day. */
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
    const before = { level: this.#level, spares: this.#picturesExhausted };
    const { inputImage } = this.#usage.tokens;
    const forPictures = { tokens: inputImage, money: cost({ inputImage }, this.#pricing) };
    this.#level = levelOf(this.#budget, this.spent);
    this.#picturesExhausted = shareOf(this.#budget, forPictures) >= MOST_FOR_PICTURES;
    return this.#level !== before.level || this.#picturesExhausted !== before.spares;
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

const shareOf = (budget: BudgetLimit | undefined, { tokens, money }: Spent): number =>
  Math.max(used(tokens, budget?.tokens), used(money ?? 0, budget?.money)) + HAIR;

const used = (spent: number, budget: number | undefined): number => (budget === undefined ? 0 : spent / budget);

/** What people and interpreters are told of all the budgets that bound them: the strictest counts. */
export function budgetNotice(
  purses: readonly Pick<DailyBudget, 'level' | 'budget' | 'picturesExhausted'>[],
): BudgetNotice | undefined {
  const onExceeded = (level: BudgetLevel): OnBudgetExceeded[] =>
    purses.flatMap((purse) => (purse.level === level && purse.budget ? [purse.budget.onExceeded] : []));
  const [reached, near] = [onExceeded('reached'), onExceeded('near')];
  if (reached.length > 0) {
    const restraint = strictest(reached);
    return { level: 'reached', restraint, message: reachedWords[restraint] };
  }
  const spares = purses.some(({ picturesExhausted: sparesPictures }) => sparesPictures);
  const words = [...(near.length > 0 ? [nearWords[strictest(near)]] : []), ...(spares ? [picturesWords] : [])];
  if (words.length === 0) return undefined;
  const level = near.length > 0 ? 'near' : 'within';
  return { level, restraint: spares ? 'pictures' : 'none', message: words.join(' ') };
}

const strictest = (some: readonly OnBudgetExceeded[]): OnBudgetExceeded =>
  some.includes('stop') ? 'stop' : 'captions';

const nearWords: Record<OnBudgetExceeded, string> = {
  captions: "80 % of today's budget for interpretation are used. When all of it is, captions go on without voices.",
  stop: "80 % of today's budget for interpretation are used. When all of it is, interpretation stops until tomorrow.",
};
const picturesWords =
  "Half of today's budget for interpretation went into pictures: interpreters look at no more until midnight (UTC) or until the host raises it.";
const reachedWords: Record<OnBudgetExceeded, string> = {
  captions:
    "Today's budget for interpretation is used up: captions go on, without voices, until midnight (UTC) or until the host raises it.",
  stop: "Today's budget for interpretation is used up: it goes on after midnight (UTC), or when the host raises it. The meeting goes on.",
};
