/**
 * Which addresses webhooks are sent to. A name is resolved once for a connection, and the address that is checked is the one that is
 * connected to: a name that resolves to another address a moment later (DNS rebinding) gains nothing.
 */
import { type LookupAddress, lookup as systemLookup } from 'node:dns';
import { BlockList, isIP, isIPv6, type LookupFunction } from 'node:net';

/** The special-purpose networks of the IANA registries: nothing in them is reached from the whole internet, or stands for one host there. */
const specialNetworks: readonly (readonly [network: string, prefix: number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
  // Of IPv6, these within 2000::/3, outside of which nothing is public: Teredo and other protocols, documentation, 6to4.
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
];

const familyOf = (address: string): 'ipv4' | 'ipv6' => (isIPv6(address) ? 'ipv6' : 'ipv4');

const special = new BlockList();
for (const [network, prefix] of specialNetworks) special.addSubnet(network, prefix, familyOf(network));
const globalIPv6 = new BlockList();
globalIPv6.addSubnet('2000::', 3, 'ipv6');

/**
 * Whether an address is reached from the whole internet: not loopback, private, link-local, multicast or reserved, and no IPv6 address
 * that stands for an IPv4 one.
 *
 * @example
 * isPublicAddress('169.254.169.254'); // false
 */
export function isPublicAddress(address: string): boolean {
  const [bare = ''] = address.split('%');
  if (isIP(bare) === 0) return false;
  return !special.check(bare, familyOf(bare)) && (!isIPv6(bare) || globalIPv6.check(bare, 'ipv6'));
}

/** The address that a URL's host is, without a name to resolve; undefined: it is a name. */
export function literalAddress({ hostname }: Pick<URL, 'hostname'>): string | undefined {
  const bare = hostname.replace(/^\[(.*)\]$/, '$1');
  return isIP(bare) === 0 ? undefined : bare;
}

/** None of these addresses of a host may be connected to. */
export class AddressRefused extends Error {
  override readonly name = 'AddressRefused';

  constructor(addresses: readonly string[]) {
    super(
      addresses.some(isPublicAddress)
        ? `${addresses.join(', ')} is beyond your own network, where plain HTTP is not sent: use https://`
        : `${addresses.join(', ')} is not a public address, and BOOTH_WEBHOOKS_ALLOW_PRIVATE_ADDRESSES is not set`,
    );
  }
}

/** As `dns.lookup` with `all: true`. */
export type ResolveAll = (
  hostname: string,
  options: { all: true; family?: number | 'IPv4' | 'IPv6' | undefined; hints?: number | undefined },
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/**
 * The option `lookup` of a connection: resolves a name to those of its addresses that are allowed. Node.js asks it for names alone; see
 * {@link literalAddress} for the rest. The connection fails with {@link AddressRefused} where none is allowed.
 *
 * @param resolve default: the system's
 *
 * @example
 * request({ host, lookup: allowedLookup(isPublicAddress) });
 */
export const allowedLookup =
  (isAllowed: (address: string) => boolean, resolve: ResolveAll = systemLookup): LookupFunction =>
  (hostname, { family, hints, all }, callback) => {
    resolve(hostname, { all: true, family, hints }, (error, addresses) => {
      if (error) return callback(error, []);
      const allowed = addresses.filter(({ address }) => isAllowed(address));
      const [first] = allowed;
      if (!first) return callback(new AddressRefused(addresses.map(({ address }) => address)), []);
      if (all) callback(null, allowed);
      else callback(null, first.address, first.family);
    });
  };
