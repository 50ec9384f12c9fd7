/** How a browser gets the operator's credential, and keeps it. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  operatorCredential,
  removeOperatorCredential,
  signIn,
} from '../../../client-widget/meeting/operator-sign-in.ts';

class MemoryStorage {
  readonly #values = new Map<string, string>();
  getItem = (key: string) => this.#values.get(key) ?? null;
  setItem = (key: string, value: string) => void this.#values.set(key, value);
  removeItem = (key: string) => void this.#values.delete(key);
}

interface Asked {
  code: string;
  attempt: string;
}

/** A server that takes each code once, and where it is `cut` answers nothing. */
function serverWith(...codes: string[]): Asked[] & { cut?: boolean } {
  const asked: Asked[] & { cut?: boolean } = [];
  vi.stubGlobal('fetch', async (_path: string, { body }: { body: string }) => {
    const { code, attempt } = JSON.parse(body) as Asked;
    asked.push({ code, attempt });
    if (asked.cut) throw new TypeError('the page is being reloaded');
    const at = codes.indexOf(code);
    if (at < 0) return Response.json({ code: 'signInExpired', detail: 'used before' }, { status: 403 });
    codes.splice(at, 1);
    return Response.json({ credential: `credential for ${code}`, expires: 0 }, { status: 201 });
  });
  return asked;
}

/** As Web Locks do: one callback after the other. */
function locks(): Pick<LockManager, 'request'> {
  let last: Promise<unknown> = Promise.resolve();
  const request = (_name: string, run: () => Promise<unknown>) => {
    last = last.then(run);
    return last;
  };
  return { request } as unknown as Pick<LockManager, 'request'>;
}

afterEach(() => vi.unstubAllGlobals());

/** The storage of a browser, and of a new tab of it. */
const inNewTab = (origin = new MemoryStorage()) => ({ origin, tab: new MemoryStorage() });

describe('a sign-in code', () => {
  it.each([
    ['with Web Locks', locks()],
    ['without them', undefined],
  ])('becomes a credential that the browser keeps, %s', async (_how, locks) => {
    serverWith('a');
    const storage = new MemoryStorage();
    expect(await signIn('a', inNewTab(storage), locks)).toBeUndefined();
    expect(operatorCredential(storage)).toBe('credential for a');
    removeOperatorCredential(storage);
    expect(operatorCredential(storage)).toBeUndefined();
  });

  it('that two tabs show at once signs both in', async () => {
    const asked = serverWith('a');
    const storage = new MemoryStorage();
    const shared = locks();
    expect(await Promise.all([1, 2].map(() => signIn('a', inNewTab(storage), shared)))).toEqual([undefined, undefined]);
    expect(asked.map(({ code }) => code)).toEqual(['a', 'a']);
    expect(asked[0]?.attempt).not.toBe(asked[1]?.attempt);
    expect(operatorCredential(storage)).toBe('credential for a');
  });

  it('that was used elsewhere is told, unless this browser is signed in already', async () => {
    serverWith('b');
    const storage = new MemoryStorage();
    expect(await signIn('a', inNewTab(storage), undefined)).toEqual({ code: 'signInExpired', message: 'used before' });
    await signIn('b', inNewTab(storage), undefined);
    expect(await signIn('a', inNewTab(storage), undefined)).toBeUndefined();
  });

  it('whose answer a reload has cut off is exchanged by the same attempt again, although the link has it no more', async () => {
    const asked = serverWith('a');
    const storage = inNewTab();
    asked.cut = true;
    expect(await signIn('a', storage, undefined)).toMatchObject({ code: 'unreachable' });
    asked.cut = false;
    expect(await signIn(undefined, storage, undefined)).toBeUndefined();
    expect(asked[1]).toEqual(asked[0]);
    expect(asked[0]?.attempt).toMatch(/^[0-9a-f]{32}$/);
    expect(operatorCredential(storage.origin)).toBe('credential for a');
    expect(await signIn(undefined, storage, undefined)).toBeUndefined();
    expect(asked).toHaveLength(2);
  });

  it('that the server refuses is not asked for again by a reload', async () => {
    const asked = serverWith();
    const storage = inNewTab();
    expect(await signIn('a', storage, undefined)).toMatchObject({ code: 'signInExpired' });
    expect(await signIn(undefined, storage, undefined)).toBeUndefined();
    expect(asked).toHaveLength(1);
  });
});
