/**
 * Operator access: how whoever runs the server comes in with a browser. A sign-in code stands in the link that the terminal prints; it is
 * exchanged once, within an hour, for a credential that the browser keeps for 30 days, over restarts of the server too. A credential
 * enters every room as a host. Where a connection comes from gives nobody anything.
 *
 * Code and credential end when the token is revoked by which the code was made; they outlive a token that expires.
 *
 * Codes and credentials have 256 random bits. The server keeps only their HMAC under its secret: what it stores lets nobody in, and
 * another secret voids them all, once the earlier one is no longer accepted. At most 64 codes and 64 credentials are known; the oldest goes first.
 */
import { createHmac, randomBytes } from 'node:crypto';
import { ApiError, IssuerRooms, Issuers, type SignInCode, type SignInResponse } from '@mediasoup-booth/protocol';
import { z } from 'zod';
import { BoundedMap } from '../../collections/bounded-map.ts';
import { limits } from '../limits.ts';
import type { Secrets } from './jwt.ts';
import type { Credential } from './revocation-list.ts';
import type { Origin } from './token-service.ts';

const SECRET_BYTES = 32;
const CODE_MS = 3_600_000;
const CREDENTIAL_MS = 30 * 86_400_000;
/** For so long after its exchange a code is exchanged for the same credential again, by whoever exchanged it. */
const REPEAT_MS = 30_000;

export const StoredOperators = z
  .array(
    z.object({
      hmac: z.string(),
      untilMs: z.number(),
      /** From what the code was issued, and when, in milliseconds since 1970. Absent: from nothing, by the server itself. */
      issuers: Issuers,
      issuerRooms: IssuerRooms,
      issuedAtMs: z.number().default(0),
    }),
  )
  .max(limits.operatorCredentials);
export type StoredOperators = z.infer<typeof StoredOperators>;
type StoredOperator = Omit<StoredOperators[number], 'hmac'>;

/** From what a code was issued, and when, in milliseconds since 1970; the HMAC of the attempt that exchanged it, and when. */
export const StoredCode = z.object({
  issuers: Issuers,
  issuerRooms: IssuerRooms,
  issuedAtMs: z.number(),
  exchanged: z.object({ attempt: z.string(), atMs: z.number() }).optional(),
});
export type StoredCode = z.infer<typeof StoredCode>;

/** The codes of sign-in links, by their HMACs, where any of several servers exchanges them. */
export interface CodeStore {
  issue(hmac: string, code: StoredCode): void;
  get(hmac: string): StoredCode | undefined;
  /**
   * Takes a code for one attempt: whoever is first.
   *
   * @returns whose it is, and since when; undefined: that cannot be known now
   */
  take(hmac: string, attempt: string): Promise<Exchanged | undefined>;
  clear(): void;
}

/** Carries the credentials over a restart. */
export interface OperatorStore {
  stored: StoredOperators;
  /** Resolves to whether they are on the disk, or where all servers share them. */
  save(operators: StoredOperators): Promise<boolean>;
  /** Calls `listener` with all credentials when another server has changed them. Absent: there is no other. */
  onChanged?(listener: (operators: StoredOperators) => void): void;
  /** Default: this server exchanges the codes that it has issued. */
  codes?: CodeStore;
}

export interface OperatorAccessOptions {
  /** The secret that is used, and an earlier one whose credentials are still accepted. */
  secrets: Secrets;
  /** Default: a restart signs every browser out. */
  store?: OperatorStore | undefined;
  /** Whether something was revoked from which a code was issued. */
  isRevoked(code: Pick<Credential, 'issuers' | 'issuerRooms' | 'issuedAtMs'>): boolean;
  /** Milliseconds since 1970. */
  wallNow: () => number;
}

/** The HMAC of the attempt that exchanged a code, and when. */
interface Exchanged {
  attempt: string;
  atMs: number;
}

interface IssuedCode extends Origin {
  issuedAtMs: number;
  exchanged?: Exchanged | undefined;
}

export class OperatorAccess {
  readonly #options: OperatorAccessOptions;
  /** By the HMAC of the code. Times are in milliseconds since 1970. */
  readonly #codes = new BoundedMap<string, IssuedCode>(limits.signInCodes);
  /** By the HMAC of the credential. */
  readonly #credentials = new BoundedMap<string, StoredOperator>(limits.operatorCredentials);

  constructor(options: OperatorAccessOptions) {
    this.#options = options;
    const { store } = options;
    const keep = (operators: StoredOperators) => {
      this.#credentials.clear();
      for (const { hmac, ...stored } of operators) this.#credentials.set(hmac, stored);
    };
    keep(store?.stored ?? []);
    store?.onChanged?.(keep);
  }

