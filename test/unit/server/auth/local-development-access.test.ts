import { describe, expect, it } from 'vitest';
import { localAccessDeniedReason } from '../../../../server/auth/local-development-access.ts';

const request = {
  development: true,
  remoteAddress: '127.0.0.1',
  host: 'localhost:3000',
  origin: 'http://localhost:3000',
  forwarded: false,
};

describe('local development access', () => {
  it.each([
    ['a page of this server', {}],
    ['a program without an origin', { origin: undefined }],
    ['the page by its address', { host: '127.0.0.1:3000', origin: 'http://127.0.0.1:3000' }],
    ['IPv6', { remoteAddress: '::1', host: '[::1]:3000', origin: 'http://[::1]:3000' }],
    ['IPv4 in IPv6', { remoteAddress: '::ffff:127.0.0.1' }],
  ])('is granted to %s on this computer', (_who, change) => {
    expect(localAccessDeniedReason({ ...request, ...change })).toBeUndefined();
  });

  it.each([
    ['outside development', { development: false }, /lets nobody in/],
    ['to another computer', { remoteAddress: '192.168.1.7' }, /only this computer/],
    ['from an unknown address', { remoteAddress: undefined }, /only this computer/],
    [
      'for an address that begins like that of this computer',
      { remoteAddress: '127.0.0.1.evil.example' },
      /only this computer/,
    ],
    ['behind a proxy, where everyone looks local', { forwarded: true }, /only this computer/],
    ['for a rebound name', { host: 'evil.example:3000', origin: 'http://evil.example:3000' }, /localhost/],
    ['for a name that begins like that of this computer', { host: 'localhost.evil.example' }, /localhost/],
    ['without a host', { host: undefined }, /localhost/],
    ['for a page from elsewhere', { origin: 'https://evil.example' }, /page of this server/],
    ['for another port of this computer', { origin: 'http://localhost:8080' }, /page of this server/],
    ['for a page whose origin is not known', { origin: 'null' }, /page of this server/],
  ])('is denied %s', (_when, change, reason) => {
    expect(localAccessDeniedReason({ ...request, ...change })).toMatch(reason);
  });
});
