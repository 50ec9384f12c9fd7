/**
 * The configured certificate and its key, in two files. They are read again when they have changed; a pair that cannot be used is logged,
 * and the one before stays.
 */
import { readFile, stat } from 'node:fs/promises';
import { messageOf } from '@mediasoup-booth/protocol';
import type { Logger } from 'pino';
import type { Config } from '../../config/schema.ts';
import { type Clock, every } from '../../time/clock.ts';
import { CommandError } from '../errors.ts';
import { fileProblem, isFileError } from '../files.ts';
import { type Certificate, readCertificate, validityProblem } from './certificate.ts';

/** Files that have changed are read when they have stayed as they are for so long: a certificate and its key are replaced one after the other. */
const LOOK_EVERY_MS = 2000;

interface CertificateFiles {
  certificate: string;
  key: string;
}

type WarningLog = Pick<Logger, 'info' | 'warn' | 'error'>;

/** The configured files; undefined: the server is not to use HTTPS. @throws {CommandError} where only one is configured */
export function configuredFiles({ tls }: Pick<Config, 'tls'>): CertificateFiles | undefined {
  if (tls.certificate === '' && tls.key === '') return undefined;
  if (tls.certificate === '' || tls.key === '') {
    const [set, missing] = tls.key === '' ? ['CERTIFICATE', 'KEY'] : ['KEY', 'CERTIFICATE'];
    throw new CommandError(`BOOTH_TLS_${set} is set, and BOOTH_TLS_${missing} is not: HTTPS needs both files`);
  }
  return tls;
}

/** @throws {CommandError} that names the file and what is wrong with it */
export async function readCertificateFiles(files: CertificateFiles): Promise<Certificate> {
  const [cert, key] = await Promise.all([
    text(files.certificate, 'BOOTH_TLS_CERTIFICATE'),
    text(files.key, 'BOOTH_TLS_KEY'),
  ]);
  return readCertificate({ cert, key }, { cert: files.certificate, key: files.key });
}

/** What whoever runs the server should mend, one sentence each; the server works nevertheless. */
export async function certificateWarnings(
  certificate: Certificate,
  { key }: CertificateFiles,
  nowMs: number,
): Promise<string[]> {
  const problem = validityProblem(certificate, nowMs);
  const { mode } = await stat(key);
  // A group may be let read it: that is how servers get keys that belong to root.
  const isOpen = (mode & 0o004) !== 0;
  return [...(problem ? [problem] : []), ...(isOpen ? [`every user may read ${key}: chmod o-r ${key}`] : [])];
}

/**
 * Looks after the files every 2 s.
 *
 * @param use is given each new certificate
 * @returns a function that ends it
 *
 * @example
 * const stop = watchCertificateFiles(files, { clock, wallNow: Date.now, log, use: (renewed) => server.setTlsIdentity(renewed) });
 */
export function watchCertificateFiles(
  files: CertificateFiles,
  {
    clock,
    wallNow,
    log,
    use,
  }: { clock: Clock; wallNow(): number; log: WarningLog; use(certificate: Certificate): void },
): () => void {
  let inUse: string | undefined;
  let lastSeen: string | undefined;
  let isLooking = false;

  async function look(): Promise<void> {
    const seen = await versionOf(files);
    inUse ??= seen;
    const isSettled = seen === lastSeen;
    lastSeen = seen;
    if (!isSettled || seen === inUse) return;
    // A pair that cannot be used is tried again only when it changes.
    inUse = seen;
    try {
      const certificate = await readCertificateFiles(files);
      use(certificate);
      log.info(
        { fingerprint: certificate.fingerprint, validUntil: new Date(certificate.validUntilMs) },
        'certificate replaced',
      );
      for (const warning of await certificateWarnings(certificate, files, wallNow())) log.warn(warning);
    } catch (error) {
      log.error({ reason: messageOf(error) }, 'certificate cannot be replaced, the earlier one stays');
    }
  }

  return every(clock, LOOK_EVERY_MS, () => {
    if (isLooking) return;
    isLooking = true;
    void look().finally(() => {
      isLooking = false;
    });
  });
}

/** Changes whenever one of the files does, or what a symbolic link leads to. */
async function versionOf(files: CertificateFiles): Promise<string> {
  const versions = [files.certificate, files.key].map((path) =>
    stat(path).then(
      ({ mtimeMs, size, ino }) => `${mtimeMs} ${size} ${ino}`,
      (error: NodeJS.ErrnoException) => String(error.code),
    ),
  );
  return (await Promise.all(versions)).join(', ');
}

async function text(path: string, setting: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (!isFileError(error)) throw error;
    throw new CommandError(`${fileProblem(path, error)}. Check ${setting}.`);
  }
}
