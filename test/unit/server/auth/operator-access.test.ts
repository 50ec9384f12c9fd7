import { describe, expect, it } from 'vitest';
import { OperatorAccess, StoredOperators } from '../../../../server/auth/operator-access.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const secret = 'a secret for tests, which is long enough';
const expired = expect.objectContaining({ code: 'signInExpired', message: expect.stringContaining('booth link') });

const isOperator = (access: OperatorAccess, credential: string): boolean => access.originOf(credential) !== undefined;

class Setup {
  /** The issuers that were revoked. */
  readonly revoked = new Set<string>();
  nowMs = 1_700_000_000_000;
  saved: StoredOperators = [];
  diskIsFull = false;

  access(key = secret, previous?: string): OperatorAccess {
    const save = async (operators: StoredOperators) => {
      if (!this.diskIsFull) this.saved = operators;
      return !this.diskIsFull;
    };
    return new OperatorAccess({
      secrets: [key, previous],
      store: { stored: this.saved, save },
      isRevoked: ({ issuers }) => issuers.some((issuer) => this.revoked.has(issuer)),
      wallNow: () => this.nowMs,
    });
  }
}

describe('a sign-in code', () => {
  it('has 256 random bits, and is another each time', () => {
    const access = new Setup().access();
    const codes = Array.from({ length: 20 }, () => access.issueCode().code);
    expect(new Set(codes).size).toBe(20);
    for (const code of codes) expect(Buffer.from(code, 'base64url')).toHaveLength(32);
  });

  it('is exchanged once, also where two try at the same time', async () => {
    const access = new Setup().access();
    const { code } = access.issueCode();
    const results = await Promise.allSettled([access.exchange(code), access.exchange(code)]);
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    await expect(access.exchange(code)).rejects.toEqual(expired);
  });

  it('is good for an hour', async () => {
    const setup = new Setup();
    const access = setup.access();
    const [early, late] = [access.issueCode(), access.issueCode()];
    setup.nowMs += HOUR_MS - 1;
    await access.exchange(early.code);
    setup.nowMs += 1;
    await expect(access.exchange(late.code)).rejects.toEqual(expired);
  });

  it.each(['', 'x', 'A'.repeat(43)])('that was never given out (%j) is refused', async (code) => {
    await expect(new Setup().access().exchange(code)).rejects.toEqual(expired);
  });

  it('is answered by the same credential for 30 s where the same browser asks again, and nobody else', async () => {
    const setup = new Setup();
    const access = setup.access();
    const { code } = access.issueCode();
    const [mine, another] = ['a browser: 0000', 'another: 0000000'];
    const [first, second] = await Promise.all([access.exchange(code, mine), access.exchange(code, mine)]);
    expect(second).toEqual(first);
    for (const attempt of [another, undefined]) await expect(access.exchange(code, attempt)).rejects.toEqual(expired);
    setup.nowMs += 29_999;
    expect(await access.exchange(code, mine)).toEqual(first);
    expect(setup.saved).toHaveLength(1);
    setup.nowMs += 1;
    await expect(access.exchange(code, mine)).rejects.toEqual(expired);
    expect(isOperator(access, first.credential)).toBe(true);
  });

  it('that another attempt was first with is refused, also where it asks again', async () => {
    const access = new Setup().access();
    const { code } = access.issueCode();
    await access.exchange(code);
    for (let n = 0; n < 2; n++)
      await expect(access.exchange(code, 'a browser that comes later')).rejects.toEqual(expired);
  });

  it('ends with the token that it was made by, and so does its credential, over a restart too', async () => {
    const setup = new Setup();
    const access = setup.access();
    const origin = { issuers: ['admin-a'], issuerRooms: ['hall'] };
    const [used, unused, other] = [access.issueCode(origin), access.issueCode(origin), access.issueCode()];
    const { credential } = await access.exchange(used.code);
    const mine = await access.exchange(other.code);
    expect(access.originOf(credential)).toEqual(origin);
    expect(access.originOf(mine.credential)).toEqual({ issuers: [] });
    setup.revoked.add('admin-a');
    for (const each of [access, setup.access()]) expect(isOperator(each, credential)).toBe(false);
    await expect(access.exchange(unused.code)).rejects.toEqual(expired);
    for (const each of [access, setup.access()]) expect(isOperator(each, mine.credential)).toBe(true);
  });

  it('is no credential, and a credential is no code', async () => {
    const access = new Setup().access();
    const { code } = access.issueCode();
    expect(isOperator(access, code)).toBe(false);
    const { credential } = await access.exchange(code);
    await expect(access.exchange(credential)).rejects.toEqual(expired);
  });

  it('makes room for newer ones: the last 64 are good', async () => {
    const access = new Setup().access();
    const codes = Array.from({ length: 65 }, () => access.issueCode().code);
    await expect(access.exchange(codes[0] ?? '')).rejects.toEqual(expired);
    await access.exchange(codes[1] ?? '');
  });
});

describe('a credential', () => {
  const signIn = async (access: OperatorAccess) => (await access.exchange(access.issueCode().code)).credential;

  it('is good for 30 days, over restarts of the server', async () => {
    const setup = new Setup();
    const credential = await signIn(setup.access());
    setup.nowMs += 30 * DAY_MS - 1;
    expect(isOperator(setup.access(), credential)).toBe(true);
    setup.nowMs += 1;
    expect(isOperator(setup.access(), credential)).toBe(false);
  });

  it('that an earlier version has stored is still good', () => {
    expect(StoredOperators.parse([{ hmac: 'x', untilMs: 1 }])).toEqual([
      { hmac: 'x', untilMs: 1, issuers: [], issuedAtMs: 0 },
    ]);
  });

  it('cannot be read from what is stored, and another secret voids it once the earlier one is not accepted any more', async () => {
    const setup = new Setup();
    const credential = await signIn(setup.access());
    expect(JSON.stringify(setup.saved)).not.toContain(credential);
    expect(isOperator(setup.access(), setup.saved[0]?.hmac ?? '')).toBe(false);
    const another = 'another secret, which is long enough too';
    expect(isOperator(setup.access(another, secret), credential)).toBe(true);
    expect(isOperator(setup.access(another), credential)).toBe(false);
  });

  it('is void once all are signed out, and so is every code, also after a restart', async () => {
    const setup = new Setup();
    const access = setup.access();
    const credential = await signIn(access);
    const { code } = access.issueCode();
    await access.signOutAll();
    expect(isOperator(access, credential)).toBe(false);
    expect(isOperator(setup.access(), credential)).toBe(false);
    await expect(access.exchange(code)).rejects.toEqual(expired);
  });

  it('is void at once where the disk takes nothing, and whoever signs all out is told', async () => {
    const setup = new Setup();
    const access = setup.access();
    const credential = await signIn(access);
    setup.diskIsFull = true;
    await expect(access.signOutAll()).rejects.toMatchObject({ code: 'unavailable' });
    expect(isOperator(access, credential)).toBe(false);
  });

  it('that has expired is no longer stored, and at most 64 are', async () => {
    const setup = new Setup();
    const first = await signIn(setup.access());
    setup.nowMs += 30 * DAY_MS;
    const access = setup.access();
    const credentials = [];
    for (let n = 0; n < 65; n++) credentials.push(await signIn(access));
    expect(setup.saved).toHaveLength(64);
    expect([first, credentials[0], credentials[1]].map((each) => isOperator(access, each ?? ''))).toEqual([
      false,
      false,
      true,
    ]);
  });
});
