import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { silentLog } from '../../../../bench/support/silent-log.ts';
import { limits } from '../../../../server/limits.ts';
import { EventStream } from '../../../../server/rest/event-stream.ts';
import { FakeClock } from '../../../../time/fake-clock.ts';

describe('a stream of events', () => {
  /** Nobody takes what is written. */
  function stream() {
    const clock = new FakeClock();
    const response = new ServerResponse(new IncomingMessage(new Socket()));
    const events = new EventStream(response, clock, silentLog);
    let ends = 0;
    events.start(() => ends++);
    return { clock, response, events, ends: () => ends };
  }

  it('says something every 15 s, until it ends', () => {
    const { clock, response, events } = stream();
    const before = response.writableLength;
    clock.advance(14_999);
    expect(response.writableLength).toBe(before);
    clock.advance(1);
    expect(response.writableLength).toBeGreaterThan(before);
    events.close(1001, 'over');
    const after = response.writableLength;
    clock.advance(60_000);
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
    const { clock, response, events } = stream();
    events.close(1001, 'over');
    clock.advance(4999);
    expect(response.destroyed).toBe(false);
    clock.advance(1);
    expect(response.destroyed).toBe(true);
  });
});