  /**
   * A new code for a link's fragment, valid for an hour and for one exchange.
   *
   * @param origin from what it is issued; default: from nothing, by the server itself
   */
  issueCode(origin: Origin = { issuers: [] }): SignInCode {
    const code = randomText();
    const issuedAtMs = this.#options.wallNow();
    const { issuers, issuerRooms } = origin;
    this.#codes.set(this.#hmac('code', code), { ...origin, issuedAtMs });
    this.#options.store?.codes?.issue(this.#hmac('code', code), {
      issuers: [...issuers],
      issuerRooms: issuerRooms && [...issuerRooms],
      issuedAtMs,
    });
    return { code, expires: Math.floor((issuedAtMs + CODE_MS) / 1000) };
  }

  /**
   * Exchanges a code for a credential; resolves when the credential is stored on disk, or cannot be: then it is good until a restart.
   *
   * @param attempt a random text of the browser's, with which it may ask again for 30 s and gets the same credential, as its page may have
   * been reloaded before the answer. Default: it may not
   * @throws {ApiError} `signInExpired` where the code was used before, is too old, was revoked, or was never given out
   */
  async exchange(code: string, attempt = randomText()): Promise<SignInResponse> {
    const nowMs = this.#options.wallNow();
    const hmac = this.#hmac('code', code);
    const attemptHmac = this.#hmac('attempt', attempt);
    const { codes } = this.#options.store ?? {};
    const issued = codes ? await sharedCode(codes, hmac, attemptHmac) : this.#codes.get(hmac);
    if (!issued || this.#options.isRevoked(issued) || !isOpen(issued, attemptHmac, nowMs))
      throw new ApiError(
        'signInExpired',
        'this sign-in link was used before, was revoked, or is older than an hour: run `npx booth link` on the server for a new one',
      );
    // In the same turn, so that of two attempts at once only one succeeds.
    issued.exchanged ??= { attempt: attemptHmac, atMs: nowMs };
    const { issuers, issuerRooms, issuedAtMs } = issued;
    const untilMs = issued.exchanged.atMs + CREDENTIAL_MS;
    // The same for the same attempt, so that the credential itself need not be kept for it.
    const credential = this.#hmac('credential of', `${code} ${attempt}`);
    this.#credentials.set(this.#hmac('credential', credential), {
      untilMs,
      issuers: [...issuers],
      issuerRooms: issuerRooms && [...issuerRooms],
      issuedAtMs,
    });
    await this.#save();
    return { credential, expires: Math.floor(untilMs / 1000) };
  }

  /** From what the link was issued by which this credential was given. Undefined: the browser that shows it is not the operator's. */
  originOf(credential: string): Origin | undefined {
    const known = this.#options.secrets
      .map((secret) => this.#credentials.get(this.#hmac('credential', credential, secret)))
      .find((each) => each !== undefined);
    if (!known || known.untilMs <= this.#options.wallNow() || this.#options.isRevoked(known)) return undefined;
    const { issuers, issuerRooms } = known;
    return { issuers, ...(issuerRooms && { issuerRooms }) };
  }

  /** Voids every code and credential; resolves when that is stored on disk. @throws {ApiError} `unavailable`, if it could not be stored: a restart would bring the credentials back */
  async signOutAll(): Promise<void> {
    this.#codes.clear();
    this.#options.store?.codes?.clear();
    this.#credentials.clear();
    if (!(await this.#save()))
      throw new ApiError(
        'unavailable',
        'every browser is signed out, but not after a restart: the disk did not take it. Make room on it, and ask again',
      );
  }

  async #save(): Promise<boolean> {
    const nowMs = this.#options.wallNow();
    for (const [hmac, { untilMs }] of [...this.#credentials]) if (untilMs <= nowMs) this.#credentials.delete(hmac);
    const stored = [...this.#credentials].map(([hmac, operator]) => ({ hmac, ...operator }));
    return (await this.#options.store?.save(stored)) ?? true;
  }

  #hmac(
    use: 'code' | 'attempt' | 'credential' | 'credential of',
    text: string,
    secret = this.#options.secrets[0],
  ): string {
    return createHmac('sha256', secret).update(`booth sign-in ${use}: ${text}`).digest('base64url');
  }
}

/** A code that any server may have issued, with who has exchanged it: where nobody has, this attempt. */
async function sharedCode(codes: CodeStore, hmac: string, attempt: string): Promise<IssuedCode | undefined> {
  const issued = codes.get(hmac);
  if (!issued) return undefined;
  const exchanged = issued.exchanged ?? (await codes.take(hmac, attempt));
  if (!exchanged)
    throw new ApiError(
      'unavailable',
      'the servers do not reach what they share (Redis): open the link again in a minute',
    );
  const { issuers, issuerRooms, issuedAtMs } = issued;
  return { issuers, ...(issuerRooms && { issuerRooms }), issuedAtMs, exchanged };
}

const randomText = (): string => randomBytes(SECRET_BYTES).toString('base64url');

/** Whether a code can be exchanged by this attempt: it is young enough, and either new or just exchanged by the same. */
const isOpen = ({ issuedAtMs, exchanged }: IssuedCode, attempt: string, nowMs: number): boolean =>
  exchanged ? exchanged.attempt === attempt && nowMs < exchanged.atMs + REPEAT_MS : nowMs < issuedAtMs + CODE_MS;
