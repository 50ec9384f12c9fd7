/**
 * From which address a request really comes. Only a proxy whose address is configured as trusted is believed what its `X-Forwarded-For`
 * says; whatever anybody else writes there counts for nothing. REST calls and WebSocket upgrades both ask here.
 */
import type { IncomingMessage } from 'node:http';
import { BlockList, isIP, isIPv6 } from 'node:net';
import { StartError } from '../config/start-error.ts';

/** Whether the address is that of a trusted proxy. */
export type ProxyTrust = (address: string | undefined) => boolean;

/** The names of express for networks that are not reached from outside. */
const named: Readonly<Record<string, readonly string[]>> = {
  loopback: ['127.0.0.0/8', '::1/128'],
  linklocal: ['169.254.0.0/16', 'fe80::/10'],
  uniquelocal: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'],
};

/** More hops than any chain of proxies has: the rest of a longer header is not read. */
const MAX_HOPS = 16;

/**
 * @param list addresses, networks (`10.1.0.0/16`) and the names `loopback`, `linklocal` and `uniquelocal`, with commas between them;
 *   empty: no proxy is trusted
 * @throws {StartError} that names the entry which is none of these
 *
 * @example
 * const isTrusted = proxyTrust('loopback, 10.1.0.7');
 */
export function proxyTrust(list: string): ProxyTrust {
  const entries = list.split(',').flatMap((entry) => entry.trim() || []);
  const trusted = new BlockList();
  for (const entry of entries.flatMap((entry) => named[entry] ?? [entry])) addNetwork(trusted, entry);
  return (address) => {
    const plain = withoutMapping(address ?? '');
    return isIP(plain) !== 0 && trusted.check(plain, familyOf(plain));
  };
}

/**
 * The address of the client: that of the connection, or, behind trusted proxies, the nearest one that is not a trusted proxy. All
 * addresses of one IPv6 network (/64) belong to one client, and are answered with the network.
 *
 * @example
 * const address = clientAddress(request, isTrusted); // '203.0.113.9', '2001:db8:0:1::/64'
 */
export function clientAddress(request: Pick<IncomingMessage, 'socket' | 'headers'>, isTrusted: ProxyTrust): string {
  let client = withoutMapping(request.socket.remoteAddress ?? '');
  for (const hop of forwardedFor(request.headers['x-forwarded-for'])) {
    if (!isTrusted(client) || isIP(hop) === 0) break;
    client = withoutMapping(hop);
  }
  return isIPv6(client) ? networkOf(client) : client;
}

/** The nearest proxy's word first. */
function forwardedFor(header: string | string[] | undefined): string[] {
  const text = Array.isArray(header) ? header.join(',') : (header ?? '');
  return text
    .split(',')
    .slice(-MAX_HOPS)
    .map((hop) => hop.trim())
    .reverse();
}

function addNetwork(trusted: BlockList, entry: string): void {
  const [address = '', prefix, ...more] = entry.split('/');
  const longest = isIPv6(address) ? 128 : 32;
  const bits = prefix === undefined ? longest : /^\d{1,3}$/.test(prefix) ? Number(prefix) : Number.NaN;
  if (isIP(address) === 0 || more.length > 0 || !(bits <= longest))
    throw new StartError(
      `"${entry}" is no address or network of a proxy, such as 10.1.0.7, 10.1.0.0/16 or loopback. Check BOOTH_TRUSTED_PROXIES.`,
    );
  trusted.addSubnet(address, bits, familyOf(address));
}

const familyOf = (address: string): 'ipv4' | 'ipv6' => (isIPv6(address) ? 'ipv6' : 'ipv4');

/** An IPv4 address where a server that listens on IPv6 sees one mapped into IPv6 (`::ffff:192.0.2.1`). */
const withoutMapping = (address: string): string => {
  const [, mapped = ''] = /^::ffff:([\d.]+)$/i.exec(address) ?? [];
  return isIP(mapped) === 4 ? mapped : address;
};

/** The /64 of an IPv6 address. */
function networkOf(address: string): string {
  const [bare = ''] = address.split('%');
  const [head = '', tail] = bare.toLowerCase().split('::');
  const groups = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - groups.length - after.length);
  const whole = [...groups, ...Array.from({ length: zeros }, () => '0'), ...after];
  const network = whole.slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16));
  return `${network.join(':')}::/64`;
}
