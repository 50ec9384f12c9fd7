/**
 * The development door, decided: who may enter a room without an invite. Only the person at this very computer may, by a
 * name of this computer (which a rebound DNS name is not), and not through a proxy, behind which everyone looks local.
 */
export interface AccessRequest {
  development: boolean;
  remoteAddress: string | undefined;
  /** The headers `Host` and `Origin`. */
  host: string | undefined;
  origin: string | undefined;
  /** Whether a header tells of a proxy in between. */
  forwarded: boolean;
}

/** Why the door stays shut; undefined: it is open. */
export function localAccessDeniedReason(visit: AccessRequest): string | undefined {
  if (!visit.development) return 'this server lets nobody in without one';
  if (visit.forwarded || !isLoopback(visit.remoteAddress)) return 'only this computer itself enters without one';
  if (!namesThisComputer(visit.host))
    return 'without one, the page must be opened by the name localhost or the address 127.0.0.1';
  if (visit.origin !== undefined && hostOf(visit.origin) !== visit.host)
    return 'without one, only the page of this server itself may ask';
  return undefined;
}

export const isLoopback = (address: string | undefined): boolean =>
  address !== undefined && (address === '::1' || /^(::ffff:)?127\.\d+\.\d+\.\d+$/.test(address));

const namesThisComputer = (host: string | undefined): boolean =>
  host !== undefined && /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/.test(host);

const hostOf = (origin: string): string | undefined => (URL.canParse(origin) ? new URL(origin).host : undefined);
