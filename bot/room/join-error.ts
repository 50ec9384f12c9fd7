/** Opens the socket to a room of Booth's server, and describes in words for people why joining failed or the connection ended. */

import { MAX_SIGNAL_BYTES, signalSubprotocols } from '@mediasoup-booth/protocol';
import { WebSocket } from 'ws';
import { SignallingError } from '../../room-client/signalling-client.ts';

const CONNECT_TIMEOUT_MS = 10_000;
/** The codes of requests that were not answered, or failed in a host's room. */
const RETRYABLE: ReadonlySet<string> = new Set(['timeout', 'closed', 'failed']);
/** The join reply carries the recent captions of every language. */
const MAX_MESSAGE_BYTES = 64 * MAX_SIGNAL_BYTES;

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

/** @throws {JoinError} */
export function openSocket(url: string, token: string): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, signalSubprotocols(token), {
      handshakeTimeout: CONNECT_TIMEOUT_MS,
      maxPayload: MAX_MESSAGE_BYTES,
      // One message per turn of the event loop, as in a browser, so that a listener added after a reply receives the next message.
      allowSynchronousEvents: false,
    });
    socket.once('open', () => resolve(socket));
    socket.on('error', (error) => {
      reject(new JoinError(`the Booth server at ${url} cannot be reached (${error.message}); is it running?`, true));
    });
  });
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
