/** What an hour costs, and whose price list counts. */
import { describe, expect, it } from 'vitest';
import { estimate, moneyNote } from '../../../account/usage-view.ts';
import { endpoints, offline, qwen3, qwen35 } from '../../../config/models.ts';
import { cost, hourlyCost, pricingOf } from '../../../config/prices.ts';

describe('the prices', () => {
  it('are those of the region where the vendor is asked', () => {
    expect(pricingOf(qwen3, endpoints.international)).toMatchObject({ currency: 'USD', audioIn: 10 });
    expect(pricingOf(qwen3, endpoints.mainland)).toMatchObject({ currency: 'CNY', audioIn: 64 });
  });

  it.each(['ws://127.0.0.1:9', 'wss://aliyuncs.com.example.org/x', undefined])('of %s are nobody’s to know', (url) => {
    expect(pricingOf(qwen3, url)).toBeUndefined();
  });

  it('of a model without a list are not known', () => {
    expect(pricingOf(qwen35, endpoints.international)).toBeUndefined();
    expect(hourlyCost(qwen35, undefined)).toBeUndefined();
    expect(estimate(qwen35, undefined)).toEqual({ note: expect.stringContaining('not known') });
  });

  it('of the offline engine are none, wherever it runs', () => {
    expect(pricingOf(offline, 'ws://127.0.0.1:9')).toBe('free');
    expect(cost({ inputAudio: 1e9 }, 'free')).toBe(0);
    expect(estimate(offline, 'free')).toMatchObject({
      perHour: { voice: 0, captions: 0 },
      note: expect.stringContaining('costs nothing'),
    });
  });
});

it('an hour of speech costs what the README says, with a voice and without, by a dated list', () => {
  const pricing = pricingOf(qwen3, endpoints.international);
  expect(estimate(qwen3, pricing)).toMatchObject({
    perHour: { voice: 2.25, captions: 0.54 },
    prices: { currency: 'USD', asOf: '2026', source: expect.stringContaining('international') },
    note: expect.stringContaining(moneyNote(qwen3, pricing)),
  });
});
