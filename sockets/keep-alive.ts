/** Detects a WebSocket whose other end is gone, and terminates it: no message and no pong arrived though it was pinged three times. */
import type { WebSocket } from 'ws';
import type { Clock } from '../time/clock.ts';

const PING_INTERVAL_MS = 20_000;
const MAX_UNANSWERED_PINGS = 3;

/**
 * Pings a WebSocket every 20 s, or `intervalMs`, and terminates it when three pings in a row stay unanswered. Without this, a connection
 * that was cut on the way looks open forever to an end that only listens.
 *
 * @returns a function that stops the pings
 * @example
 * socket.on('close', keepAlive(socket, systemClock));
 */
export function keepAlive(socket: WebSocket, clock: Clock, intervalMs = PING_INTERVAL_MS): () => void {
  let unanswered = 0;
  const onActivity = (): void => {
    unanswered = 0;
  };
  socket.on('message', onActivity);
  socket.on('pong', onActivity);
  let cancel = clock.after(intervalMs, ping);
  return () => cancel();

  function ping(): void {
    if (unanswered === MAX_UNANSWERED_PINGS) {
      socket.terminate();
      return;
    }
    unanswered++;
    if (socket.readyState === socket.OPEN) socket.ping();
    cancel = clock.after(intervalMs, ping);
  }
}
