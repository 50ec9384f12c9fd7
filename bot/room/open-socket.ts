/** Opens the socket to a room of Booth's server. It stands apart, so that what others read of this package's types needs none of ws's. */
import { MAX_SIGNAL_BYTES, signalSubprotocols } from '@mediasoup-booth/protocol';
import { WebSocket } from 'ws';
import { JoinError } from './join-error.ts';

const CONNECT_TIMEOUT_MS = 10_000;
/** The join reply carries the recent captions of every language. */
const MAX_MESSAGE_BYTES = 64 * MAX_SIGNAL_BYTES;

/** The codes of Node's errors for certificates that nobody whom it knows has signed. */
const UNKNOWN_AUTHORITY: ReadonlySet<unknown> = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);
const UPGRADE_MISSING = 'Unexpected server response: 426';

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
      reject(
        new JoinError(`the Booth server at ${url} cannot be reached (${error.message}); ${remedyOf(error)}`, true),
      );
    });
  });
}

function remedyOf(error: Error): string {
  if (error.message === UPGRADE_MISSING)
    return 'a proxy in front of it has to pass on WebSockets: the headers Upgrade and Connection';
  if ('code' in error && UNKNOWN_AUTHORITY.has(error.code))
    return 'NODE_EXTRA_CA_CERTS can name a file with the certificate';
  return 'is it running?';
}
