/** Certificates for tests, each with a key of its own, and what makes the programs of a test trust them. */

import { createHash, randomUUID, X509Certificate } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import * as x509 from '@peculiar/x509';
import { run } from '../../engine/setup/run.mjs';
import type { TlsIdentity } from '../../server/listeners.ts';
import { debianPrograms } from './debian-programs.ts';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const DAY_MS = 86_400_000;

/**
 * A certificate that is its own authority.
 *
 * @param hosts names and IPv4 addresses
 * @param days from when until when it is valid, counted from now; default: from yesterday, for a month
 */
export async function certificateFor(hosts: readonly string[], [from, until] = [-1, 30]): Promise<TlsIdentity> {
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    // Of authorities with one name, OpenSSL takes any for that of a certificate.
    name: `CN=Booth under test ${randomUUID()}`,
    notBefore: new Date(Date.now() + from * DAY_MS),
    notAfter: new Date(Date.now() + until * DAY_MS),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new x509.SubjectAlternativeNameExtension(
        hosts.map((value) => ({ type: /^[\d.]+$/.test(value) ? ('ip' as const) : ('dns' as const), value })),
      ),
    ],
  });
  const key = await crypto.subtle.exportKey('pkcs8', keys.privateKey);
  return { cert: certificate.toString('pem'), key: x509.PemConverter.encode(key, 'PRIVATE KEY') };
}

/** From now on this process trusts what is signed by these: its requests and its WebSockets. */
export const trust = (...certificates: readonly string[]): void =>
  setDefaultCACertificates([...getCACertificates('default'), ...certificates]);

/** The argument with which Chromium trusts this certificate, and no other that it does not know. */
export function chromiumTrusting(cert: string): string {
  const key = new X509Certificate(cert).publicKey.export({ type: 'spki', format: 'der' });
  return `--ignore-certificate-errors-spki-list=${createHash('sha256').update(key).digest('base64')}`;
}

/**
 * Has a browser trust an authority, as whoever imports its certificate in the settings.
 *
 * @param database Firefox's profile, or `.pki/nssdb` in the home of Chromium; made where it is not there
 * @param file the authority's certificate, as PEM
 */
export async function browserTrusts(database: string, file: string): Promise<void> {
  const { path, env } = await debianPrograms(['libnss3-tools']);
  const certutil = (...args: string[]) => run(path('usr/bin/certutil'), [...args, '-d', `sql:${database}`], { env });
  mkdirSync(database, { recursive: true });
  await certutil('-N', '--empty-password');
  await certutil('-A', '-n', 'authority under test', '-t', 'C,,', '-i', file);
}
