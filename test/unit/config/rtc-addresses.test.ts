import { describe, expect, it } from 'vitest';
import { iceServerUrls, listenAddresses, portRange } from '../../../config/rtc-addresses.ts';

describe('addresses to listen on', () => {
  it.each([
    ['', []],
    ['192.0.2.7', [{ ip: '192.0.2.7' }]],
    [
      ' 0.0.0.0=203.0.113.7 , ::=2001:db8::7,',
      [
        { ip: '0.0.0.0', announcedAddress: '203.0.113.7' },
        { ip: '::', announcedAddress: '2001:db8::7' },
      ],
    ],
    ['10.0.0.5=media.example.org', [{ ip: '10.0.0.5', announcedAddress: 'media.example.org' }]],
  ])('"%s" are read', (list, addresses) => expect(listenAddresses(list)).toEqual(addresses));

  it.each([
    'example.org',
    '192.0.2.7:44400',
    '192.0.2.7=',
    '=203.0.113.7',
    '10.0.0.5=a=b',
    '10.0.0.5=a b',
    '10.0.0.5 10.0.0.6',
  ])('"%s" is none', (list) => expect(listenAddresses(list)).toBeUndefined());
});

describe('ranges of ports', () => {
  it('have two ends, both included', () => {
    expect(portRange('40000-40999')).toEqual({ min: 40_000, max: 40_999 });
    expect(portRange(' 7-7 ')).toEqual({ min: 7, max: 7 });
  });

  it.each(['', '40000', '40999-40000', '0-5', '1-65536', '1-2-3', 'a-b'])('"%s" is none', (text) => {
    expect(portRange(text)).toBeUndefined();
  });
});

describe('URLs of STUN and TURN servers', () => {
  it.each([
    ['', []],
    ['stun:stun.example.org', ['stun:stun.example.org']],
    [
      'turn:192.0.2.9:3478?transport=udp, turns:turn.example.org:443?transport=tcp,turn:[2001:db8::9]:3478',
      ['turn:192.0.2.9:3478?transport=udp', 'turns:turn.example.org:443?transport=tcp', 'turn:[2001:db8::9]:3478'],
    ],
  ])('"%s" are read', (list, urls) => expect(iceServerUrls(list)).toEqual(urls));

  it.each([
    'turn.example.org',
    'https://turn.example.org',
    'turn://turn.example.org',
    'stun:stun.example.org?transport=udp',
    'turn:turn.example.org?transport=tls',
    'turn:user:password@turn.example.org',
    Array.from({ length: 9 }, (_, index) => `stun:${index}.example.org`).join(),
  ])('"%s" is refused', (list) => expect(iceServerUrls(list)).toBeUndefined());
});
