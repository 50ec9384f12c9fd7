import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { emptyTotals } from '../../../../account/usage-totals.ts';
import { silentLog } from '../../../../bench/support/silent-log.ts';
import { ThreadAccount } from '../../../../bot/in-process/thread-account.ts';
import type { InterpreterThreadMessage, ThreadSetup } from '../../../../bot/in-process/thread-messages.ts';

const EVENING = Date.UTC(2026, 2, 26, 23, 50);
const MINUTE_MS = 60_000;

const entry = (total: number) => {
  const { tokens, ...totals } = emptyTotals();
  return { speaker: { id: 'ann', name: 'Ann' }, language: 'es', ...totals, tokens: { ...tokens, total } };
};

function accountOf(earlier: ThreadSetup['earlier'] = { usage: [], connections: [] }) {
  const messages: InterpreterThreadMessage[] = [];
  let changes = 0;
  const account = new ThreadAccount({
    setup: {
      engine: { url: 'wss://any.example', model: 'qwen3-livetranslate-flash-realtime' },
      limits: { connectionsPerMinute: 8, tokensPerMinute: 100_000 },
      budget: { dailyMoney: 0, dailyTokens: 100, onExceeded: 'stop' },
      logLevels: [],
      earlier,
    },
    send: (message) => messages.push(message),
    onNoticeChanged: () => changes++,
    log: silentLog,
  });
  const notices = () => messages.flatMap((message) => (message.type === 'budget' ? [message.notice?.level] : []));
  const kept = () => messages.flatMap((message) => (message.type === 'used' ? [message.earlier] : []));
  return { account, notices, kept, changes: () => changes };
}

describe('the account of a Booth', () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: EVENING });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('tells its rooms when the budget of the day is used up, and goes on the next day', () => {
    const { account, notices, changes } = accountOf();
    account.report(1, 'hall', [entry(85)]);
    account.report(1, 'hall', [entry(20)]);
    expect(account.notice).toMatchObject({ level: 'reached' });
    vi.advanceTimersByTime(9 * MINUTE_MS);
    expect(account.notice).toMatchObject({ level: 'reached' });
    vi.advanceTimersByTime(2 * MINUTE_MS);
    expect(account.notice).toBeUndefined();
    expect(notices()).toEqual(['near', 'reached', undefined]);
    expect(changes()).toBe(3);
    account.report(1, 'hall', [entry(10)]);
    expect(account.notice).toBeUndefined();
  });

  it('keeps what was used for a later thread, a second after it was reported', () => {
    const { account, kept } = accountOf();
    account.report(1, 'hall', [entry(105)]);
    expect(kept()).toEqual([]);
    vi.advanceTimersByTime(1000);
    const [{ usage = [] } = {}] = kept();
    const later = accountOf({ usage, connections: [] });
    expect(later.account.notice).toMatchObject({ level: 'reached' });
  });
});
