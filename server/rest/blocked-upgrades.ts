/**
 * Answers requests for the signalling WebSocket that are none: a proxy that does not pass on the headers of an upgrade leaves a plain
 * request. A browser does not tell its page how a WebSocket was refused, so the page asks for the same path: for half a minute it is
 * answered, at the address of such a request, that a proxy is in the way.
 */
import { ApiError } from '@mediasoup-booth/protocol';
import type { RequestHandler } from 'express';
import type { Logger } from 'pino';
import { BoundedMap } from '../../collections/bounded-map.ts';
import type { Clock } from '../../time/clock.ts';
import { clientAddress, type ProxyTrust } from '../client-address.ts';
import { limits } from '../limits.ts';

const REMEMBERED_MS = 30_000;
const LOGGED_EVERY_MS = 60_000;

export interface BlockedUpgradeDeps {
  isTrustedProxy: ProxyTrust;
  clock: Clock;
  log: Pick<Logger, 'warn'>;
}

/**
 * @example
 * app.get(SIGNAL_PATH, blockedUpgrades({ isTrustedProxy, clock, log }));
 */
export function blockedUpgrades({ isTrustedProxy, clock, log }: BlockedUpgradeDeps): RequestHandler {
  /** When an upgrade of an address arrived without its headers. */
  const blocked = new BoundedMap<string, number>(limits.limitedAddresses);
  let loggedAtMs = Number.NEGATIVE_INFINITY;
  return (request, response) => {
    const nowMs = clock.now();
    const address = clientAddress(request, isTrustedProxy);
    if (request.headers['sec-websocket-key'] !== undefined) {
      blocked.delete(address);
      blocked.set(address, nowMs);
      if (nowMs - loggedAtMs >= LOGGED_EVERY_MS) {
        loggedAtMs = nowMs;
        log.warn({ proxy: request.socket.remoteAddress }, BLOCKED);
      }
    }
    response.set('Upgrade', 'websocket');
    const blockedAtMs = blocked.get(address) ?? Number.NEGATIVE_INFINITY;
    if (nowMs - blockedAtMs <= REMEMBERED_MS) throw new ApiError('upgradeBlocked', `${BLOCKED} (docs/https.md)`);
    throw new ApiError('upgradeNeeded', 'signalling is a WebSocket: the request needs the headers of its upgrade');
  };
}

const BLOCKED = 'a proxy does not pass on WebSockets: it has to pass the headers Upgrade and Connection';
