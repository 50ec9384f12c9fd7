import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { isIssuedId, newTokenId } from '../../../../server/auth/token-id.ts';

const [secret, other] = ['the secret of this very server, long enough', 'another secret, which is long enough too'];

describe('the id of a token', () => {
  it('is another UUID each time', () => {
    const ids = Array.from({ length: 1000 }, () => newTokenId(secret, 'demo'));
    expect(new Set(ids).size).toBe(1000);
    for (const id of ids) expect(z.uuid().parse(id)).toBe(id);
  });

  it('proves by itself that it was issued here for the room, also in capitals and after the secret was rotated', () => {
    const id = newTokenId(secret, 'demo');
    expect(isIssuedId([secret], 'demo', id)).toBe(true);
    expect(isIssuedId([other, secret], 'demo', id.toUpperCase())).toBe(true);
  });

  it('is not taken from elsewhere', () => {
    const id = newTokenId(secret, 'demo');
    expect(isIssuedId([secret], 'other', id)).toBe(false);
    expect(isIssuedId([other], 'demo', id)).toBe(false);
    for (const madeUp of [randomUUID(), id.replace(/.$/, (last) => (last === '0' ? '1' : '0')), '', 'x', `${id}00`])
      expect(isIssuedId([secret], 'demo', madeUp)).toBe(false);
  });
});
