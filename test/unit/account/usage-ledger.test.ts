/** What is counted of what interpreters took: everything, once, in its day. */

import { UsageEntry, type UsageSum, type UsageTotals } from '@mediasoup-booth/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DAY_MS, dayOf, StoredUsage, UsageLedger } from '../../../account/usage-ledger.ts';
import { emptyTotals } from '../../../account/usage-totals.ts';
import { accountUsage, roomUsage, usageSum } from '../../../account/usage-view.ts';
import { noonMs, prices } from '../../support/usage-accounting.ts';

const count = fc.integer({ min: 0, max: 10_000 });
const taken = fc.record({
  sentMs: fc.record({ speech: count, replayed: count, silence: count }),
  pictures: count,
  tokens: fc
    .record({ inputAudio: count, inputImage: count, inputText: count, outputText: count, outputAudio: count })
    .map((parts) => ({ ...parts, total: Object.values(parts).reduce((sum, one) => sum + one, 0) })),
});
const entry: fc.Arbitrary<UsageEntry> = fc
  .tuple(fc.constantFrom('ann', 'bob', 'ann es'), fc.constantFrom('es', 'fr'), taken)
  .map(([id, language, rest]) => ({ speaker: { id, name: id.toUpperCase() }, language, ...rest }));
const report = fc.record({
  room: fc.constantFrom('hall', 'attic'),
  entries: fc.array(entry, { maxLength: 4 }),
  laterMs: fc.integer({ min: 0, max: DAY_MS / 3 }),
});

const numbersIn = ({ sentMs, tokens }: UsageTotals): number[] => [
  sentMs.speech,
  sentMs.replayed,
  sentMs.silence,
  ...Object.values(tokens),
];
const plus = (a: UsageTotals, b: UsageTotals): UsageTotals => {
  const sum = emptyTotals();
  for (const one of [a, b]) {
    for (const key of ['speech', 'replayed', 'silence'] as const) sum.sentMs[key] += one.sentMs[key];
    for (const key of Object.keys(sum.tokens) as (keyof UsageTotals['tokens'])[]) sum.tokens[key] += one.tokens[key];
  }
  return sum;
};
const all = (some: Iterable<UsageTotals>): UsageTotals => [...some].reduce(plus, emptyTotals());
const one = (id: string, more: Partial<UsageTotals> = {}): UsageEntry => ({
  speaker: { id, name: id },
  language: 'es',
  ...emptyTotals(),
  ...more,
});
const speech = (ms: number): Partial<UsageTotals> => ({ sentMs: { speech: ms, replayed: 0, silence: 0 } });

