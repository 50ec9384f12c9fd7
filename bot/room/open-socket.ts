/** Opens the socket to a room of Booth's server. It stands apart, so that what others read of this package's types needs none of ws's. */
import { MAX_SIGNAL_BYTES, signalSubprotocols } from '@mediasoup-booth/protocol';
import { WebSocket } from 'ws';
import { JoinError } from './join-error.ts';

const CONNECT_TIMEOUT_MS = 10_000;
/** The join reply carries the recent captions of every language. */
const MAX_MESSAGE_BYTES = 64 * MAX_SIGNAL_BYTES;

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
