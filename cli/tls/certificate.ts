/** What a certificate and its key say, and what is wrong with them. No files, no sockets. */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { createSecureContext } from 'node:tls';
import { messageOf } from '@mediasoup-booth/protocol';
import type { TlsIdentity } from '../../server/listeners.ts';
import { CommandError } from '../errors.ts';

export interface Certificate extends TlsIdentity {
  /** The names for which it is valid, in its own order: `meet.example.org`, `*.example.org`. */
  names: readonly string[];
  /** The IP addresses for which it is valid. */
  addresses: readonly string[];
  /** Milliseconds since 1970. */
  validFromMs: number;
  validUntilMs: number;
  /** SHA-256, as browsers show it: `AB:CD:…`. */
  fingerprint: string;
}

const DAY_MS = 86_400_000;
/** Authorities renew certificates a month ahead: what is left for less has been forgotten. */
const EXPIRES_SOON_MS = 14 * DAY_MS;

/**
 * @param source how an error calls the two, each a file
 * @throws {CommandError} where one cannot be read as PEM, or they do not belong together
 *
 * @example
 * const { names, validUntilMs } = readCertificate({ cert, key }, { cert: 'meet.crt', key: 'meet.key' });
 */
export function readCertificate({ cert, key }: TlsIdentity, source: TlsIdentity): Certificate {
  const first = parsed(() => new X509Certificate(cert), `${source.cert} holds no certificate in PEM`);
  const privateKey: KeyObject = parsed(
    () => createPrivateKey(key),
    `${source.key} holds no private key in PEM without a passphrase`,
  );
  if (!first.checkPrivateKey(privateKey))
    throw new CommandError(
      `the key in ${source.key} is not that of the certificate in ${source.cert}, whose own has to stand first`,
    );
  parsed(() => createSecureContext({ cert, key }), `${source.cert} and ${source.key} cannot be used`);
  const alternatives = (first.subjectAltName ?? '').split(', ');
  const after = (prefix: string) =>
    alternatives.flatMap((entry) => (entry.startsWith(prefix) ? entry.slice(prefix.length) : []));
  return {
    cert,
    key,
    names: after('DNS:'),
    addresses: after('IP Address:'),
    validFromMs: Date.parse(first.validFrom),
    validUntilMs: Date.parse(first.validTo),
    fingerprint: first.fingerprint256,
  };
}

/** What browsers object to, or soon will, in words for whoever runs the server; undefined: nothing. */
export function validityProblem({ validFromMs, validUntilMs }: Certificate, nowMs: number): string | undefined {
  if (nowMs > validUntilMs) return `the certificate expired on ${day(validUntilMs)}: browsers refuse it. Renew it`;
  if (nowMs < validFromMs) return `the certificate is valid from ${day(validFromMs)} on: browsers refuse it before`;
  const daysLeft = Math.floor((validUntilMs - nowMs) / DAY_MS);
  if (validUntilMs - nowMs < EXPIRES_SOON_MS)
    return `the certificate expires on ${day(validUntilMs)}, in ${daysLeft} ${daysLeft === 1 ? 'day' : 'days'}. Renew it`;
  return undefined;
}

/** Whether browsers take the certificate for that of this host, which is a name or an IP address. */
export function isFor({ cert }: Certificate, host: string): boolean {
  const certificate = new X509Certificate(cert);
  const bare = host.replace(/^\[|\]$/g, '');
  return (isIP(bare) ? certificate.checkIP(bare) : certificate.checkHost(bare)) !== undefined;
}

/** The first name or address of the certificate that is a whole one, for links; undefined: it has only wildcards. */
export const linkName = ({ names, addresses }: Certificate): string | undefined =>
  names.find((name) => !name.includes('*')) ?? addresses[0];

export const day = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

function parsed<T>(parse: () => T, problem: string): T {
  try {
    return parse();
  } catch (error) {
    throw new CommandError(`${problem} (${messageOf(error)})`);
  }
}
