/** The errors that calls of this package throw, each with a code that programs can tell apart. */

/**
 * - `invalid`: an argument is not what it has to be.
 * - `closed`: the Booth was closed.
 * - `engineStarting`: the engine is not there yet.
 * - `routerClosed`: the router was closed.
 * - `alreadyInterpreted`: the router is interpreted already.
 * - `noOpus`: the router does not offer Opus.
 * - `wrongRouter`: a producer is not on the room's router.
 * - `wrongKind`: a producer is video where audio is wanted, or the other way around.
 * - `languageNotServed`: the engine does not translate into a language.
 * - `missingDependency`: a package has to be installed for what is wanted.
 * - `joinRefused`: a room could not be joined, or was left, for good.
 */
export type BoothErrorCode =
  | 'invalid'
  | 'closed'
  | 'engineStarting'
  | 'routerClosed'
  | 'alreadyInterpreted'
  | 'noOpus'
  | 'wrongRouter'
  | 'wrongKind'
  | 'languageNotServed'
  | 'missingDependency'
  | 'joinRefused';

/**
 * `message` says what happened and what to do.
 *
 * @example
 * try {
 *   room.person('ann', { hears: wanted });
 * } catch (error) {
 *   if (error instanceof BoothError && error.code === 'languageNotServed') tell(error.message);
 *   else throw error;
 * }
 */
export class BoothError extends Error {
  override readonly name = 'BoothError';
  readonly code: BoothErrorCode;
  /** Whether the same call may succeed later. */
  readonly retryable: boolean;

  constructor(code: BoothErrorCode, message: string, { retryable = false, cause }: BoothErrorOptions = {}) {
    super(message, { cause });
    this.code = code;
    this.retryable = retryable;
  }
}

export interface BoothErrorOptions {
  /** Default: false. */
  retryable?: boolean;
  cause?: unknown;
}
