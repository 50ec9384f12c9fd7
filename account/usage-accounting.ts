/**
 * What the account's interpreters spend, and the budgets that bound it: the account's own, and those of single interpreters.
 * Each budget's 80 % and 100 % are logged and announced once; at midnight (UTC) all have room again. What was reported outlives a
 * restart, but for the last second.
 */
import type { Logger } from 'pino';
import type { Model } from '../config/models.ts';
import type { Pricing } from '../config/prices.ts';
import { StartError } from '../config/schema.ts';
import { ApiError } from '../protocol/api-error.ts';
import type { AccountUsage, InterpreterBudget, RoomUsage } from '../protocol/rest.ts';
import type { BudgetNotice, OnBudgetExceeded, UsageEntry } from '../protocol/usage.ts';
import { type BudgetLimit, budgetNotice, DailyBudget } from './daily-budget.ts';
import { DAY_MS, type StoredUsage, UsageLedger } from './usage-ledger.ts';
import { accountUsage, roomUsage } from './usage-view.ts';

/** Carries what was taken over a restart. */
export interface UsageStore {
  readonly stored: StoredUsage;
  save(usage: StoredUsage): void;
}

/** The account's budget; 0: none. */
export interface AccountBudget {
  dailyMoney: number;
  dailyTokens: number;
  onExceeded: OnBudgetExceeded;
}

export interface UsageAccountingOptions {
  model: Model;
  pricing: Pricing;
  budget: AccountBudget;
  store?: UsageStore | undefined;
  /** Milliseconds since 1970. */
  nowMs(): number;
  /** What `notice` says is different: for all interpreters, or for this one. */
  onNoticeChanged(interpreter?: string): void;
  log: Pick<Logger, 'info' | 'warn'>;
}

const KEEP_WITHIN_MS = 1000;
/** A computer that slept wakes up to another day. */
const LOOK_EVERY_MS = 60_000;

export class UsageAccounting {
  readonly #options: UsageAccountingOptions;
  readonly #ledger: UsageLedger;
  readonly #account: DailyBudget;
  /** Of the interpreters that are at work: as many as there are rooms. */
  readonly #interpreterBudgets = new Map<string, DailyBudget>();
  #saveTimer: ReturnType<typeof setTimeout> | undefined;
  #dayTimer: ReturnType<typeof setTimeout> | undefined;

  /** @throws {StartError} for a budget of money where prices are not known */
  constructor(options: UsageAccountingOptions) {
    const { model, pricing, budget, store: memory, nowMs } = options;
    const { dailyMoney, dailyTokens, onExceeded } = budget;
    if (dailyMoney > 0 && !pricing)
      throw new StartError(unpriced(model, 'BOOTH_BUDGET_DAILY_MONEY', 'BOOTH_BUDGET_DAILY_TOKENS'));
    this.#options = options;
    this.#ledger = new UsageLedger(memory?.stored ?? [], nowMs());
    const day = this.#ledger.today(nowMs());
    const daily = { money: dailyMoney || undefined, tokens: dailyTokens || undefined, onExceeded };
    this.#account = new DailyBudget(this.#bounding(daily), pricing, day, this.#ledger.total(day));
    this.#awaitTomorrow();
  }

  report(room: string, interpreter: string, entries: readonly UsageEntry[]): void {
    const nowMs = this.#options.nowMs();
    this.#ledger.add(room, entries, nowMs);
    const day = this.#ledger.today(nowMs);
    const purse = this.#interpreterBudgets.get(interpreter);
    let [mine, all] = [false, false];
    for (const taken of entries) {
      all = this.#account.addUsage(taken, day) || all;
      mine = purse?.addUsage(taken, day) || mine;
    }
    if (all) this.#announce(this.#account);
    if (mine && purse) this.#announce(purse, interpreter);
    this.#saveSoon();
  }

  /** An interpreter is sent. @throws {ApiError} for money where prices are not known */
  addInterpreter(interpreter: string, budget: InterpreterBudget | undefined): void {
    const day = this.#ledger.today(this.#options.nowMs());
    this.#interpreterBudgets.set(
      interpreter,
      new DailyBudget(this.#bounding(this.#daily(budget)), this.#options.pricing, day),
    );
  }

