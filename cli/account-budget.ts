/** What all interpreters of this account may spend in a day, and how the console says so. Pure. */
import type { AccountBudget } from '../account/usage-accounting.ts';
import type { Model } from '../config/models.ts';
import type { Config } from '../config/schema.ts';

/** Some 10 US dollars of `qwen3`; in tokens, because the prices of other models and endpoints are not known. */
const DEFAULT_DAILY_TOKENS = 400_000;
const HOUR_SECONDS = 3600;

/** The configured budget; where none is set, the default. */
export function accountBudget({ dailyMoney, dailyTokens, onExceeded }: Config['budget']): AccountBudget {
  const automatic = dailyMoney > 0 ? 0 : DEFAULT_DAILY_TOKENS;
  return { dailyMoney, dailyTokens: dailyTokens === 'auto' ? automatic : dailyTokens, onExceeded };
}

/** A sentence for whoever starts the server; undefined for the offline engine, which costs nothing. */
export function describeBudget(
  { dailyMoney, dailyTokens, onExceeded }: AccountBudget,
  { kind, rates }: Pick<Model, 'kind' | 'rates'>,
): string | undefined {
  if (kind === 'offline') return undefined;
  if (dailyMoney === 0 && dailyTokens === 0)
    return 'There is no daily budget: BOOTH_BUDGET_DAILY_TOKENS or BOOTH_BUDGET_DAILY_MONEY sets one.';
  const bounds = [
    ...(dailyMoney > 0 ? [`${dailyMoney} in the currency of the price list (BOOTH_BUDGET_DAILY_MONEY)`] : []),
    ...(dailyTokens > 0 ? [`${dailyTokens} tokens (BOOTH_BUDGET_DAILY_TOKENS${hoursOf(dailyTokens, rates)})`] : []),
  ];
  const then = onExceeded === 'captions' ? 'interpreters go on without voices' : 'interpretation pauses';
  return `Daily budget: ${bounds.join(' and ')}; then ${then} until the next day (UTC). 0 sets no limit.`;
}

function hoursOf(tokens: number, rates: Model['rates']): string {
  if (!rates) return '';
  const hours = tokens / ((rates.audioInPerSecond + rates.audioOutPerSecond) * HOUR_SECONDS);
  return `, about ${hours.toFixed(1)} hours of speech heard in one language`;
}
