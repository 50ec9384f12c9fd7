import type { UsageEntry } from '@mediasoup-booth/protocol';
import { describe, expect, it } from 'vitest';
import { UsageRecorder, type UsageReport } from '../../../../bot/usage/usage-recorder.ts';
import { UsageReporter } from '../../../../bot/usage/usage-reporter.ts';
import { FakeClock } from '../../../../time/fake-clock.ts';

class Reported {
  readonly clock = new FakeClock();
  readonly ledger = new UsageRecorder();
  readonly reports: { atMs: number; number: number; entries: readonly UsageEntry[] }[] = [];
  isLost = false;
  losesAnswers = false;
  readonly connection = {
    reportUsage: async ({ number, entries }: UsageReport) => {
      if (this.isLost) throw new Error('lost');
      this.reports.push({ atMs: this.clock.now(), number, entries });
      if (this.losesAnswers) throw new Error('lost');
    },
  };

  takes(ms: number, id = 'ann'): void {
    this.ledger.entry({ id, name: id }, 'es').addAudio('speech', ms);
  }

  get reportedMs(): number {
    return this.reports.flatMap(({ entries }) => entries).reduce((sum, { sentMs }) => sum + sentMs.speech, 0);
  }
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('UsageReporter', () => {
  it('reports usage together every 5 s, and nothing while there is none', () => {
    const held = new Reported();
    const reports = new UsageReporter(held.ledger, held.connection, held.clock);
    held.clock.advance(60_000);
    expect(held.clock.pending).toBe(0);
    for (let ms = 0; ms < 12_000; ms += 20) {
      held.takes(20);
      held.clock.advance(20);
    }
    expect(held.reports.map(({ atMs }) => atMs - 60_000)).toEqual([5000, 10_000]);
    held.clock.advance(60_000);
    expect(held.reports).toHaveLength(3);
    expect(held.reportedMs).toBe(12_000);
    expect(held.reports[0]?.entries).toMatchObject([{ speaker: { id: 'ann' }, language: 'es' }]);
    reports.close();
    expect(held.clock.pending).toBe(0);
  });

  it('reports all remaining usage at once when it is closed', () => {
    const held = new Reported();
    const reports = new UsageReporter(held.ledger, held.connection, held.clock);
    for (let n = 0; n < 70; n++) held.takes(1, `${n}`);
    reports.close();
    reports.close();
    expect(held.reports.map(({ entries }) => entries.length)).toEqual([32, 32, 6]);
    expect(held.clock.pending).toBe(0);
  });

  it('spreads more entries than one report holds over several reports', () => {
    const held = new Reported();
    new UsageReporter(held.ledger, held.connection, held.clock);
    for (let n = 0; n < 70; n++) held.takes(1, `${n}`);
    held.clock.advance(15_000);
    expect(held.reports.map(({ atMs }) => atMs)).toEqual([5000, 10_000, 15_000]);
    expect(held.reportedMs).toBe(70);
  });

  it('reports on the next connection what a lost connection did not confirm', async () => {
    const held = new Reported();
    const reports = new UsageReporter(held.ledger, held.connection, held.clock);
    held.takes(100);
    held.isLost = true;
    held.clock.advance(5000);
    await settled();
    held.takes(20);
    reports.close();
    await settled();
    expect(held.reports).toEqual([]);
    held.isLost = false;
    new UsageReporter(held.ledger, held.connection, held.clock);
    held.clock.advance(5000);
    await settled();
    expect(held.reports.map(({ number }) => number)).toEqual([1, 2]);
    expect(held.reportedMs).toBe(120);
    expect(held.ledger.entries()).toMatchObject([{ speaker: { id: 'ann' }, sentMs: { speech: 120 } }]);
  });

  it('sends a report whose answer was lost again as it was, before later ones', async () => {
    const held = new Reported();
    held.losesAnswers = true;
    new UsageReporter(held.ledger, held.connection, held.clock);
    held.takes(100);
    held.clock.advance(5000);
    await settled();
    held.takes(20);
    held.losesAnswers = false;
    held.clock.advance(5000);
    await settled();
    expect(held.reports.map(({ number, entries }) => [number, entries[0]?.sentMs.speech])).toEqual([
      [1, 100],
      [1, 100],
      [2, 20],
    ]);
    held.clock.advance(60_000);
    await settled();
    expect(held.reports).toHaveLength(3);
    expect(held.ledger.unconfirmed).toEqual([]);
  });
});
