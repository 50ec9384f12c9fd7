import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { silentLog } from '../../../../bench/support/silent-log.ts';
import { limits } from '../../../../server/limits.ts';
import { EventStream } from '../../../../server/rest/event-stream.ts';

describe('a stream of events', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  /** Nobody takes what is written. */
  function stream() {
    const response = new ServerResponse(new IncomingMessage(new Socket()));
    const events = new EventStream(response, silentLog);
    let ends = 0;
    events.start(() => ends++);
    return { response, events, ends: () => ends };
  }

  it('says something every 15 s, until it ends', () => {
    const { response, events } = stream();
    const before = response.writableLength;
    vi.advanceTimersByTime(14_999);
    expect(response.writableLength).toBe(before);
    vi.advanceTimersByTime(1);
    expect(response.writableLength).toBeGreaterThan(before);
    events.close(1001, 'over');
    const after = response.writableLength;
    vi.advanceTimersByTime(60_000);
    expect(response.writableLength).toBe(after);
  });

  it('keeps for a reader who takes nothing what the bound allows, and ends once', () => {
    const { response, events, ends } = stream();
    const text = 'x'.repeat(10_000);
    for (let n = 0; n < 1000; n++) events.send(String(n), { text });
    expect(ends()).toBe(1);
    expect(response.writableLength).toBeGreaterThan(limits.readerBacklogBytes);
    expect(response.writableLength).toBeLessThan(limits.readerBacklogBytes + 20_000);
    events.close(1001, 'over');
    expect(ends()).toBe(1);
    expect(response.writableEnded).toBe(true);
  });

  it('waits 5 s for the last event to leave, and no longer', () => {
    const { response, events } = stream();
    events.close(1001, 'over');
    vi.advanceTimersByTime(4999);
    expect(response.destroyed).toBe(false);
    vi.advanceTimersByTime(1);
    expect(response.destroyed).toBe(true);
  });
});
