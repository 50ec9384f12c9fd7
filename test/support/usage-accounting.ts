/** Usage accounting for tests: at noon, without a budget, of a model with prices, unless the options say otherwise. */

import { UsageAccounting, type UsageAccountingOptions } from '../../account/usage-accounting.ts';
import { silentLog } from '../../bench/support/silent-log.ts';
import { type Prices, qwen3 } from '../../config/models.ts';

export const noonMs = Date.UTC(2026, 2, 26, 12);
/** One dollar per thousand tokens of any kind. */
export const prices: Prices = {
  region: 'international',
  currency: 'USD',
  audioIn: 1000,
  imageIn: 1000,
  textOut: 1000,
  audioOut: 1000,
  asOf: '2026-03-26',
  source: 'a list for tests',
};
export const unbounded = { dailyMoney: 0, dailyTokens: 0, onExceeded: 'captions' } as const;

export const usageAccountingWith = (options: Partial<UsageAccountingOptions> = {}): UsageAccounting =>
  new UsageAccounting({
    model: qwen3,
    pricing: prices,
    budget: unbounded,
    nowMs: () => noonMs,
    onNoticeChanged: () => {},
    log: silentLog,
    ...options,
  });
