/**
 * An interpreter on the server's own computer sends to where media are received, and not to what others are told: a router may let nobody
 * inside come back by the address outside ("hairpin NAT"). Pure.
 */
import type { IceCandidate } from 'mediasoup/types';
import type { ListenAddress } from '../../config/rtc-addresses.ts';

/** The address of this computer that reaches a socket which is bound to all addresses, IPv4 and IPv6. */
const LOOPBACK = new Map([
  ['0.0.0.0', '127.0.0.1'],
  ['::', '::1'],
]);

/**
 * Candidates, and after them the same at the addresses of this computer, where others are told another.
 *
 * @example
 * withLocalCandidates(candidates, [{ ip: '0.0.0.0', announcedAddress: '203.0.113.7' }]); // 203.0.113.7 and 127.0.0.1, at the same ports
 */
export function withLocalCandidates(
  candidates: readonly IceCandidate[],
  listen: readonly ListenAddress[],
): IceCandidate[] {
  const local = candidates.flatMap((candidate) =>
    listen
      .filter(({ announcedAddress }) => announcedAddress === candidate.address)
      .map(({ ip }) => LOOPBACK.get(ip) ?? ip)
      .map((address) => ({ ...candidate, ip: address, address })),
  );
  return [...candidates, ...local];
}
