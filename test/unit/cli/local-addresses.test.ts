import { describe, expect, it } from 'vitest';
import { routableAddress } from '../../../cli/local-booth.ts';
import { stunServerOf } from '../../../cli/reachability/ice-probes.ts';

const loopback = [
  { address: '127.0.0.1', family: 'IPv4' as const, internal: true },
  { address: '::1', family: 'IPv6' as const, internal: true },
];
const linkLocal = { address: 'fe80::fc:ff:fe00:1', family: 'IPv6' as const, internal: false };
const global = { address: '2001:db8::7', family: 'IPv6' as const, internal: false };

describe('the address by which Firefox reaches its own computer', () => {
  it.each([
    [
      'of IPv4 first',
      [...loopback, linkLocal, global, { address: '192.0.2.7', family: 'IPv4' as const, internal: false }],
      '192.0.2.7',
    ],
    ['of IPv6 where there is no other', [...loopback, linkLocal, global], '2001:db8::7'],
    ['none on a computer without a network', [...loopback, linkLocal], undefined],
  ])('is one %s', (_, addresses, expected) => expect(routableAddress(addresses)).toBe(expected));
});

describe('the server that a URL names', () => {
  it.each([
    ['stun:stun.example.org', { transport: 'udp', host: 'stun.example.org', port: 3478 }],
    ['turn:192.0.2.9:80?transport=tcp', { transport: 'tcp', host: '192.0.2.9', port: 80 }],
    ['turns:turn.example.org', { transport: 'tls', host: 'turn.example.org', port: 5349 }],
    ['turns:[2001:db8::9]:443?transport=tcp', { transport: 'tls', host: '2001:db8::9', port: 443 }],
  ])('%s is read', (url, expected) => expect(stunServerOf(url)).toMatchObject(expected));
});
