/**
 * How a client's token travels with the upgrade to a WebSocket: in the header `Sec-WebSocket-Protocol`, the only one that a browser can
 * set. Never in a path or a query, which proxies and browsers log. No schemas here: pages bundle this file as it is.
 */

/** The subprotocol that the server selects. */
export const SIGNAL_SUBPROTOCOL = 'booth.v1';
const TOKEN_PREFIX = 'booth.token.';

/**
 * The subprotocols that a client offers, for the second parameter of `new WebSocket`.
 *
 * @example
 * new WebSocket(signalUrl('https://booth.example'), signalSubprotocols(token));
 */
export const signalSubprotocols = (token: string): string[] => [
  SIGNAL_SUBPROTOCOL,
  // A character that no token has would make the constructor throw: so it is the server that says what is wrong with the token.
  `${TOKEN_PREFIX}${token.replace(/[^\w.-]/g, '~')}`,
];

/** The token among the subprotocols that a client offers; undefined: none. */
export function offeredToken(header: string | undefined): string | undefined {
  const offered = (header ?? '').split(',').map((name) => name.trim());
  return offered.find((name) => name.startsWith(TOKEN_PREFIX))?.slice(TOKEN_PREFIX.length);
}
