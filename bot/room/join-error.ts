/** Describes in words for people why joining failed or the connection ended. */

import { SignallingError } from '../../room-client/signalling-client.ts';

/** The codes of requests that were not answered, or failed in a host's room. */
const RETRYABLE: ReadonlySet<string> = new Set(['timeout', 'closed', 'failed', 'elsewhere', 'unavailable']);

/** A room could not be joined; `message` says why, in a sentence for people. */
export class JoinError extends Error {
  override readonly name = 'JoinError';
  readonly retryable: boolean;
  /** What of the room does not fit; undefined: it was joined by its rules, and refused. */
  readonly code: 'invalid' | 'noOpus' | undefined;
  constructor(message: string, retryable: boolean, code?: 'invalid' | 'noOpus') {
    super(message);
    this.retryable = retryable;
    this.code = code;
  }
}

/** @param isFinal whether the server has closed the connection for good */
export function joinError(error: unknown, isFinal = false): JoinError {
  if (error instanceof JoinError) return error;
  const message = error instanceof Error ? error.message : String(error);
  const { retryable } = (error ?? {}) as { retryable?: unknown };
  if (typeof retryable === 'boolean') return new JoinError(message, retryable);
  const isRefused = error instanceof SignallingError && !RETRYABLE.has(error.code);
  return new JoinError(message, !isRefused && !isFinal);
}
