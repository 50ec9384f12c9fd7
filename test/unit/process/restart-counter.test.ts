import { describe, expect, it } from 'vitest';
import { RestartCounter } from '../../../process/restart-counter.ts';

/** The delays after runs of these lengths, one after the other. */
function delays(counter: RestartCounter, ...runsMs: number[]): (number | undefined)[] {
  let nowMs = 0;
  return runsMs.map((runMs) => {
    counter.started(nowMs);
    nowMs += runMs;
    const { delayMs } = counter.ended(nowMs);
    nowMs += delayMs ?? 0;
    return delayMs;
  });
}

describe('the restarts of what ends again and again', () => {
  it('wait twice as long each time, up to the longest delay', () => {
    expect(delays(new RestartCounter({ firstDelayMs: 500, maxDelayMs: 1500 }), 0, 0, 0, 0)).toEqual([
      500, 1000, 1500, 1500,
    ]);
  });

  it('wait as at first after a long run', () => {
    const counter = new RestartCounter({ firstDelayMs: 500, maxDelayMs: 9000, stableAfterMs: 30_000 });
    expect(delays(counter, 0, 29_999, 30_000, 0)).toEqual([500, 1000, 500, 1000]);
  });

  it('end where there were too many within a time', () => {
    const counter = new RestartCounter({ firstDelayMs: 1, maxDelayMs: 1, limit: { starts: 3, withinMs: 1000 } });
    expect(delays(counter, 400, 400, 400, 0)).toEqual([1, 1, 1, undefined]);
  });
});
