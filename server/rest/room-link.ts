/** Links to a room, for people. What lets somebody in is added in the fragment, which no server sees. */
import type { Request } from 'express';
import { isThisComputer, roomUrl } from '../../config/server-url.ts';
import type { ProxyTrust } from '../client-address.ts';

export interface LinkDeps {
  /** The address for links. Default: the one that a request names. */
  publicUrl?: string | undefined;
  isTrustedProxy: ProxyTrust;
  /** The address for others in the network, where this computer reaches the server by another one. */
  networkUrl(): string | undefined;
}

/**
 * The link of a room: under `publicUrl`, else the server is named as the caller reached it, and as a trusted proxy was reached.
 *
 * @example
 * const link = `${roomLink(deps, request, 'lobby')}#invite=${invite}`;
 */
export const roomLink = ({ publicUrl, isTrustedProxy }: LinkDeps, request: Request, room: string): string =>
  roomUrl(publicUrl || `${request.protocol}://${request.host}${forwardedPrefix(request, isTrustedProxy)}`, room);

/** The link of a room for somebody else: where the caller reached the server by a loopback address, nobody else can. */
export const guestLink = (deps: LinkDeps, request: Request, room: string): string => {
  const networkUrl = isThisComputer(request.host ?? '') ? deps.networkUrl() : undefined;
  return roomLink({ ...deps, publicUrl: deps.publicUrl || networkUrl }, request, room);
};

/** The path that a trusted proxy says it has stripped; empty: none. */
function forwardedPrefix(request: Request, isTrustedProxy: ProxyTrust): string {
  const prefix = request.get('X-Forwarded-Prefix') ?? '';
  return isTrustedProxy(request.socket.remoteAddress) && /^(\/[\w.~-]+)+\/?$/.test(prefix) ? prefix : '';
}
