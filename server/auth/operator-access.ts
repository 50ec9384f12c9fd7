/**
 * Operator access: how whoever runs the server comes in with a browser. A sign-in code stands in the link that the terminal prints; it is
 * exchanged once, within an hour, for a credential that the browser keeps for 30 days, over restarts of the server too. A credential
 * enters every room as a host. Where a connection comes from gives nobody anything.
 *
 * Codes and credentials have 256 random bits. The server keeps only their HMAC under its secret: what it stores lets nobody in, and
 * another secret voids them all, once the earlier one is no longer accepted. At most 64 codes and 64 credentials are known; the oldest goes first.
 */
import { createHmac, randomBytes } from 'node:crypto';
import { ApiError, type SignInCode, type SignInResponse } from '@mediasoup-booth/protocol';
import { z } from 'zod';
import { BoundedMap } from '../../collections/bounded-map.ts';
import { limits } from '../limits.ts';
import type { Secrets } from './jwt.ts';

const SECRET_BYTES = 32;
const CODE_MS = 3_600_000;
const CREDENTIAL_MS = 30 * 86_400_000;

export const StoredOperators = z
  .array(z.object({ hmac: z.string(), untilMs: z.number() }))
  .max(limits.operatorCredentials);
export type StoredOperators = z.infer<typeof StoredOperators>;

/** Carries the credentials over a restart. */
export interface OperatorStore {
  stored: StoredOperators;
  /** Resolves to whether they are on the disk. */
  save(operators: StoredOperators): Promise<boolean>;
}

export interface OperatorAccessOptions {
  /** The secret that is used, and an earlier one whose credentials are still accepted. */
  secrets: Secrets;
  /** Default: a restart signs every browser out. */
  store?: OperatorStore | undefined;
  /** Milliseconds since 1970. */
  wallNow: () => number;
}

export class OperatorAccess {
  readonly #options: OperatorAccessOptions;
  /** The HMACs of unused codes and of credentials, and until when each is valid, in milliseconds since 1970. */
  readonly #codes = new BoundedMap<string, number>(limits.signInCodes);
  readonly #credentials = new BoundedMap<string, number>(limits.operatorCredentials);

  constructor(options: OperatorAccessOptions) {
    this.#options = options;
    for (const { hmac, untilMs } of options.store?.stored ?? []) this.#credentials.set(hmac, untilMs);
  }

  /** A new code for a link's fragment, valid for an hour and for one exchange. */
  issueCode(): SignInCode {
    const code = randomBytes(SECRET_BYTES).toString('base64url');
    const untilMs = this.#options.wallNow() + CODE_MS;
    this.#codes.set(this.#hmac('code', code), untilMs);
    return { code, expires: Math.floor(untilMs / 1000) };
  }

  /**
   * Exchanges a code for a credential; resolves when the credential is stored on disk, or cannot be: then it is good until a restart.
   *
   * @throws {ApiError} `signInExpired` where the code was used before, is too old, or was never given out
   */
  async exchange(code: string): Promise<SignInResponse> {
    const hmac = this.#hmac('code', code);
    const codeUntilMs = this.#codes.get(hmac) ?? 0;
    // Removed in the same turn, so that of two exchanges at once only one succeeds.
    this.#codes.delete(hmac);
    if (codeUntilMs <= this.#options.wallNow())
      throw new ApiError(
        'signInExpired',
        'this sign-in link was used before, or is older than an hour: run `npx booth link` on the server for a new one',
      );
    const credential = randomBytes(SECRET_BYTES).toString('base64url');
    const untilMs = this.#options.wallNow() + CREDENTIAL_MS;
    this.#credentials.set(this.#hmac('credential', credential), untilMs);
    await this.#save();
    return { credential, expires: Math.floor(untilMs / 1000) };
  }

  /** Whether a browser that shows this credential is the operator's. */
  isOperator(credential: string): boolean {
    return this.#options.secrets.some((secret) => {
      const hmac = this.#hmac('credential', credential, secret);
      return (this.#credentials.get(hmac) ?? 0) > this.#options.wallNow();
    });
  }

  /** Voids every code and credential; resolves when that is stored on disk. @throws {ApiError} `unavailable`, if it could not be stored: a restart would bring the credentials back */
  async signOutAll(): Promise<void> {
    this.#codes.clear();
    this.#credentials.clear();
    if (!(await this.#save()))
      throw new ApiError(
        'unavailable',
        'every browser is signed out, but not after a restart: the disk did not take it. Make room on it, and ask again',
      );
  }

  async #save(): Promise<boolean> {
    const nowMs = this.#options.wallNow();
    for (const [hmac, untilMs] of [...this.#credentials]) if (untilMs <= nowMs) this.#credentials.delete(hmac);
    const stored = [...this.#credentials].map(([hmac, untilMs]) => ({ hmac, untilMs }));
    return (await this.#options.store?.save(stored)) ?? true;
  }

  #hmac(use: 'code' | 'credential', text: string, secret = this.#options.secrets[0]): string {
    return createHmac('sha256', secret).update(`booth sign-in ${use}: ${text}`).digest('base64url');
  }
}
