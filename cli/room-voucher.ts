/** Asks the server of a room whether an interpreter is still the one that may speak there. */
import { InterpreterFenceView } from '@mediasoup-booth/protocol';
import type { InterpreterOrder } from '../cluster/interpreter-order.ts';
import { PASSED_ON_HEADER } from '../server/room/room-directory.ts';

/**
 * @param withinMs an answer that comes later is none
 * @returns false, too, where the server does not answer, or has not let this run of the interpreter in yet
 * @example
 * await isVouchedFor(order, 7, 1000);
 */
export async function isVouchedFor(
  { server, room, interpreter, token }: InterpreterOrder,
  fence: number,
  withinMs: number,
): Promise<boolean> {
  const path = `v1/rooms/${encodeURIComponent(room)}/interpreters/${encodeURIComponent(interpreter)}/fence`;
  try {
    const answer = await fetch(new URL(path, server.endsWith('/') ? server : `${server}/`), {
      // The server that has ordered it answers, also where another has the room still, as before a move.
      headers: { Authorization: `Bearer ${token}`, [PASSED_ON_HEADER]: '1' },
      signal: AbortSignal.timeout(withinMs),
    });
    if (!answer.ok) return false;
    return InterpreterFenceView.parse(await answer.json()).fence === fence;
  } catch {
    return false;
  }
}
