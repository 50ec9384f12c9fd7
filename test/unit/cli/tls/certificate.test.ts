/** What a certificate says, what is wrong with it, and the one that is made for a network. */
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isFor, linkName, readCertificate, validityProblem } from '../../../../cli/tls/certificate.ts';
import { configuredFiles } from '../../../../cli/tls/certificate-files.ts';
import { obtainLanCertificate } from '../../../../cli/tls/lan-certificate.ts';
import { lanAddresses, lanNames } from '../../../../cli/tls/lan-hosts.ts';
import { certificateFor } from '../../../support/certificates.ts';

const DAY_MS = 86_400_000;
const source = { cert: 'meet.crt', key: 'meet.key' };

describe('a certificate', () => {
  it('tells its names, its addresses and its fingerprint', async () => {
    const certificate = readCertificate(
      await certificateFor(['*.example.org', 'meet.example.org', '192.0.2.7']),
      source,
    );
    expect(certificate.names).toEqual(['*.example.org', 'meet.example.org']);
    expect(certificate.addresses).toEqual(['192.0.2.7']);
    expect(certificate.fingerprint).toMatch(/^([\dA-F]{2}:){31}[\dA-F]{2}$/);
    expect(linkName(certificate)).toBe('meet.example.org');
    const hosts = ['meet.example.org', 'other.example.org', '192.0.2.7', 'example.com', '192.0.2.8', '[::1]'];
    expect(hosts.filter((host) => isFor(certificate, host))).toEqual(hosts.slice(0, 3));
  });

  it.each<[[number, number], RegExp | undefined]>([
    [[-40, -2], /expired on \d{4}-\d\d-\d\d.*Renew it/],
    [[2, 40], /valid from \d{4}-\d\d-\d\d on/],
    [[-40, 3.5], /expires on .*, in 3 days\. Renew it/],
    [[-40, 1.5], /in 1 day\. /],
    [[-1, 60], undefined],
  ])('that is valid from day %j is warned of where that is needed', async (days, warning) => {
    const problem = validityProblem(readCertificate(await certificateFor(['a.example'], days), source), Date.now());
    if (warning === undefined) expect(problem).toBeUndefined();
    else expect(problem).toMatch(warning);
  });

  it('is refused with the file that is wrong', async () => {
    const { cert, key } = await certificateFor(['a.example']);
    const another = await certificateFor(['a.example']);
    expect(() => readCertificate({ cert: 'no certificate', key }, source)).toThrow(
      /^meet\.crt holds no certificate in PEM/,
    );
    expect(() => readCertificate({ cert, key: cert }, source)).toThrow(/^meet\.key holds no private key in PEM/);
    expect(() => readCertificate({ cert, key: another.key }, source)).toThrow(
      /^the key in meet\.key is not that of the certificate in meet\.crt/,
    );
  });

  it.each([
    [{ certificate: 'a', key: '' }, /BOOTH_TLS_CERTIFICATE is set, and BOOTH_TLS_KEY is not/],
    [{ certificate: '', key: 'a' }, /BOOTH_TLS_KEY is set, and BOOTH_TLS_CERTIFICATE is not/],
  ])('needs both files: %o', (tls, problem) => {
    expect(() => configuredFiles({ tls })).toThrow(problem);
  });
});

describe('the certificate for a network', () => {
  let folder: string;
  let path: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'booth-lan-'));
    path = join(folder, 'data/lan-certificate.pem');
  });
  afterEach(() => rm(folder, { recursive: true }));

  const hosts = ['192.0.2.7', '2001:db8::7', 'laptop', 'laptop.local'];
  const obtain = (wanted = hosts, daysLater = 0) => obtainLanCertificate(path, wanted, Date.now() + daysLater * DAY_MS);

  it('is for all names and addresses, for at most 398 days, and its owner alone can read it', async () => {
    const certificate = await obtain();
    for (const host of hosts) expect(isFor(certificate, host), host).toBe(true);
    expect(certificate.validUntilMs - certificate.validFromMs).toBeLessThanOrEqual(398 * DAY_MS);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it('stays the same while it is good, also for fewer addresses', async () => {
    const { fingerprint } = await obtain();
    expect((await obtain(hosts, 360)).fingerprint).toBe(fingerprint);
    expect((await obtain(['192.0.2.7'])).fingerprint).toBe(fingerprint);
  });

  it('is replaced for a new address, and a month before it expires', async () => {
    const first = await obtain();
    const second = await obtain(['192.0.2.8']);
    expect(second.fingerprint).not.toBe(first.fingerprint);
    expect((await obtain(['192.0.2.8'], 367)).fingerprint).not.toBe(second.fingerprint);
  });

  it.each(['', 'nothing of use', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'])(
    'is made anew where the file holds %j',
    async (text) => {
      await obtain();
      await writeFile(path, text);
      const made = await obtain();
      expect(await readFile(path, 'utf8')).toContain(made.key.trim());
    },
  );

  it('says which file cannot be written', async () => {
    await writeFile(join(folder, 'data'), 'in the way');
    await expect(obtain()).rejects.toThrow(/the certificate cannot be stored: .*data.*Set BOOTH_DATA_DIR/);
  });
});

describe('how others reach this computer', () => {
  const at = (address: string, internal = false) => ({
    address,
    internal,
    family: address.includes(':') ? ('IPv6' as const) : ('IPv4' as const),
    netmask: '',
    mac: '',
    cidr: null,
    scopeid: 0,
  });

  it.each([
    [{ lo: [at('127.0.0.1', true)], eth0: [at('192.0.2.7'), at('2001:db8::7'), at('fe80::7')] }, ['192.0.2.7']],
    [{ eth0: [at('fe80::7'), at('2001:db8::7')] }, ['2001:db8::7']],
    [{ eth0: [at('169.254.1.1')], eth1: undefined }, []],
    [{ lo: [at('127.0.0.1', true)] }, []],
  ])('by the addresses of %o', (interfaces, addresses) => {
    expect(lanAddresses(interfaces)).toEqual(addresses);
  });

  it.each([
    ['Laptop', ['laptop', 'laptop.local']],
    ['laptop.example.org', ['laptop.example.org']],
    ['localhost', []],
    ["Ana's laptop", []],
    ['192.0.2.7', []],
  ])('by the name %j', (hostname, names) => {
    expect(lanNames(hostname)).toEqual(names);
  });
});
