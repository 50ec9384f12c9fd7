/**
 * Counts what the account's interpreters use, against the budget of the account and those of single interpreters. Each budget is logged
 * and announced once at 80 % and once at 100 %; all are reset at midnight (UTC). Usage survives a restart, except for the last second.
 */

import {
  type AccountUsage,
  ApiError,
  type BudgetNotice,
  type InterpreterBudget,
  type OnBudgetExceeded,
  type RoomUsage,
  type UsageEntry,
  type UsageTotals,
} from '@mediasoup-booth/protocol';
import type { Model } from '../config/models.ts';
import type { Pricing } from '../config/prices.ts';
import { StartError } from '../config/start-error.ts';
import type { Logger } from '../logging/logger.ts';
import { type BudgetLevel, type BudgetLimit, budgetNotice, DailyBudget, type Spent } from './daily-budget.ts';
import { DAY_MS, type StoredUsage, UsageLedger } from './usage-ledger.ts';
import { addTotals } from './usage-totals.ts';
import { accountUsage, roomUsage } from './usage-view.ts';

/** Stores usage over a restart. */
export interface UsageStore {
  /** The usage saved before the restart. */
  readonly stored: StoredUsage;
  save(usage: StoredUsage): void;
}

/** The usage that all servers of one account share, so that a budget binds them together. */
export interface SharedUsage {
  /** The usage of the other servers on a day, as far as it is known; while none of it is known, the most that it may be. @param own the usage of this server */
  others(day: string, own: UsageTotals): UsageTotals;
  /** Tells the others what this one has used on a day, in all. */
  save(day: string, own: UsageTotals): void;
  /** Calls `listener` when what the others have used has changed. */
  onChanged(listener: () => void): void;
}

/** The account's budget for a day; 0: no limit. */
export interface AccountBudget {
  dailyMoney: number;
  dailyTokens: number;
  onExceeded: OnBudgetExceeded;
}

/** The limit of a day; without money or tokens, it limits nothing. */
export const dailyLimit = ({ dailyMoney, dailyTokens, onExceeded }: AccountBudget): BudgetLimit => ({
  money: dailyMoney || undefined,
  tokens: dailyTokens || undefined,
  onExceeded,
});

/** How much of a budget is used, and of which. */
export interface BudgetState {
  level: BudgetLevel;
  /** The day of the budget in UTC, as `2026-03-26`. */
  day: string;
  spent: Spent;
  /** Undefined: no limit. */
  budget: BudgetLimit | undefined;
}

/** A budget was used up to 80 %, or to the end. */
export interface BudgetCrossing extends BudgetState {
  level: Exclude<BudgetLevel, 'within'>;
  budget: BudgetLimit;
  /** Undefined: the account's. */
  interpreter: string | undefined;
}

export interface UsageAccountingOptions {
  model: Model;
  pricing: Pricing;
  budget: AccountBudget;
  store?: UsageStore | undefined;
  /** The usage of other servers with the same budget. Default: there are none. */
  shared?: SharedUsage | undefined;
  /** Milliseconds since 1970. */
  nowMs(): number;
  /** `notice` has changed: for this interpreter, or without one for all. */
  onNoticeChanged(interpreter?: string): void;
  /** Called once a day for each level that a budget reaches, the lower first. */
  onBudgetCrossed?(crossing: BudgetCrossing): void;
  log: Pick<Logger, 'info' | 'warn'>;
}

const levels: readonly BudgetLevel[] = ['within', 'near', 'reached'];

const SAVE_WITHIN_MS = 1000;
/** The day is checked this often even before midnight, because a computer that slept may wake up on another day. */
const CHECK_DAY_EVERY_MS = 60_000;

export class UsageAccounting {
  readonly #options: UsageAccountingOptions;
  readonly #ledger: UsageLedger;
  readonly #account: DailyBudget;
  /** The budgets of the running interpreters, at most one for each room. */
  readonly #interpreterBudgets = new Map<string, DailyBudget>();
  /** The level of each budget that was announced last. */
  readonly #announced = new WeakMap<DailyBudget, BudgetLevel>();
  #saveTimer: ReturnType<typeof setTimeout> | undefined;
  #dayTimer: ReturnType<typeof setTimeout> | undefined;

