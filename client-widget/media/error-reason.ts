/**
 * Why something failed: `code` for callers that show a text of their own for it, `message` in plain words for all others. `code` is empty
 * where the error has none.
 */
import { SignallingError } from '../../room-client/signalling-client.ts';
import { EntranceError } from './entrance-error.ts';

export interface ErrorReason {
  code: string;
  message: string;
}

export function errorReasonOf(error: unknown): ErrorReason {
  const message = error instanceof Error ? error.message : 'Something went wrong.';
  if (error instanceof EntranceError || error instanceof SignallingError) return { code: error.code, message };
  return { code: '', message };
}
