/** Opens the socket to a room of Booth's server, and describes in words for people why joining failed or the connection ended. */

import { MAX_SIGNAL_BYTES, signalSubprotocols } from '@mediasoup-booth/protocol';
import { WebSocket } from 'ws';
import { type ConnectionEnd, RoomJoinError } from '../../room-client/room-client.ts';
import { SignallingError } from '../../room-client/signalling-client.ts';
import type { RoomEnd } from './room-connection.ts';

/** The close code of a connection that this side has closed. */
const LEFT = 1000;
const CONNECT_TIMEOUT_MS = 10_000;
/** The join reply carries the recent captions of every language. */
const MAX_MESSAGE_BYTES = 64 * MAX_SIGNAL_BYTES;

/** A room could not be joined; `message` says why, in a sentence for people. */
export class JoinError extends Error {
  override readonly name = 'JoinError';
  readonly retryable: boolean;
  constructor(message: string, retryable: boolean) {
    super(message);
    this.retryable = retryable;
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

/** @param end how the connection ended, where the server has closed it */
export function joinError(error: unknown, end?: ConnectionEnd): JoinError {
  if (error instanceof JoinError) return error;
  if (error instanceof RoomJoinError) return joinError(error.cause, error.end);
  const message = error instanceof Error ? error.message : String(error);
  const lost = !(error instanceof SignallingError) || error.code === 'timeout' || error.code === 'closed';
  return new JoinError(message, lost && !end?.final);
}

/** Describes the end of a connection on which the room had been joined. */
export const endOf = ({ code, reason, final }: ConnectionEnd): RoomEnd => ({
  reason: reason || `the connection to the room was lost (${code})`,
  retryable: !final && code !== LEFT,
});
