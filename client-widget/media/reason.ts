/** Why something did not work: `code` for whoever has words of their own for it, `message` for everyone else. */
import { SignallingError } from '../../room-client/signalling-client.ts';
import { EntranceError } from './entrance-error.ts';

export interface Reason {
  code: string;
  message: string;
}

export function reasonOf(error: unknown): Reason {
  const message = error instanceof Error ? error.message : 'Something went wrong.';
  if (error instanceof EntranceError || error instanceof SignallingError) return { code: error.code, message };
  return { code: '', message };
}
