/** By which addresses and names others in the network reach this computer. Pure. */
import { isIP } from 'node:net';
import type { NetworkInterfaceInfo } from 'node:os';

type Interfaces = Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>;

/** Containers and virtual machines may bring many networks. */
const MAX_ADDRESSES = 16;

/**
 * The IPv4 addresses, else those of IPv6 that lead beyond the link. IPv6 addresses change by the day in many networks, and with them would
 * the certificate, which phones had to accept anew.
 *
 * @example
 * const [address] = lanAddresses(networkInterfaces());
 */
export function lanAddresses(interfaces: Interfaces): string[] {
  const outside = Object.values(interfaces)
    .flatMap((some) => some ?? [])
    .filter(({ internal, address }) => !internal && !/^(fe80:|169\.254\.)/i.test(address));
  const ipv4 = outside.filter(({ family }) => family === 'IPv4');
  return (ipv4.length > 0 ? ipv4 : outside).map(({ address }) => address).slice(0, MAX_ADDRESSES);
}

/** The computer's own name, and the one by which it is found without a name server; none where it has no proper one. */
export function lanNames(hostname: string): string[] {
  const name = hostname.toLowerCase();
  if (!/^[a-z\d]([a-z\d-]*[a-z\d])?(\.[a-z\d]([a-z\d-]*[a-z\d])?)*$/.test(name) || isIP(name) || name === 'localhost')
    return [];
  return name.includes('.') ? [name] : [name, `${name}.local`];
}
