import { describe, expect, it } from 'vitest';
import { limits } from '../../../../server/limits.ts';
import { ChangeLimiter } from '../../../../server/room/change-limiter.ts';

type Changer = Parameters<ChangeLimiter['take']>[0];
const somebody = (kind: Changer['kind'] = 'person', grants: Changer['grants'] = []): Changer => ({ kind, grants });

/** How many changes are taken until one is refused. */
function takes(limiter: ChangeLimiter, changer: Changer, atMost = 10_000): number {
  for (let taken = 0; taken < atMost; taken++) {
    try {
      limiter.take(changer);
    } catch {
      return taken;
    }
  }
  return atMost;
}

describe('the changes of which a room is told', () => {
  it('are limited for each participant, in a burst and by the second', () => {
    let nowMs = 0;
    const limiter = new ChangeLimiter(() => nowMs);
    const ana = somebody();
    expect(takes(limiter, ana)).toBe(limits.changes.person.burst);
    expect(() => limiter.take(ana)).toThrow(expect.objectContaining({ code: 'tooMany' }));
    nowMs += 1000;
    expect(takes(limiter, ana)).toBe(limits.changes.person.perSecond);
    expect(takes(limiter, somebody('interpreter'))).toBe(limits.changes.interpreter.burst);
    expect(takes(limiter, somebody('person', ['host']))).toBe(limits.changes.host.burst);
  });

  it('of all together are limited, and not for those who change little', () => {
    const limiter = new ChangeLimiter(() => 0);
    const crowd = Array.from({ length: 200 }, () => somebody());
    const taken = crowd.map((changer) => takes(limiter, changer));
    const { burst } = limits.changes.person;
    expect(taken[0]).toBe(burst);
    expect(taken.at(-1)).toBe(burst / 2);
    expect(takes(limiter, somebody(), 10)).toBe(10);
  });
});
