/** What werift is told of addresses and TURN servers. Pure. */
import { isIPv6 } from 'node:net';
import { parseIceServers } from 'werift';

/** As `RTCPeerConnection` takes them. */
export interface IceServers {
  iceServers?: RTCIceServer[] | undefined;
  /** `relay`: nothing is sent but over a TURN server. Default: `all`. */
  iceTransportPolicy?: RTCIceTransportPolicy | undefined;
}

/** The families of the sockets that are opened: those of the peer's addresses, its own computer included. */
export function addressFamilies(peer: readonly string[]) {
  const useIpv6 = peer.some((address) => isIPv6(address));
  const local = [
    ...(peer.some((address) => address.startsWith('127.')) ? ['127.0.0.1'] : []),
    ...(peer.includes('::1') ? ['::1'] : []),
  ];
  return {
    useIpv4: !useIpv6 || peer.some((address) => !isIPv6(address)),
    useIpv6,
    ...(local.length > 0 && { additionalHostAddresses: local }),
  };
}

/**
 * The TURN server to use: the first of them all. STUN servers are ignored, since the peer needs no address of ours.
 *
 * @throws {TypeError} where a TURN server has no name and password, or `relay` is asked for without a TURN server
 */
export function relayOptions({ iceServers = [], iceTransportPolicy }: IceServers) {
  const { turnServer, turnTransport, turnUsername, turnPassword } = parseIceServers(iceServers);
  const forceTurn = iceTransportPolicy === 'relay';
  if (forceTurn && !turnServer)
    throw new TypeError(
      'iceTransportPolicy "relay" needs a TURN server: give one in iceServers ("turn:…" or "turns:…")',
    );
  if (turnServer && !(turnUsername && turnPassword))
    throw new TypeError(`the TURN server ${turnServer.join(':')} needs "username" and "credential" in iceServers`);
  return { ...(turnServer && { turnServer, turnUsername, turnPassword, turnTransport }), forceTurn };
}
