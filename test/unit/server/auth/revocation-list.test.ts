import { describe, expect, it } from 'vitest';
import { RevocationList, type StoredRevocations } from '../../../../server/auth/revocation-list.ts';
import { limits } from '../../../../server/limits.ts';

const DAY_MS = 86_400_000;

function revocations(earlier: StoredRevocations = []) {
  const at = { nowMs: 0 };
  const kept: StoredRevocations[] = [];
  const keep = async (all: StoredRevocations) => void kept.push(all);
  return { at, kept, list: new RevocationList({ earlier, save: keep }, () => at.nowMs) };
}

describe('what was revoked', () => {
  it('is kept for longer than anything is valid, then forgotten with the next', async () => {
    const { at, kept, list } = revocations();
    await list.add('demo', 'a');
    at.nowMs = 30 * DAY_MS;
    await list.add('demo', 'b');
    expect(list.has('demo', 'a')).toBe(true);
    at.nowMs = 31 * DAY_MS + 1;
    await list.add('demo', 'c');
    expect(list.has('demo', 'a')).toBe(false);
    expect(kept.at(-1)?.map(({ id }) => id)).toEqual(['b', 'c']);
  });

  it('is revoked in its room alone', async () => {
    const { list } = revocations();
    await list.add('demo', 'a');
    expect(list.has('demo', 'a')).toBe(true);
    expect(list.has('other', 'a')).toBe(false);
  });

  it('is found again after a restart', () => {
    const { list } = revocations([{ room: 'demo', id: 'a', untilMs: DAY_MS }]);
    expect(list.has('demo', 'a')).toBe(true);
  });

  it('fills a room’s share and no other’s, and what is in it stays', async () => {
    const { list } = revocations();
    for (let n = 0; n < limits.revocationsPerRoom; n++) await list.add('full', `id-${n}`);
    await expect(list.add('full', 'more')).rejects.toMatchObject({ code: 'tooMany' });
    await list.add('full', 'id-0');
    await list.add('other', 'more');
    expect(list.has('full', 'id-0')).toBe(true);
  });

  it('is bounded on the whole server', async () => {
    const earlier = Array.from({ length: limits.revocations }, (_, n) => ({
      room: `room-${n}`,
      id: 'a',
      untilMs: DAY_MS,
    }));
    const { list } = revocations(earlier);
    await expect(list.add('one-more', 'a')).rejects.toMatchObject({ code: 'tooMany' });
  });
});
