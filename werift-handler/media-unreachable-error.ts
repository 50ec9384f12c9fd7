/** What a TURN server is to a transport: what was asked of it, and whether it relays. */
export interface Relay {
  host: string;
  port: number;
  transport: 'udp' | 'tcp' | 'tls';
  isThere: boolean;
}

/** No way for media to the server was found in time; the message tells what of the TURN server. */
export class MediaUnreachableError extends Error {
  override readonly name = 'MediaUnreachableError';
  readonly code = 'mediaUnreachable';

  /**
   * @param withinMs milliseconds for which an answer was waited for
   * @param relay undefined: no TURN server was given
   */
  constructor(withinMs: number, relay: Relay | undefined, options?: ErrorOptions) {
    super(`ICE: the media server did not answer within ${withinMs} ms; ${remedyFor(relay)}`, options);
  }
}

function remedyFor(relay: Relay | undefined): string {
  if (!relay) return 'a firewall lets no UDP through to it, and there is no TURN server';
  const server = `the TURN server ${relay.host}:${relay.port}`;
  if (relay.isThere) return `${server} relays, and does not reach it either`;
  return relay.transport === 'tls'
    ? `${server} gave no relay over TLS: is its port open, and its certificate trusted here (NODE_EXTRA_CA_CERTS names a file)?`
    : `${server} gave no relay over ${relay.transport.toUpperCase()}: is its port open?`;
}
