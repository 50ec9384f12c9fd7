import { describe, expect, it } from 'vitest';
import { OperatorAccess, type StoredOperators } from '../../../../server/auth/operator-access.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const secret = 'a secret for tests, which is long enough';
const expired = expect.objectContaining({ code: 'signInExpired', message: expect.stringContaining('booth link') });

class Setup {
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

  it('is no credential, and a credential is no code', async () => {
    const access = new Setup().access();
    const { code } = access.issueCode();
    expect(access.isOperator(code)).toBe(false);
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
    expect(setup.access().isOperator(credential)).toBe(true);
    setup.nowMs += 1;
    expect(setup.access().isOperator(credential)).toBe(false);
  });

  it('cannot be read from what is stored, and another secret voids it once the earlier one is not accepted any more', async () => {
    const setup = new Setup();
    const credential = await signIn(setup.access());
    expect(JSON.stringify(setup.saved)).not.toContain(credential);
    expect(setup.access().isOperator(setup.saved[0]?.hmac ?? '')).toBe(false);
    const another = 'another secret, which is long enough too';
    expect(setup.access(another, secret).isOperator(credential)).toBe(true);
    expect(setup.access(another).isOperator(credential)).toBe(false);
  });

  it('is void once all are signed out, and so is every code, also after a restart', async () => {
    const setup = new Setup();
    const access = setup.access();
    const credential = await signIn(access);
    const { code } = access.issueCode();
    await access.signOutAll();
    expect(access.isOperator(credential)).toBe(false);
    expect(setup.access().isOperator(credential)).toBe(false);
    await expect(access.exchange(code)).rejects.toEqual(expired);
  });

  it('is void at once where the disk takes nothing, and whoever signs all out is told', async () => {
    const setup = new Setup();
    const access = setup.access();
    const credential = await signIn(access);
    setup.diskIsFull = true;
    await expect(access.signOutAll()).rejects.toMatchObject({ code: 'unavailable' });
    expect(access.isOperator(credential)).toBe(false);
  });

  it('that has expired is no longer stored, and at most 64 are', async () => {
    const setup = new Setup();
    const first = await signIn(setup.access());
    setup.nowMs += 30 * DAY_MS;
    const access = setup.access();
    const credentials = [];
    for (let n = 0; n < 65; n++) credentials.push(await signIn(access));
    expect(setup.saved).toHaveLength(64);
    expect([first, credentials[0], credentials[1]].map((each) => access.isOperator(each ?? ''))).toEqual([
      false,
      false,
      true,
    ]);
  });
});
