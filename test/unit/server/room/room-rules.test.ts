import { describe, expect, it } from 'vitest';
import { limits } from '../../../../server/limits.ts';
import { StoredRules as Kept, RoomRules, type StoredRules } from '../../../../server/room/room-rules.ts';

const DAY_MS = 86_400_000;

function rulesWith(earlier: StoredRules = [], writes = true) {
  const at = { nowMs: 0 };
  const kept: StoredRules[] = [];
  const keep = async (all: StoredRules) => {
    kept.push(structuredClone(all));
    return writes;
  };
  return { at, kept, rules: new RoomRules({ earlier, save: keep }, () => at.nowMs) };
}

describe('the settings of a room', () => {
  it('is at first: everybody comes in, and what is said is written down', () => {
    const { rules } = rulesWith();
    expect(rules.of('demo')).toEqual({ waitingRoom: false, transcript: true });
    expect(rules.isAdmitted('demo', 'ana', ['subscribe'])).toBe(true);
  });

  it('changes, and whoever changed it is told, where the disk has not taken it', async () => {
    const { rules } = rulesWith([], false);
    await expect(rules.change('demo', { waitingRoom: true })).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(/is changed.*disk did not take that.*restart/),
    });
    expect(rules.of('demo').waitingRoom).toBe(true);
  });

  it('changes one by one, in its room alone, and is kept as it can be read again', async () => {
    const { rules, kept } = rulesWith();
    await rules.change('demo', { waitingRoom: true });
    await rules.change('demo', { transcript: false });
    expect(rules.of('demo')).toEqual({ waitingRoom: true, transcript: false });
    expect(rules.of('other')).toEqual({ waitingRoom: false, transcript: true });
    const again = rulesWith(Kept.parse(kept.at(-1))).rules;
    expect(again.of('demo')).toEqual({ waitingRoom: true, transcript: false });
    await rules.change('demo', { waitingRoom: false, transcript: true });
    expect(kept.at(-1)).toEqual([]);
  });

  it('knows admitted people for a day, and removes them when the waiting room is disabled', async () => {
    const { rules, at } = rulesWith();
    const admits = () => rules.isAdmitted('demo', 'ana', ['subscribe']);
    await rules.change('demo', { waitingRoom: true });
    expect(admits()).toBe(false);
    rules.admit('demo', 'ana');
    expect(admits()).toBe(true);
    expect(rules.isAdmitted('demo', 'ben', ['subscribe'])).toBe(false);
    at.nowMs = DAY_MS;
    expect(admits()).toBe(false);
    rules.admit('demo', 'ana');
    await rules.change('demo', { waitingRoom: false });
    await rules.change('demo', { waitingRoom: true });
    expect(admits()).toBe(false);
  });

  it.each([
    ['host', true],
    ['admin', true],
    ['interpret', true],
    ['publish', false],
    ['subscribe', false],
  ] as const)('lets in who has the grant %s: %s', async (grant, expected) => {
    const { rules } = rulesWith();
    await rules.change('demo', { waitingRoom: true });
    expect(rules.isAdmitted('demo', 'ana', [grant])).toBe(expected);
  });

  it('knows as many as are bounded: the first to be let in knocks again', async () => {
    const { rules, kept } = rulesWith();
    await rules.change('demo', { waitingRoom: true });
    for (let n = 0; n <= limits.admittedPerRoom; n++) rules.admit('demo', `guest-${n}`);
    expect(rules.isAdmitted('demo', 'guest-0', [])).toBe(false);
    expect(rules.isAdmitted('demo', 'guest-1', [])).toBe(true);
    expect(() => Kept.parse(kept.at(-1))).not.toThrow();
  });

  it('is bounded in rooms, and forgotten in those that were not used for 90 days', async () => {
    const earlier = Array.from({ length: limits.roomsWithRules }, (_, n) => ({
      room: `room-${n}`,
      waitingRoom: true,
      transcript: true,
      admitted: [],
      usedMs: 0,
    }));
    const { rules, at } = rulesWith(earlier);
    await expect(rules.change('one-more', { waitingRoom: true })).rejects.toMatchObject({ code: 'tooMany' });
    await rules.change('room-0', { transcript: false });
    at.nowMs = 89 * DAY_MS;
    rules.opened('room-1');
    at.nowMs = 91 * DAY_MS;
    await rules.change('one-more', { waitingRoom: true });
    expect(rules.of('room-1').waitingRoom).toBe(true);
    expect(rules.of('room-2').waitingRoom).toBe(false);
  });
});
