/**
 * The certificate that `booth start --lan` makes for the names and addresses of this computer. It is kept, with its key, in one file of
 * the data folder (mode 0600), so that phones which have accepted it are not asked anew; another is made when an address is missing in it, or
 * it expires within a month.
 */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import * as x509 from '@peculiar/x509';
import { CommandError } from '../errors.ts';
import { fileProblem, isFileError } from '../files.ts';
import { type Certificate, isFor, readCertificate } from './certificate.ts';

const DAY_MS = 86_400_000;
/** Apple's systems take no certificate that is valid for longer than 398 days. */
const VALID_DAYS = 397;
const RENEWED_DAYS_AHEAD = 30;
/** Clocks of phones may be behind. */
const VALID_BEFORE_DAYS = 1;

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

/**
 * @param path the file
 * @param hosts the names and IP addresses by which others reach this computer
 * @throws {CommandError} where the file cannot be written
 *
 * @example
 * const certificate = await obtainLanCertificate(join(dataDir, 'lan-certificate.pem'), ['192.168.1.7', 'laptop.local'], Date.now());
 */
export async function obtainLanCertificate(
  path: string,
  hosts: readonly string[],
  nowMs: number,
): Promise<Certificate> {
  const kept = await readKept(path);
  const usable =
    kept && kept.validUntilMs - nowMs > RENEWED_DAYS_AHEAD * DAY_MS && hosts.every((host) => isFor(kept, host));
  return usable ? kept : replaceKept(path, await makeCertificate(hosts, nowMs));
}

/** @returns the certificate and its key, PEM, one after the other */
async function makeCertificate(hosts: readonly string[], nowMs: number): Promise<string> {
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: [{ CN: ['Booth in this network'] }],
    notBefore: new Date(nowMs - VALID_BEFORE_DAYS * DAY_MS),
    notAfter: new Date(nowMs + (VALID_DAYS - VALID_BEFORE_DAYS) * DAY_MS),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      // It can vouch for nobody else, so that whoever steals it from a phone that trusts it has this server's name alone.
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(hosts.map(generalName)),
    ],
  });
  const key = await crypto.subtle.exportKey('pkcs8', keys.privateKey);
  return `${certificate.toString('pem')}\n${x509.PemConverter.encode(key, 'PRIVATE KEY')}\n`;
}

const generalName = (host: string): x509.JsonGeneralName => ({
  type: /^[\d.]+$|:/.test(host) ? 'ip' : 'dns',
  value: host,
});

/** Undefined where there is none, or none that can be used. */
async function readKept(path: string): Promise<Certificate | undefined> {
  try {
    return certificateIn(await readFile(path, 'utf8'), path);
  } catch (error) {
    if (error instanceof CommandError || isFileError(error)) return undefined;
    throw error;
  }
}

async function replaceKept(path: string, pem: string): Promise<Certificate> {
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await writeFile(`${path}.new`, pem, { mode: 0o600, flush: true });
    await rename(`${path}.new`, path);
  } catch (error) {
    if (!isFileError(error)) throw error;
    throw new CommandError(`the certificate cannot be stored: ${fileProblem(path, error)}. Set BOOTH_DATA_DIR.`);
  }
  return certificateIn(pem, path);
}

/** OpenSSL takes of a file what it is asked for: the certificate and the key may stand in one. */
const certificateIn = (pem: string, path: string): Certificate =>
  readCertificate({ cert: pem, key: pem.slice(pem.indexOf('-----BEGIN PRIVATE KEY')) }, { cert: path, key: path });
