import type { UsageEntry } from '@mediasoup-booth/protocol';
import { describe, expect, it } from 'vitest';
import { ReportedUsage } from '../../../../server/account/reported-usage.ts';

const entry = (speech: number, total = 0): UsageEntry => ({
  speaker: { id: 'ann', name: 'Ann' },
  language: 'es',
  sentMs: { speech, replayed: 0, silence: 0 },
  pictures: 0,
  tokens: { inputAudio: 0, inputImage: 0, inputText: 0, outputText: 0, outputAudio: 0, total },
});

function usage() {
  const at = { nowMs: 0 };
  const reported = new ReportedUsage({ nowMs: () => at.nowMs, tokensPerMinute: 100_000 });
  const report = (number: number, entries: UsageEntry[], { who = 'demo/booth', reporter = 'life' } = {}) =>
    reported.accept(who, { reporter, number, entries });
  return { at, reported, report };
}

describe('a report of usage', () => {
  it('is counted once, also after later ones and by whatever connection it comes', () => {
    const { report } = usage();
    expect([1, 1, 2, 1, 2, 3].map((number) => report(number, [entry(1)]))).toEqual([
      true,
      false,
      true,
      false,
      false,
      true,
    ]);
  });

  it('waits for the one before it, so that none is taken for a repetition', () => {
    const { report } = usage();
    report(1, [entry(1)]);
    expect(() => report(3, [entry(1)])).toThrowError(expect.objectContaining({ code: 'conflict' }));
    expect([2, 3].map((number) => report(number, [entry(1)]))).toEqual([true, true]);
  });

  it('begins with any number where the server does not know the process yet', () => {
    const { report } = usage();
    expect(report(7, [entry(1)])).toBe(true);
    expect(report(1, [entry(1)], { reporter: 'another life' })).toBe(true);
    expect(report(1, [entry(1)], { who: 'hall/booth' })).toBe(true);
  });

  it('of more than the time allows is refused, and counted when it is possible', () => {
    const { at, report } = usage();
    const hour = [entry(64 * 3_600_000)];
    expect(() => report(1, hour)).toThrowError(expect.objectContaining({ code: 'invalid' }));
    expect(() => report(1, [entry(0, 300_000)])).toThrowError(expect.objectContaining({ code: 'invalid' }));
    at.nowMs = 3_600_000;
    expect(report(1, hour)).toBe(true);
    expect(() => report(2, [entry(64 * 61_000)])).toThrowError(expect.objectContaining({ code: 'invalid' }));
    expect(report(2, [entry(0, 12_000_000)])).toBe(true);
    expect(() => report(3, [entry(0, 1_000_000)])).toThrowError(expect.objectContaining({ code: 'invalid' }));
  });

  it('of as many sessions as an interpreter may hold is possible', () => {
    const reported = new ReportedUsage({ nowMs: () => 0, tokensPerMinute: 100_000, maxSessions: 200 });
    const report = { reporter: 'life', number: 1 };
    expect(reported.accept('demo/booth', { ...report, entries: [entry(199 * 60_000)] })).toBe(true);
    expect(() => reported.accept('demo/booth', { ...report, number: 2, entries: [entry(120_000)] })).toThrowError(
      expect.objectContaining({ code: 'invalid' }),
    );
  });

  it('is bounded for the limit of a minute as well, and throttling is believed three times at once', () => {
    const { at, reported } = usage();
    reported.requireTokens('demo/booth', 200_000);
    expect(() => reported.requireTokens('demo/booth', 1)).toThrowError(expect.objectContaining({ code: 'invalid' }));
    for (let n = 0; n < 3; n++) reported.requireThrottled('demo/booth');
    expect(() => reported.requireThrottled('demo/booth')).toThrowError(expect.objectContaining({ code: 'tooMany' }));
    at.nowMs = 10_000;
    reported.requireThrottled('demo/booth');
  });
});