  /** @throws {StartError} for a budget of money if prices are not known */
  constructor(options: UsageAccountingOptions) {
    const { model, pricing, budget, store, nowMs } = options;
    if (budget.dailyMoney > 0 && !pricing)
      throw new StartError(unpriced(model, 'BOOTH_BUDGET_DAILY_MONEY', 'BOOTH_BUDGET_DAILY_TOKENS'));
    this.#options = options;
    this.#ledger = new UsageLedger(store?.stored ?? [], nowMs());
    const day = this.#ledger.today(nowMs());
    this.#account = new DailyBudget(this.#applicable(dailyLimit(budget)), pricing, day, this.#ledger.total(day));
    this.#announced.set(this.#account, this.#account.level);
    options.shared?.onChanged(() => {
      if (this.#countOthers()) this.#announce(this.#account);
    });
    this.#countOthers();
    this.#awaitTomorrow();
  }

  /** Adds what an interpreter reported. */
  report(room: string, interpreter: string, entries: readonly UsageEntry[]): void {
    const nowMs = this.#options.nowMs();
    this.#ledger.add(room, entries, nowMs);
    const day = this.#ledger.today(nowMs);
    const budget = this.#interpreterBudgets.get(interpreter);
    let [mine, all] = [false, false];
    for (const usage of entries) {
      all = this.#account.addUsage(usage, day) || all;
      mine = budget?.addUsage(usage, day) || mine;
    }
    all = this.#countOthers() || all;
    if (all) this.#announce(this.#account);
    if (mine && budget) this.#announce(budget, interpreter);
    this.#saveSoon();
  }

  /** Adds an interpreter that starts. @throws {ApiError} `invalid` for a budget of money if prices are not known */
  addInterpreter(interpreter: string, budget: InterpreterBudget | undefined): void {
    const day = this.#ledger.today(this.#options.nowMs());
    this.#interpreterBudgets.set(
      interpreter,
      new DailyBudget(this.#applicable(this.#daily(budget)), this.#options.pricing, day),
    );
  }

  /** Changes the budget of a running interpreter. @throws {ApiError} `invalid` for a budget of money if prices are not known */
  setBudget(interpreter: string, budget: InterpreterBudget | undefined): void {
    const daily = this.#applicable(this.#daily(budget));
    const current = this.#interpreterBudgets.get(interpreter);
    const changed = current?.setLimit(daily, this.#ledger.today(this.#options.nowMs()));
    if (current && changed) this.#announce(current, interpreter);
  }

  /** An interpreter's usage of today, of its own budget; undefined: it is not here. */
  usageOf(interpreter: string): UsageTotals | undefined {
    return this.#interpreterBudgets.get(interpreter)?.usage;
  }

  /** Counts what was used elsewhere, and is accounted for there, against the interpreter's own budget: it has taken over from another. */
  addEarlierUsage(interpreter: string, usage: UsageTotals): void {
    const budget = this.#interpreterBudgets.get(interpreter);
    if (budget?.addUsage(usage, this.#ledger.today(this.#options.nowMs()))) this.#announce(budget, interpreter);
  }

  removeInterpreter(interpreter: string): void {
    this.#interpreterBudgets.delete(interpreter);
  }

  /** The used share of the account's budget, from 0 to 1 and beyond; 0 where there is none. */
  get budgetUsed(): number {
    return this.#account.usedShare;
  }

  /** The notice about the budgets of an interpreter, or without one about the account's; undefined while they have room. */
  notice(interpreter?: string): BudgetNotice | undefined {
    const budget = interpreter === undefined ? undefined : this.#interpreterBudgets.get(interpreter);
    return budgetNotice(budget ? [this.#account, budget] : [this.#account]);
  }

  /** How much of the account's budget is used today. */
  get accountBudget(): BudgetState {
    return { ...stateOf(this.#account), day: this.#ledger.today(this.#options.nowMs()) };
  }

  /** @param day `2026-03-26`; default: today. @throws {ApiError} `notFound` for a day that is not stored */
  roomUsage(room: string, day?: string): RoomUsage {
    const { model, pricing } = this.#options;
    const known = this.#dayNamed(day);
    const entries = this.#ledger.entries(known, room);
    return roomUsage({ room, day: known, entries }, model, pricing);
  }

  /** @param day `2026-03-26`; default: today. @throws {ApiError} `notFound` for a day that is not stored */
  accountUsage(day?: string): AccountUsage {
    const { model, pricing } = this.#options;
    const known = this.#dayNamed(day);
    const [rooms, total] = [this.#ledger.rooms(known), this.#ledger.total(known)];
    return accountUsage({ day: known, rooms, total }, model, pricing);
  }

  /** Resets the budgets if another day has begun. It is also called by a timer at midnight. */
  checkDay(): void {
    const day = this.#ledger.today(this.#options.nowMs());
    if (this.#account.startDay(day)) this.#announce(this.#account);
    for (const [interpreter, budget] of this.#interpreterBudgets)
      if (budget.startDay(day)) this.#announce(budget, interpreter);
    clearTimeout(this.#dayTimer);
    this.#awaitTomorrow();
  }

  close(): void {
    clearTimeout(this.#dayTimer);
    this.#save();
  }

  /** Sets the account's usage to what all servers have used. @returns whether its level has changed */
  #countOthers(): boolean {
    const { shared, nowMs } = this.#options;
    if (!shared) return false;
    const day = this.#ledger.today(nowMs());
    const own = this.#ledger.total(day);
    const total = structuredClone(own);
    addTotals(total, shared.others(day, own));
    return this.#account.setUsage(total, day);
  }

  #dayNamed(day: string | undefined): string {
    const today = this.#ledger.today(this.#options.nowMs());
    if (day === undefined || this.#ledger.has(day)) return day ?? today;
    throw new ApiError(
      'notFound',
      `no usage is stored of ${day.slice(0, 10)}: only of today (${today}, UTC) and the day before`,
    );
  }

  #daily(budget: InterpreterBudget | undefined): BudgetLimit | undefined {
    const { model, pricing } = this.#options;
    if (budget?.money !== undefined && !pricing)
      throw new ApiError('invalid', unpriced(model, 'budget.money', 'budget.tokens'));
    return budget && { ...budget, onExceeded: budget.onExceeded ?? this.#options.budget.onExceeded };
  }

  /** A model that costs nothing has no budget. */
  #applicable(budget: BudgetLimit | undefined): BudgetLimit | undefined {
    return this.#options.pricing === 'free' ? undefined : budget;
  }

  #announce(daily: DailyBudget, interpreter?: string): void {
    const { log, onNoticeChanged } = this.#options;
    const { level, spent, budget } = daily;
    const fields = { scope: interpreter === undefined ? 'account' : 'interpreter', interpreter, spent, budget };
    if (level === 'within' && daily.picturesExhausted) log.warn(fields, 'daily budget: half used by pictures');
    else if (level === 'within') log.info(fields, 'daily budget: has room again');
    else if (level === 'near') log.warn(fields, 'daily budget: 80 % used');
    else log.warn(fields, 'daily budget: used up');
    onNoticeChanged(interpreter);
    this.#announceCrossings(daily, interpreter);
  }

  #announceCrossings(daily: DailyBudget, interpreter: string | undefined): void {
    const { level, spent, budget } = daily;
    const before = this.#announced.get(daily) ?? 'within';
    this.#announced.set(daily, level);
    if (!budget) return;
    const day = this.#ledger.today(this.#options.nowMs());
    for (const crossed of levels.slice(levels.indexOf(before) + 1, levels.indexOf(level) + 1))
      if (crossed !== 'within') this.#options.onBudgetCrossed?.({ level: crossed, day, spent, budget, interpreter });
  }

  #awaitTomorrow(): void {
    const untilMs = DAY_MS - (this.#options.nowMs() % DAY_MS);
    this.#dayTimer = setTimeout(() => this.checkDay(), Math.min(untilMs, CHECK_DAY_EVERY_MS)).unref();
  }

  #saveSoon(): void {
    this.#saveTimer ??= setTimeout(() => this.#save(), SAVE_WITHIN_MS).unref();
  }

  #save(): void {
    if (!this.#saveTimer) return;
    clearTimeout(this.#saveTimer);
    this.#saveTimer = undefined;
    this.#options.store?.save(this.#ledger.stored);
    const day = this.#ledger.today(this.#options.nowMs());
    this.#options.shared?.save(day, this.#ledger.total(day));
  }
}

const stateOf = ({ level, spent, budget }: DailyBudget): Omit<BudgetState, 'day'> => ({ level, spent, budget });

/** Why a budget of money cannot be kept; `money` and `tokens` name its settings. */
export const unpriced = ({ id }: Pick<Model, 'id'>, money: string, tokens: string): string =>
  `${money}: what ${id} costs at its endpoint is not known to Booth, so a budget of money cannot be kept. Set one of tokens: ${tokens}.`;
