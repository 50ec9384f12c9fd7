/** Who a request comes from, with proxies before the server and without. */
import { describe, expect, it } from 'vitest';
import { StartError } from '../../../config/start-error.ts';
import { clientAddress, proxyTrust } from '../../../server/client-address.ts';

type Request = Parameters<typeof clientAddress>[0];

const request = (remoteAddress: string | undefined, forwardedFor?: string): Request =>
  ({ socket: { remoteAddress }, headers: { 'x-forwarded-for': forwardedFor } }) as unknown as Request;

describe('the address of a client', () => {
  it.each([
    ['of a connection without a proxy', '', '203.0.113.9', undefined, '203.0.113.9'],
    ['is not what a client claims where no proxy is trusted', '', '203.0.113.9', '198.51.100.1', '203.0.113.9'],
    [
      'is not what a stranger claims where another proxy is trusted',
      '10.0.0.7',
      '203.0.113.9',
      '1.2.3.4',
      '203.0.113.9',
    ],
    ['is what a trusted proxy says', '10.0.0.7', '10.0.0.7', '198.51.100.1', '198.51.100.1'],
    [
      'is what the nearest trusted proxy saw, not what the client claimed to it',
      'loopback',
      '127.0.0.1',
      '1.2.3.4, 198.51.100.1',
      '198.51.100.1',
    ],
    [
      'is found behind two trusted proxies',
      'loopback,10.0.0.0/8',
      '127.0.0.1',
      '1.2.3.4, 198.51.100.1, 10.2.3.4',
      '198.51.100.1',
    ],
    [
      'is the farthest proxy where all hops are trusted',
      'loopback, 10.0.0.0/8',
      '::1',
      '10.9.9.9, 10.2.3.4',
      '10.9.9.9',
    ],
    ['is the proxy where it says nothing', 'loopback', '127.0.0.1', undefined, '127.0.0.1'],
    ['is the proxy where what it says is no address', 'loopback', '127.0.0.1', 'unknown', '127.0.0.1'],
    ['is IPv4 where it is mapped into IPv6', 'loopback', '::ffff:127.0.0.1', '::ffff:198.51.100.1', '198.51.100.1'],
    ['is the network of an IPv6 address', '', '2001:db8:0:1:2:3:4:5', undefined, '2001:db8:0:1::/64'],
    ['is the network of a short IPv6 address', 'loopback', '127.0.0.1', '2001:DB8::5', '2001:db8:0:0::/64'],
    ['is empty where the connection has none', 'loopback', undefined, '1.2.3.4', ''],
  ])('%s', (_what, trusted, remote, forwarded, expected) => {
    expect(clientAddress(request(remote, forwarded), proxyTrust(trusted))).toBe(expected);
  });

  it('reads no more hops than a chain of proxies has', () => {
    const long = `1.2.3.4, ${Array.from({ length: 2000 }, () => '127.0.0.1').join(', ')}`;
    expect(clientAddress(request('127.0.0.1', long), proxyTrust('loopback'))).toBe('127.0.0.1');
  });
});

it.each(['10.0.0.7/33', 'fe80::1/129', 'my-proxy', '10.0.0.0/8/8', '10.0.0/8', '::1/x'])(
  'a list of proxies with "%s" is refused at the start',
  (entry) => {
    expect(() => proxyTrust(`loopback, ${entry}`)).toThrow(StartError);
  },
);
