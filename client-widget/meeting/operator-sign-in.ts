/**
 * Signs this browser in as the operator's: exchanges the code of a sign-in link for a credential, which all tabs of this origin share and
 * a reload or a restart of the server does not lose. A credential that the server no longer knows is removed.
 */
import { type ErrorReason, errorReasonOf } from '../media/error-reason.ts';
import { exchangeSignInCode } from './rest.ts';

const KEY = 'booth.operator';

type CredentialStorage = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

/** Undefined where this browser is not signed in. */
export const operatorCredential = (storage: Pick<Storage, 'getItem'>): string | undefined =>
  storage.getItem(KEY) ?? undefined;

export const removeOperatorCredential = (storage: Pick<Storage, 'removeItem'>): void => storage.removeItem(KEY);

/**
 * Exchanges a code. Tabs take turns, so that a link which is opened in two tabs at once signs both in.
 *
 * @returns why this browser is not signed in; undefined: it is, by this code or by an earlier one
 *
 * @example
 * const problem = await signIn(code, localStorage, navigator.locks);
 */
export async function signIn(
  code: string,
  storage: CredentialStorage,
  locks: Pick<LockManager, 'request'> | undefined,
): Promise<ErrorReason | undefined> {
  const exchange = async (): Promise<ErrorReason | undefined> => {
    try {
      storage.setItem(KEY, (await exchangeSignInCode(code)).credential);
      return undefined;
    } catch (error) {
      return operatorCredential(storage) === undefined ? errorReasonOf(error) : undefined;
    }
  };
  return locks ? locks.request(KEY, exchange) : exchange();
}
