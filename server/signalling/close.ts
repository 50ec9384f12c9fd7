/** Closes a WebSocket with a reason, and terminates it when its other side does not close within a second. */
import type { WebSocket } from 'ws';
import type { Clock } from '../../time/clock.ts';

const GOODBYE_MS = 800;
/** A close frame holds this many bytes beside its code. */
const MAX_REASON_BYTES = 123;

export function closeWithReason(socket: WebSocket, code: number, reason: string, clock: Clock): void {
  socket.close(code, shortened(reason));
  const cancel = clock.after(GOODBYE_MS, () => socket.terminate());
  socket.once('close', cancel);
}

function shortened(reason: string): string {
  const bytes = Buffer.from(reason);
  if (bytes.length <= MAX_REASON_BYTES) return reason;
  // Three bytes for the ellipsis, and one less where that would cut a character.
  return `${new TextDecoder().decode(bytes.subarray(0, MAX_REASON_BYTES - 4)).replace(/\uFFFD+$/, '')}…`;
}
