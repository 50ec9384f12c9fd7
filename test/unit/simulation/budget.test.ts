/** The whole way of money in fake time: what the simulated vendor bills is reported, counted, and bounded by a budget. */
import { afterEach, describe, expect, it } from 'vitest';
import type { UsageAccounting } from '../../../account/usage-accounting.ts';
import { DAY_MS } from '../../../account/usage-ledger.ts';
import { SimulatedInterpretation } from '../../../bench/support/simulated-interpretation.ts';
import { SimulatedMeeting } from '../../../bench/support/simulated-meeting.ts';
import { audienceOf, listener, person } from '../../../bench/support/views.ts';
import { qwen3, qwen35 } from '../../../config/models.ts';
import { noonMs, unbounded, usageAccountingWith } from '../../support/usage-accounting.ts';

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);

it.each([qwen3.id, qwen35.id])('counts the tokens that %s bills, within 2 %%', async (model) => {
  const audience = [...audienceOf('es'), listener('reads-fr', { reads: ['fr'] })];
  const meeting = await SimulatedMeeting.start([person('ann'), person('bob'), ...audience], {
    model,
    script: { paraphrases: false },
  });
  const people = ['ann', 'bob'].map((id) => meeting.speaker(id));
  for (let n = 0; n < 20; n++)
    for (const one of people) await meeting.utters(one, meeting.words(5 + (n % 8)), 400 + n * 150);
  await meeting.passTime(30_000);
  meeting.close();
  const { connections } = meeting.simulator.stats();
  const billed = sum(connections.map(({ tokens }) => tokens.input + tokens.output));
  const counted = sum(meeting.interpreter.usage.entries().map(({ tokens }) => tokens.total));
  expect(billed).toBeGreaterThan(5000);
  expect(Math.abs(counted / billed - 1)).toBeLessThan(0.02);
  const heardSeconds = sum(connections.map(({ audioSeconds }) => audioSeconds));
  const sentMs = meeting.interpreter.usage.entries().flatMap((entry) => Object.values(entry.sentMs));
  expect(sum(sentMs) / 1000).toBeCloseTo(heardSeconds, 0);
});

/** A room whose interpreter reports usage to a server's accounting, and gets notices from it. */
class BoundedMeeting extends SimulatedInterpretation {
  readonly accounting: UsageAccounting;

  constructor(dailyTokens: number, onExceeded: 'captions' | 'stop') {
    super([person('ann'), listener('hears', { hears: 'es' }), listener('reads', { reads: ['es'] })]);
    this.accounting = usageAccountingWith({
      budget: { ...unbounded, dailyTokens, onExceeded },
      nowMs: () => noonMs + this.clock.now(),
      onNoticeChanged: () => this.#heardOfBudget(),
    });
    this.room.onUsage = (entries) => this.accounting.report('hall', 'bot', entries);
  }

  #heardOfBudget(): void {
    this.room.budget = this.accounting.notice();
    this.interpreter.reconcile();
  }

  async talks(sentences: number): Promise<void> {
    for (let n = 0; n < sentences; n++) await this.says('ann', 4000);
  }

  get billed(): number {
    return sum(this.simulator.stats().connections.map(({ tokens }) => tokens.input + tokens.output));
  }

  get heardSeconds(): number {
    return sum(this.simulator.stats().connections.map(({ audioSeconds }) => audioSeconds));
  }

  get statuses() {
    return this.room.messages('es').filter((message) => message.type === 'status');
  }

  override close(): void {
    super.close();
    this.accounting.close();
  }
}

describe('a budget', () => {
  let meeting: BoundedMeeting | undefined;
  afterEach(() => meeting?.close());
  const bounded = async (tokens: number, onExceeded: 'captions' | 'stop'): Promise<BoundedMeeting> => {
    meeting = new BoundedMeeting(tokens, onExceeded);
    await meeting.started();
    return meeting;
  };
  const counted = ({ accounting }: BoundedMeeting): number => accounting.accountUsage().total.tokens;

  it('that is used up stops the sessions but not the meeting, which is interpreted again the next day', async () => {
    const held = await bounded(400, 'stop');
    await held.talks(10);
    const { billed, heardSeconds } = held;
    // What was said until the next report, and what then came out still.
    expect(billed).toBeGreaterThanOrEqual(400);
    expect(billed).toBeLessThan(400 + 10 * 12.5 * 2 + 100);
    await held.talks(4);
    expect(held.billed).toBe(billed);
    expect(held.heardSeconds).toBe(heardSeconds);
    expect(held.statuses.at(-1)).toMatchObject({ state: 'overBudget', message: expect.stringMatching(/used up/) });

    // Somebody comes or goes meanwhile.
    held.interpreter.reconcile();
    await held.passTime(100);
    const told = held.statuses.length;
    held.clock.advance(DAY_MS / 2);
    // As the server does at midnight, by a real timer.
    held.accounting.checkDay();
    expect(held.room.budget).toBeUndefined();
    await held.passTime(100);
    await held.started();
    expect(counted(held)).toBe(0);
    await held.talks(2);
    const since = held.statuses.slice(told).map(({ state }) => state);
    expect(since).toContain('translating');
    expect(since).not.toContain('overBudget');
    expect(held.heardSeconds).toBeGreaterThan(heardSeconds + 5);
  });

  it('that is used up takes the voices away, from the next pause on, and leaves the captions', async () => {
    const held = await bounded(400, 'captions');
    await held.talks(12);
    const before = held.simulator.stats().connections.length;
    const { outputAudio } = tokensOf(held);
    expect(held.billed).toBeGreaterThan(400);
    expect(outputAudio).toBeGreaterThan(100);
    const { heardSeconds } = held;
    await held.talks(5);
    expect(tokensOf(held).outputAudio).toBe(outputAudio);
    expect(held.heardSeconds).toBeGreaterThan(heardSeconds + 14);
    expect(held.simulator.stats().connections).toHaveLength(before);
    const said = held.statuses.map(({ state }) => state);
    expect(said).not.toContain('overBudget');
    expect(held.statuses.at(-1)?.message).toMatch(/without voices/);
  });

  it('of which 80 % are used is told in a status, and changes nothing else', async () => {
    const held = await bounded(100_000, 'stop');
    held.room.onUsage = () => {};
    await held.talks(1);
    expect(held.statuses.every(({ message }) => message === undefined)).toBe(true);
    held.accounting.report('hall', 'bot', [tokens(80_000)]);
    await held.passTime(100);
    expect(held.statuses.at(-1)?.message).toMatch(/^80 %/);
    const { heardSeconds } = held;
    await held.talks(2);
    expect(held.heardSeconds).toBeGreaterThan(heardSeconds + 5);
  });
});

const tokensOf = ({ interpreter }: BoundedMeeting) => {
  const [entry] = interpreter.usage.entries();
  if (!entry) throw new Error('nothing was taken');
  return entry.tokens;
};

const tokens = (total: number) => ({
  speaker: { id: 'ann', name: 'Ann' },
  language: 'es',
  sentMs: { speech: 0, replayed: 0, silence: 0 },
  pictures: 0,
  tokens: { inputAudio: total, inputImage: 0, inputText: 0, outputText: 0, outputAudio: 0, total },
});
