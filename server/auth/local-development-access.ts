/**
 * Local development access: whether a request may enter a room without an invite. Only requests from this computer may, under a name
 * of this computer (which a rebound DNS name is not), and not through a proxy, behind which every client looks local. Pure.
 */
export interface AccessRequest {
  development: boolean;
  remoteAddress: string | undefined;
  /** The headers `Host` and `Origin`. */
  host: string | undefined;
  origin: string | undefined;
  /** Whether a header shows that a proxy has forwarded the request. */
  forwarded: boolean;
}

/** Why the request needs an invite, as the end of a sentence; undefined: it needs none. */
export function localAccessDeniedReason(request: AccessRequest): string | undefined {
  if (!request.development) return 'this server lets nobody in without an invite';
  if (request.forwarded || !isLoopback(request.remoteAddress))
    return 'only this computer itself may enter without an invite';
  if (!namesThisComputer(request.host))
    return 'to enter without an invite, open the page by the name localhost or the address 127.0.0.1';
  if (request.origin !== undefined && hostOf(request.origin) !== request.host)
    return 'only the page of this server itself may enter without an invite';
  return undefined;
}

export const isLoopback = (address: string | undefined): boolean =>
  address !== undefined && (address === '::1' || /^(::ffff:)?127\.\d+\.\d+\.\d+$/.test(address));

const namesThisComputer = (host: string | undefined): boolean =>
  host !== undefined && /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/.test(host);

const hostOf = (origin: string): string | undefined => (URL.canParse(origin) ? new URL(origin).host : undefined);
