/**
 * The account's budget for a day, kept by a command where no server keeps it: what is used is counted in the data folder, together with
 * what servers and other commands have counted there.
 *
 * Pictures end when half of the budget went into them, or four fifths are used; speech ends when all of it is.
 */
import type { SessionEvents } from '@mediasoup-booth/interpreter/livetranslate';
import type { LanguageCode, Tokens } from '@mediasoup-booth/protocol';
import { DailyBudget } from '../account/daily-budget.ts';
import { type AccountBudget, dailyLimit, unpriced } from '../account/usage-accounting.ts';
import { type StoredUsage, UsageLedger } from '../account/usage-ledger.ts';
import { emptyTotals } from '../account/usage-totals.ts';
import type { Model } from '../config/models.ts';
import type { Pricing } from '../config/prices.ts';
import { CommandError } from './errors.ts';
import type { RecordingPictures, TranslationOutcome } from './target-translation.ts';

export interface TranslationBudgetOptions {
  model: Pick<Model, 'id'>;
  pricing: Pricing;
  budget: AccountBudget;
  /** Opens the stored usage as it is at that moment. */
  openStore(): { readonly stored: StoredUsage; save(usage: StoredUsage): Promise<unknown> };
  /** Milliseconds since 1970. */
  nowMs(): number;
  /** Called once, when the budget is used up. */
  onReached(): void;
}

/** What was sent since the last report. */
export interface SentSince {
  speechMs: number;
  pictures: number;
}

/** It is no name of a room. */
const ROOM = 'booth translate';
const SPEAKER = { id: 'recording', name: 'recording' };

export class TranslationBudget {
  readonly #options: TranslationBudgetOptions;
  readonly #daily: DailyBudget;
  #counted: Promise<unknown> = Promise.resolve();
  #isReached = false;

  /** @throws {CommandError} where nothing is left today, and for a budget of money where prices are not known */
  constructor(options: TranslationBudgetOptions) {
    const { model, pricing, budget, openStore, nowMs } = options;
    if (budget.dailyMoney > 0 && !pricing)
      throw new CommandError(unpriced(model, 'BOOTH_BUDGET_DAILY_MONEY', 'BOOTH_BUDGET_DAILY_TOKENS'));
    this.#options = options;
    const ledger = new UsageLedger(openStore().stored, nowMs());
    const day = ledger.today(nowMs());
    // What costs nothing has no budget.
    this.#daily = new DailyBudget(pricing === 'free' ? undefined : dailyLimit(budget), pricing, day, ledger.total(day));
    if (this.#daily.level === 'reached')
      throw new CommandError(`${this.spentWords}: begin after midnight (UTC), or raise it (0 sets no limit)`);
  }

  /** Nothing more may be sent today. */
  get isReached(): boolean {
    return this.#isReached;
  }

  get affordsPictures(): boolean {
    return this.#daily.level === 'within' && !this.#daily.picturesExhausted;
  }

  /** What is used up, as the beginning of a sentence for people. */
  get spentWords(): string {
    const { dailyMoney, dailyTokens } = this.#options.budget;
    const bounds = [
      ...(dailyMoney > 0 ? [`${dailyMoney} in the currency of the price list, BOOTH_BUDGET_DAILY_MONEY`] : []),
      ...(dailyTokens > 0 ? [`${dailyTokens} tokens, BOOTH_BUDGET_DAILY_TOKENS`] : []),
    ];
    return `today's budget for translation is used up (${bounds.join('; ')})`;
  }

  /** Counts what a session used. */
  report(language: LanguageCode, tokens: Partial<Tokens>, sent: SentSince): void {
    this.#counted = this.#counted.then(() => this.#count(language, tokens, sent));
    // Whoever waits for `settled` learns of it.
    this.#counted.catch(() => {});
  }

  /** Resolves when everything that was reported is stored. */
  async settled(): Promise<void> {
    await this.#counted;
  }

  /** The file is read again, as others may have counted in it meanwhile. */
  async #count(language: LanguageCode, tokens: Partial<Tokens>, { speechMs, pictures }: SentSince): Promise<void> {
    const { openStore, nowMs, onReached } = this.#options;
    const store = openStore();
    const ledger = new UsageLedger(store.stored, nowMs());
    const totals = emptyTotals();
    for (const kind of Object.keys(totals.tokens) as (keyof Tokens)[]) totals.tokens[kind] = tokens[kind] ?? 0;
    totals.sentMs.speech = speechMs;
    ledger.add(ROOM, [{ speaker: SPEAKER, language, ...totals, pictures }], nowMs());
    const day = ledger.today(nowMs());
    this.#daily.setUsage(ledger.total(day), day);
    if (this.#daily.level === 'reached' && !this.#isReached) {
      this.#isReached = true;
      onReached();
    }
    await store.save(ledger.stored);
  }
}

/** The same events; what is used is counted. */
export function countedBy(
  budget: TranslationBudget,
  target: LanguageCode,
  events: SessionEvents,
  outcome: () => TranslationOutcome,
): SessionEvents {
  let counted = { speechMs: 0, pictures: 0 };
  return {
    ...events,
    usage: (usage) => {
      events.usage(usage);
      const sent = { speechMs: outcome().sentSeconds * 1000, pictures: outcome().picturesSent };
      const [speechMs, pictures] = [sent.speechMs - counted.speechMs, sent.pictures - counted.pictures];
      counted = sent;
      budget.report(target, usage, { speechMs, pictures });
    },
  };
}

/** The same pictures, while the budget has room for them. */
export const whileAffordable = (pictures: RecordingPictures, budget: TranslationBudget): RecordingPictures => ({
  at: async (positionMs) => (budget.affordsPictures === false ? undefined : pictures.at(positionMs)),
});