describe('UsageLedger', () => {
  it('counts everything once, by room, by speaker and language, and in total, also over a restart', () => {
    fc.assert(
      fc.property(fc.array(report, { maxLength: 12 }), fc.nat(12), (reports, restartAfter) => {
        let ledger = new UsageLedger([], noonMs);
        let nowMs = noonMs;
        const said: { day: string; room: string; entry: UsageEntry }[] = [];
        for (const [i, { room, entries, laterMs }] of reports.entries()) {
          nowMs += laterMs;
          ledger.add(room, entries, nowMs);
          for (const some of entries) said.push({ day: dayOf(nowMs), room, entry: some });
          if (i === restartAfter)
            ledger = new UsageLedger(StoredUsage.parse(JSON.parse(JSON.stringify(ledger.stored))), nowMs);
        }
        for (const day of [dayOf(nowMs), dayOf(nowMs - DAY_MS)]) {
          const that = said.filter((some) => some.day === day && ledger.has(day));
          const expected = all(that.map((some) => some.entry));
          expect(numbersIn(ledger.total(day))).toEqual(numbersIn(expected));
          expect(numbersIn(all(ledger.rooms(day).values()))).toEqual(numbersIn(expected));
          for (const room of ['hall', 'attic']) {
            const entries = ledger.entries(day, room);
            const inRoom = all(that.filter((some) => some.room === room).map((some) => some.entry));
            expect(numbersIn(all(entries))).toEqual(numbersIn(inRoom));
            const keys = entries.map(({ speaker, language }) => JSON.stringify([speaker.id, language]));
            expect(new Set(keys).size).toBe(keys.length);
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  it('starts every day (UTC) empty, and keeps the previous day', () => {
    const ledger = new UsageLedger([], noonMs);
    const midnightMs = noonMs + DAY_MS / 2;
    ledger.add('hall', [one('ann', speech(1))], midnightMs - 1);
    ledger.add('hall', [one('ann', speech(20))], midnightMs);
    expect(ledger.total('2026-03-26').sentMs.speech).toBe(1);
    expect(ledger.total('2026-03-27').sentMs.speech).toBe(20);
    expect(ledger.today(midnightMs + DAY_MS)).toBe('2026-03-28');
    expect(['2026-03-26', '2026-03-27', '2026-03-28'].map((day) => ledger.has(day))).toEqual([false, true, true]);
  });

  it('does not reopen an earlier day when the clock is set back', () => {
    const ledger = new UsageLedger([], noonMs);
    ledger.add('hall', [one('ann', speech(1))], noonMs);
    ledger.add('hall', [one('ann', speech(1))], noonMs - DAY_MS);
    expect(ledger.total('2026-03-26').sentMs.speech).toBe(2);
    expect(ledger.has('2026-03-25')).toBe(false);
  });

  it('shows the latest name of a speaker', () => {
    const ledger = new UsageLedger([], noonMs);
    ledger.add('hall', [one('ann'), { ...one('ann'), speaker: { id: 'ann', name: 'Anna' } }], noonMs);
    expect(ledger.entries('2026-03-26', 'hall')).toMatchObject([{ speaker: { id: 'ann', name: 'Anna' } }]);
  });

  it('stores nobody by name, and shows an id after a restart until the speaker is reported again', () => {
    const ledger = new UsageLedger([], noonMs);
    const anna = { ...one('ann'), speaker: { id: 'ann', name: 'Anna' } };
    ledger.add('hall', [anna], noonMs);
    const text = JSON.stringify(ledger.stored);
    expect(text).toContain('"ann"');
    expect(text).not.toContain('Anna');
    const old = JSON.parse(text.replace('{"id":"ann"}', '{"id":"ann","name":"Anna"}'));
    const again = new UsageLedger(StoredUsage.parse(old), noonMs);
    expect(again.entries('2026-03-26', 'hall')).toMatchObject([{ speaker: { id: 'ann', name: 'ann' } }]);
    again.add('hall', [anna], noonMs);
    expect(again.entries('2026-03-26', 'hall')).toMatchObject([{ speaker: { id: 'ann', name: 'Anna' } }]);
  });

  it('keeps 4000 entries, and counts further speakers as others and in the total', () => {
    const ledger = new UsageLedger([], noonMs);
    for (let n = 0; n < 5000; n++) ledger.add('hall', [one(`${n}`, speech(1))], noonMs);
    ledger.add('hall', [one('0', speech(1))], noonMs);
    expect(ledger.total('2026-03-26').sentMs.speech).toBe(5001);
    expect(ledger.entries('2026-03-26', 'hall')).toHaveLength(4000);
    expect(ledger.rooms('2026-03-26').get('')?.sentMs.speech).toBe(1000);
    expect(new UsageLedger(StoredUsage.parse(ledger.stored), noonMs).total('2026-03-26').sentMs.speech).toBe(5001);
  });

  it('returns copies that later usage does not change', () => {
    const ledger = new UsageLedger([], noonMs);
    ledger.add('hall', [one('ann', speech(1))], noonMs);
    const before = [
      ledger.total('2026-03-26'),
      ...ledger.entries('2026-03-26', 'hall'),
      ...ledger.rooms('2026-03-26').values(),
    ];
    ledger.add('hall', [one('ann', speech(1))], noonMs);
    expect(before.map(({ sentMs }) => sentMs.speech)).toEqual([1, 1, 1]);
  });
});

describe('usage in the REST API', () => {
  const moneyIn = ({ kinds }: UsageSum): number => Object.values(kinds).reduce((sum, { money = 0 }) => sum + money, 0);
  const tokensIn = ({ kinds }: UsageSum): number => Object.values(kinds).reduce((sum, { tokens }) => sum + tokens, 0);
  const secondsIn = ({ kinds }: UsageSum): number =>
    Object.values(kinds).reduce((sum, { seconds = 0 }) => sum + seconds, 0);

  it('has kinds that add up to each interpretation, and interpretations that add up to the room', () => {
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 6 }), (entries) => {
        const usage = roomUsage({ room: 'hall', day: '2026-03-26', entries }, { id: 'm' }, prices);
        for (const sum of [usage.total, ...usage.interpretations]) {
          expect(moneyIn(sum)).toBeCloseTo(sum.money ?? Number.NaN, 6);
          expect(tokensIn(sum)).toBe(sum.tokens);
          expect(secondsIn(sum)).toBeCloseTo(sum.seconds, 6);
        }
        const total = all(entries);
        expect(usage.total.tokens).toBe(total.tokens.total);
        expect(usage.total.money).toBeCloseTo(usageSum(total, prices).money ?? Number.NaN, 6);
      }),
      { numRuns: 60 },
    );
  });

  it('divides billed audio tokens among the kinds of audio that was sent', () => {
    const tokens = { inputAudio: 1000, inputImage: 20, inputText: 3, outputText: 40, outputAudio: 500, total: 1563 };
    const sum = usageSum(
      { sentMs: { speech: 70_000, replayed: 10_000, silence: 20_000 }, pictures: 2, tokens },
      prices,
    );
    expect(sum).toEqual({
      seconds: 100,
      tokens: 1563,
      money: expect.closeTo(1.56, 6),
      kinds: {
        speech: { seconds: 70, tokens: 700, money: 0.7 },
        padding: { seconds: 20, tokens: 200, money: 0.2 },
        replayed: { seconds: 10, tokens: 100, money: 0.1 },
        picture: { count: 2, tokens: 20, money: 0.02 },
        text: { tokens: 43, money: 0.04 },
        voice: { tokens: 500, money: 0.5 },
      },
    });
  });

  it('has no money if the price is not known, and says so', () => {
    const usage = roomUsage({ room: 'hall', day: '2026-03-26', entries: [one('ann')] }, { id: 'm' }, undefined);
    expect(JSON.stringify(usage)).not.toContain('"money"');
    expect(usage.note).toMatch(/not known/);
    expect(usage).not.toHaveProperty('prices');
  });

  it('names the price list from which money was computed', () => {
    const usage = accountUsage({ day: '2026-03-26', rooms: new Map(), total: emptyTotals() }, { id: 'm' }, prices);
    expect(usage.prices).toEqual({ currency: 'USD', asOf: '2026-03-26', source: 'a list for tests' });
    expect(usage.note).toContain('a list for tests');
  });
});

it('32 entries with the longest names fit into a signalling message', () => {
  const longest = UsageEntry.parse({
    speaker: { id: '語'.repeat(64), name: '語'.repeat(64) },
    language: 'zh-Hant',
    sentMs: { speech: 86_399_999.125, replayed: 86_399_999.125, silence: 86_399_999.125 },
    pictures: 999_999_999,
    tokens: Object.fromEntries(Object.keys(emptyTotals().tokens).map((key) => [key, 999_999_999])),
  });
  expect(Buffer.byteLength(JSON.stringify(Array.from({ length: 32 }, () => longest)))).toBeLessThan(60_000);
});
