/** Lets go of a WebSocket whose other end is gone: one from which nothing came for 60 s, though it was pinged. */
import type { WebSocket } from 'ws';
import type { Clock } from './clock.ts';

const PING_EVERY_MS = 20_000;
const SILENT_PINGS = 3;

/** A connection that was cut somewhere on the way looks open for ever to who only listens. Returns what ends the pinging. */
export function keepAlive(socket: WebSocket, clock: Clock): () => void {
  let unanswered = 0;
  const heard = (): void => {
    unanswered = 0;
  };
  socket.on('message', heard);
  socket.on('pong', heard);
  let cancel = clock.after(PING_EVERY_MS, ping);
  return () => cancel();

  function ping(): void {
    if (unanswered === SILENT_PINGS) {
      socket.terminate();
      return;
    }
    unanswered++;
    if (socket.readyState === socket.OPEN) socket.ping();
    cancel = clock.after(PING_EVERY_MS, ping);
  }
}
