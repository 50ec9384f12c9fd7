import { describe, expect, it } from 'vitest';
import { RevocationList, type Revoker, type StoredRevocations } from '../../../../server/auth/revocation-list.ts';
import { limits } from '../../../../server/limits.ts';

const DAY_MS = 86_400_000;
const owner: Revoker = { id: 'owner', issuers: [] };
const coHost: Revoker = { id: 'co-host', issuers: ['owner', 'invite'] };

function revocations(earlier: StoredRevocations = [], writes = true) {
  const at = { nowMs: 1000 };
  const kept: StoredRevocations[] = [];
  const save = async (all: StoredRevocations) => {
    kept.push(all);
    return writes;
  };
  const list = new RevocationList({ earlier, save }, () => at.nowMs);
  const covers = (id: string, { room = 'demo', issuers = [] as string[], issuedAtMs = 500, launched = false } = {}) =>
    list.covers(room, { id, issuers, issuedAtMs, launched });
  return { at, kept, list, covers };
}

describe('what was revoked', () => {
  it('is kept for longer than anything is valid, then forgotten with the next', async () => {
    const { at, kept, list, covers } = revocations();
    await list.revoke('demo', 'a', owner);
    at.nowMs = 31 * DAY_MS;
    await list.revoke('demo', 'b', owner);
    expect(covers('a')).toBe(true);
    at.nowMs = 32 * DAY_MS + 1001;
    await list.revoke('demo', 'c', owner);
    expect(covers('a')).toBe(false);
    expect(kept.at(-1)).toMatchObject([{ id: 'b' }, { id: 'c' }]);
  });

  it('is revoked in its room alone, with all that was issued from it', async () => {
    const { list, covers } = revocations();
    await list.revoke('demo', 'a', owner);
    expect(covers('a')).toBe(true);
    expect(covers('grandchild', { issuers: ['root', 'a', 'child'] })).toBe(true);
    expect(covers('sibling', { issuers: ['root'] })).toBe(false);
    expect(covers('a', { room: 'other' })).toBe(false);
  });

  it('is found again after a restart', async () => {
    const { kept, list } = revocations();
    await list.revoke('demo', 'a', owner);
    await list.revokeEarlier('demo', owner, 'owner');
    const { covers } = revocations(kept.at(-1));
    expect(covers('a')).toBe(true);
    expect(covers('b', { issuers: ['owner'] })).toBe(true);
    expect(covers('b')).toBe(false);
  });

  it('holds, and whoever revoked is told, where the disk has not taken it', async () => {
    const { list, covers } = revocations([], false);
    const refusal = { code: 'unavailable', message: expect.stringMatching(/is revoked.*disk did not take.*restart/) };
    await expect(list.revoke('demo', 'a', owner)).rejects.toMatchObject(refusal);
    await expect(list.revokeEarlier('demo', owner, 'owner')).rejects.toMatchObject(refusal);
    expect(covers('a')).toBe(true);
    expect(covers('b', { issuers: ['owner'] })).toBe(true);
  });
});

describe('everything that was issued before', () => {
  it('is what came from the token of the host, however many have handed it on, and nothing that is issued later', async () => {
    const { at, list, covers } = revocations();
    await list.revokeEarlier('demo', owner, 'owner');
    expect(covers('guest', { issuers: ['owner', 'invite'] })).toBe(true);
    expect(covers('owner')).toBe(false);
    expect(covers('another-host')).toBe(false);
    expect(covers('later', { issuers: ['owner'], issuedAtMs: 1001 })).toBe(false);
    at.nowMs = 2000;
    await list.revokeEarlier('demo', owner, 'owner');
    expect(covers('later', { issuers: ['owner'], issuedAtMs: 1001 })).toBe(true);
  });

  it('is all of it for an admin, but for the admin and the interpreter that the server has launched', async () => {
    const { list, covers } = revocations();
    await list.revokeEarlier('demo', 'admin', 'root');
    expect(covers('anybody')).toBe(true);
    expect(covers('root')).toBe(false);
    expect(covers('interpreter-1', { launched: true })).toBe(false);
    expect(covers('anybody', { room: 'other' })).toBe(false);
  });
});

describe('a list that is full', () => {
  const fill = async (list: RevocationList, room: string, by: Revoker) => {
    let count = 0;
    for (; count <= limits.revocationsPerRoom; count++) {
      const full = await list.revoke(room, `${room}-${count}`, by).then(
        () => false,
        () => true,
      );
      if (full) break;
    }
    return count;
  };

  it('is full for hosts before it is for whoever gave them their rights, and for admins last', async () => {
    const { list, covers } = revocations();
    expect(await fill(list, 'demo', coHost)).toBe((limits.revocationsPerRoom * 2) / 5);
    await expect(list.revoke('demo', 'more', coHost)).rejects.toMatchObject({
      code: 'tooMany',
      message: expect.stringMatching(/everything/),
    });
    await list.revoke('demo', 'of-the-owner', owner);
    for (let n = 0; n < (limits.revocationsPerRoom * 2) / 5 - 1; n++) await list.revoke('demo', `owner-${n}`, owner);
    await expect(list.revoke('demo', 'more', owner)).rejects.toMatchObject({ code: 'tooMany' });
    await list.revoke('demo', 'of-the-admin', 'admin');
    await list.revoke('demo', 'demo-0', coHost);
    await list.revokeEarlier('demo', coHost, 'co-host');
    await list.revoke('other', 'more', coHost);
    expect(['demo-0', 'of-the-owner', 'of-the-admin'].map((id) => covers(id))).toEqual([true, true, true]);
  });

  it('is bounded on the whole server', async () => {
    const stored = Array.from({ length: (limits.revocations * 4) / 5 }, (_, n) => ({
      room: `room-${n}`,
      id: 'a',
      untilMs: DAY_MS,
    }));
    const { list } = revocations(stored);
    await expect(list.revoke('one-more', 'a', owner)).rejects.toMatchObject({ code: 'tooMany' });
    await list.revoke('one-more', 'a', 'admin');
  });
});