  /** Another budget for one that is at work. @throws {ApiError} for money where prices are not known */
  setBudget(interpreter: string, budget: InterpreterBudget | undefined): void {
    const daily = this.#bounding(this.#daily(budget));
    const purse = this.#interpreterBudgets.get(interpreter);
    const changed = purse?.setLimit(daily, this.#ledger.today(this.#options.nowMs()));
    if (purse && changed) this.#announce(purse, interpreter);
  }

  removeInterpreter(interpreter: string): void {
    this.#interpreterBudgets.delete(interpreter);
  }

  /** What bounds an interpreter, or without one the account; undefined: it is well within. */
  notice(interpreter?: string): BudgetNotice | undefined {
    const purse = interpreter === undefined ? undefined : this.#interpreterBudgets.get(interpreter);
    return budgetNotice(purse ? [this.#account, purse] : [this.#account]);
  }

  /** @throws {ApiError} for a day that is not remembered */
  roomUsage(room: string, day?: string): RoomUsage {
    const { model, pricing } = this.#options;
    const known = this.#dayNamed(day);
    const entries = this.#ledger.entries(known, room);
    return roomUsage({ room, day: known, entries }, model, pricing);
  }

  /** @throws {ApiError} for a day that is not remembered */
  accountUsage(day?: string): AccountUsage {
    const { model, pricing } = this.#options;
    const known = this.#dayNamed(day);
    const [rooms, total] = [this.#ledger.rooms(known), this.#ledger.total(known)];
    return accountUsage({ day: known, rooms, total }, model, pricing);
  }

  /** Looks whether it is another day; done by itself at midnight. */
  checkDay(): void {
    const day = this.#ledger.today(this.#options.nowMs());
    if (this.#account.startDay(day)) this.#announce(this.#account);
    for (const [interpreter, purse] of this.#interpreterBudgets)
      if (purse.startDay(day)) this.#announce(purse, interpreter);
    clearTimeout(this.#dayTimer);
    this.#awaitTomorrow();
  }

  close(): void {
    clearTimeout(this.#dayTimer);
    this.#save();
  }

  #dayNamed(day: string | undefined): string {
    const today = this.#ledger.today(this.#options.nowMs());
    if (day === undefined || this.#ledger.has(day)) return day ?? today;
    throw new ApiError(
      'notFound',
      `nothing is kept of ${day.slice(0, 10)}: there are today (${today}, UTC) and the day before`,
    );
  }

  #daily(budget: InterpreterBudget | undefined): BudgetLimit | undefined {
    const { model, pricing } = this.#options;
    if (budget?.money !== undefined && !pricing)
      throw new ApiError('invalid', unpriced(model, 'budget.money', 'budget.tokens'));
    return budget && { ...budget, onExceeded: budget.onExceeded ?? this.#options.budget.onExceeded };
  }

  /** What costs nothing has no budget. */
  #bounding(budget: BudgetLimit | undefined): BudgetLimit | undefined {
    return this.#options.pricing === 'free' ? undefined : budget;
  }

  #announce(purse: DailyBudget, interpreter?: string): void {
    const { log, onNoticeChanged: changed } = this.#options;
    const { level, spent, budget } = purse;
    const figures = { spent, budget, ...(interpreter === undefined ? {} : { interpreter }) };
    const whose = interpreter === undefined ? "the account's" : "an interpreter's";
    if (level === 'within' && purse.picturesExhausted)
      log.warn(figures, `${whose} daily budget: half of it went into pictures`);
    else if (level === 'within') log.info(figures, `${whose} daily budget has room again`);
    else log.warn(figures, `${whose} daily budget: ${level === 'near' ? '80 % are used' : 'all of it is used'}`);
    changed(interpreter);
  }

  #awaitTomorrow(): void {
    const untilMs = DAY_MS - (this.#options.nowMs() % DAY_MS);
    this.#dayTimer = setTimeout(() => this.checkDay(), Math.min(untilMs, LOOK_EVERY_MS)).unref();
  }

  #saveSoon(): void {
    this.#saveTimer ??= setTimeout(() => this.#save(), KEEP_WITHIN_MS).unref();
  }

  #save(): void {
    if (!this.#saveTimer) return;
    clearTimeout(this.#saveTimer);
    this.#saveTimer = undefined;
    this.#options.store?.save(this.#ledger.kept);
  }
}

const unpriced = ({ id }: Model, money: string, tokens: string): string =>
  `${money}: what ${id} costs at its endpoint is not known to Booth, so a budget of money cannot be kept. Set one of tokens: ${tokens}.`;
