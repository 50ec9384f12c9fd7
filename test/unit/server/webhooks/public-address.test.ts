import { describe, expect, it } from 'vitest';
import {
  AddressRefused,
  allowedLookup,
  isPublicAddress,
  literalAddress,
  type ResolveAll,
} from '../../../../server/webhooks/public-address.ts';

describe('a public address', () => {
  it.each(['1.1.1.1', '93.184.215.14', '172.15.255.255', '172.32.0.1', '2606:4700::1111', '2a00:1450::1'])(
    'is %s',
    (address) => expect(isPublicAddress(address)).toBe(true),
  );

  it.each([
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '127.0.0.1',
    '127.255.255.254',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '198.18.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '::ffff:8.8.8.8',
    '64:ff9b::7f00:1',
    'fc00::1',
    'fd12::1',
    'fe80::1%eth0',
    'ff02::1',
    '2002:7f00:1::',
    '2001::1',
    '2001:db8::1',
    'localhost',
    '',
  ])('is not %s', (address) => expect(isPublicAddress(address)).toBe(false));
});

describe('the host of a URL', () => {
  it.each([
    ['https://127.1/', '127.0.0.1'],
    ['https://0x7f000001/', '127.0.0.1'],
    ['https://2130706433/', '127.0.0.1'],
    ['https://[::1]/', '::1'],
    ['https://app.example/', undefined],
  ])('of %s is the address %s', (url, address) => expect(literalAddress(new URL(url))).toBe(address));
});

/** A name that resolves to something else each time it is asked for. */
const changing =
  (...answers: string[][]): ResolveAll =>
  (_name, _options, callback) =>
    callback(
      null,
      (answers.shift() ?? []).map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );

describe('the lookup of a connection', () => {
  const lookUp = (resolve: ResolveAll, all: boolean) =>
    new Promise((done) =>
      allowedLookup(isPublicAddress, resolve)('app.example', { all }, (error, address) => done(error ?? address)),
    );

  it('resolves to what it has checked, and to nothing else the moment a name moves into the network behind', async () => {
    const resolve = changing(['1.1.1.1'], ['127.0.0.1'], ['10.0.0.1', '::1']);
    expect(await lookUp(resolve, false)).toBe('1.1.1.1');
    expect(await lookUp(resolve, false)).toBeInstanceOf(AddressRefused);
    expect(await lookUp(resolve, true)).toBeInstanceOf(AddressRefused);
  });

  it('leaves out the addresses that are not allowed', async () => {
    expect(await lookUp(changing(['127.0.0.1', '1.1.1.1']), true)).toEqual([{ address: '1.1.1.1', family: 4 }]);
  });
});
