/** The way into a room of Booth's server and out of it, in words for people: what failed, and whether it helps to try again. */
import { WebSocket } from 'ws';
import { finalCloseCodes, MAX_SIGNAL_BYTES } from '../../protocol/signalling.ts';
import { SignallingError } from '../../protocol/signalling-client.ts';
import type { RoomEnd } from './room-connection.ts';

const CONNECT_TIMEOUT_MS = 10_000;
/** The join reply carries the recent captions of every language. */
const MAX_MESSAGE_BYTES = 64 * MAX_SIGNAL_BYTES;

/** Why a room could not be joined; `message` is for people. */
export class JoinError extends Error {
  override readonly name = 'JoinError';
  readonly retryable: boolean;
  constructor(message: string, retryable: boolean) {
    super(message);
    this.retryable = retryable;
  }
}

/** @throws {JoinError} */
export function openSocket(url: string): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, {
      handshakeTimeout: CONNECT_TIMEOUT_MS,
      maxPayload: MAX_MESSAGE_BYTES,
      // One message at a time, as in a browser: what comes right behind a reply finds its listeners in place.
      allowSynchronousEvents: false,
    });
    socket.once('open', () => resolve(socket));
    socket.on('error', (error) => {
      reject(new JoinError(`the Booth server at ${url} cannot be reached (${error.message}); is it running?`, true));
    });
  });
}

/** `refused`: by the way in which the server ended the connection. */
export function joinError(error: unknown, refused: boolean): JoinError {
  if (error instanceof JoinError) return error;
  const message = error instanceof Error ? error.message : String(error);
  const lost = !(error instanceof SignallingError) || error.code === 'timeout' || error.code === 'closed';
  return new JoinError(message, lost && !refused);
}

export const endOf = (code: number, reason: string): RoomEnd => ({
  reason: reason || `the connection to the room was lost (${code})`,
  retryable: !finalCloseCodes.has(code),
});
