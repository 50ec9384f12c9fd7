/**
 * Signs this browser in as the operator's: exchanges the code of a sign-in link for a credential, which all tabs of this origin share and
 * a reload or a restart of the server does not lose. A credential that the server no longer knows is removed.
 *
 * A page that is reloaded before the answer came asks again by the same attempt, which the server answers as before: the link is not used
 * up by it.
 */

import { EntranceError } from '../media/entrance-error.ts';
import { type ErrorReason, errorReasonOf } from '../media/error-reason.ts';
import { exchangeSignInCode } from './rest.ts';

const KEY = 'booth.operator';
/** Of this tab: the code that is being exchanged, and the random text by which it is the same attempt after a reload. */
const CODE_KEY = 'booth.signing-in.code';
const ATTEMPT_KEY = 'booth.signing-in.attempt';
const ATTEMPT_BYTES = 16;

type CredentialStorage = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

/** Undefined where this browser is not signed in. */
export const operatorCredential = (storage: Pick<Storage, 'getItem'>): string | undefined =>
  storage.getItem(KEY) ?? undefined;

export const removeOperatorCredential = (storage: Pick<Storage, 'removeItem'>): void => storage.removeItem(KEY);

export interface SignInStorage {
  /** Of all tabs of this origin. */
  origin: CredentialStorage;
  /** Of this tab alone. */
  tab: CredentialStorage;
}

/**
 * Exchanges a code: that of the link, else the one that was being exchanged when this tab was reloaded. Tabs take turns, so that a link
 * which is opened in two tabs at once signs both in.
 *
 * @param code undefined where the link has none
 * @returns why this browser is not signed in; undefined: it is, by this code or by an earlier one, or nothing was to be exchanged
 *
 * @example
 * const problem = await signIn(code, { origin: localStorage, tab: sessionStorage }, navigator.locks);
 */
export async function signIn(
  code: string | undefined,
  { origin, tab }: SignInStorage,
  locks: Pick<LockManager, 'request'> | undefined,
): Promise<ErrorReason | undefined> {
  const request = attemptOf(code, tab);
  if (!request) return undefined;
  const exchange = async (): Promise<ErrorReason | undefined> => {
    try {
      origin.setItem(KEY, (await exchangeSignInCode(request)).credential);
      removeAttempt(tab);
      return undefined;
    } catch (error) {
      if (error instanceof EntranceError && !error.retryable) removeAttempt(tab);
      return operatorCredential(origin) === undefined ? errorReasonOf(error) : undefined;
    }
  };
  return locks ? locks.request(KEY, exchange) : exchange();
}

function attemptOf(code: string | undefined, tab: CredentialStorage): { code: string; attempt: string } | undefined {
  if (code !== undefined && tab.getItem(CODE_KEY) !== code) {
    tab.setItem(CODE_KEY, code);
    tab.setItem(ATTEMPT_KEY, randomText());
  }
  const [pending, attempt] = [tab.getItem(CODE_KEY), tab.getItem(ATTEMPT_KEY)];
  return pending === null || attempt === null ? undefined : { code: pending, attempt };
}

function removeAttempt(tab: CredentialStorage): void {
  for (const key of [CODE_KEY, ATTEMPT_KEY]) tab.removeItem(key);
}

/** `crypto.randomUUID` is missing where the page came over plain HTTP. */
const randomText = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(ATTEMPT_BYTES)), (byte) => byte.toString(16).padStart(2, '0')).join(
    '',
  );
