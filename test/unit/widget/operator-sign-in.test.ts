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

/** A server that takes each code once. */
function serverWith(...codes: string[]): string[] {
  const asked: string[] = [];
  vi.stubGlobal('fetch', async (_path: string, { body }: { body: string }) => {
    const { code } = JSON.parse(body) as { code: string };
    asked.push(code);
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

describe('a sign-in code', () => {
  it.each([
    ['with Web Locks', locks()],
    ['without them', undefined],
  ])('becomes a credential that the browser keeps, %s', async (_how, locks) => {
    serverWith('a');
    const storage = new MemoryStorage();
    expect(await signIn('a', storage, locks)).toBeUndefined();
    expect(operatorCredential(storage)).toBe('credential for a');
    removeOperatorCredential(storage);
    expect(operatorCredential(storage)).toBeUndefined();
  });

  it('that two tabs show at once signs both in', async () => {
    const asked = serverWith('a');
    const storage = new MemoryStorage();
    const shared = locks();
    expect(await Promise.all([signIn('a', storage, shared), signIn('a', storage, shared)])).toEqual([
      undefined,
      undefined,
    ]);
    expect(asked).toEqual(['a', 'a']);
    expect(operatorCredential(storage)).toBe('credential for a');
  });

  it('that was used elsewhere is told, unless this browser is signed in already', async () => {
    serverWith('b');
    const storage = new MemoryStorage();
    expect(await signIn('a', storage, undefined)).toEqual({ code: 'signInExpired', message: 'used before' });
    await signIn('b', storage, undefined);
    expect(await signIn('a', storage, undefined)).toBeUndefined();
  });
});
