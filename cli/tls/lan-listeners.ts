/**
 * Serves over HTTPS at the addresses that this computer has in its networks, with a certificate made for them. When addresses come or go,
 * as in another network, it follows: connections at addresses that stay go on.
 */
import { hostname, networkInterfaces } from 'node:os';
import { messageOf } from '@mediasoup-booth/protocol';
import type { Logger } from 'pino';
import type { BoothServer } from '../../server/server.ts';
import { type Clock, every } from '../../time/clock.ts';
import { CommandError } from '../errors.ts';
import type { Certificate } from './certificate.ts';
import { obtainLanCertificate } from './lan-certificate.ts';
import { lanAddresses, lanNames } from './lan-hosts.ts';

const LOOK_EVERY_MS = 5000;

export interface LanDeps {
  server: Pick<BoothServer, 'listenSecurely' | 'setTlsIdentity'>;
  /** Where the certificate is kept. */
  path: string;
  clock: Clock;
  wallNow(): number;
  log: Pick<Logger, 'info' | 'warn'>;
  /** The addresses now. Default: those of this computer. */
  addresses?: () => string[];
}

export interface LanListeners {
  /** The certificate in use. */
  readonly certificate: Certificate;
  /** The addresses at which the server listens: at least one at first. */
  readonly addresses: readonly string[];
  close(): void;
}

const ownAddresses = (): string[] => lanAddresses(networkInterfaces());

/** The addresses of this computer in its networks. @throws {CommandError} where it has none */
export function requireLanAddresses(): readonly [string, ...string[]] {
  const [first, ...others] = ownAddresses();
  if (first === undefined) throw new CommandError('--lan: this computer has no address in a network; is it connected?');
  return [first, ...others];
}

/**
 * @throws {CommandError} where it can listen at none of the addresses, or the certificate cannot be stored
 *
 * @example
 * const lan = await listenOnLan({ server, path: join(dataDir, 'lan-certificate.pem'), clock: systemClock, wallNow: Date.now, log });
 * console.log(lan.addresses, lan.certificate.fingerprint);
 */
export async function listenOnLan({ server, path, clock, wallNow, log, ...deps }: LanDeps): Promise<LanListeners> {
  const { addresses: now = ownAddresses } = deps;
  const listening = new Map<string, { close(): void }>();
  let problem: unknown;
  let isLooking = false;
  let isClosed = false;
  let certificate = await obtain(now());
  await follow(now());
  if (listening.size === 0) throw new CommandError(`--lan: ${messageOf(problem)}`);

  function obtain(addresses: readonly string[]): Promise<Certificate> {
    return obtainLanCertificate(path, [...addresses, ...lanNames(hostname())], wallNow());
  }

  /** Listens at all of the addresses, and at no others. */
  async function follow(addresses: readonly string[]): Promise<void> {
    for (const [address, listener] of listening)
      if (!addresses.includes(address)) {
        listener.close();
        listening.delete(address);
        log.warn({ address }, 'address of this computer has gone');
      }
    for (const address of addresses) {
      if (listening.has(address)) continue;
      try {
        const listener = await server.listenSecurely(address, certificate);
        if (isClosed) listener.close();
        else listening.set(address, listener);
      } catch (error) {
        problem = error;
        log.warn({ address, reason: messageOf(error) }, 'cannot listen at an address of this computer');
      }
    }
  }

  async function look(): Promise<void> {
    const addresses = now();
    // Without a network the certificate for the one before is kept: it may come back.
    const current = addresses.length === 0 ? certificate : await obtain(addresses);
    if (current.fingerprint !== certificate.fingerprint) {
      certificate = current;
      server.setTlsIdentity(certificate);
      log.warn(
        { addresses, fingerprint: certificate.fingerprint },
        'new certificate for the addresses of this computer',
      );
    }
    if (addresses.some((address) => !listening.has(address)) || listening.size !== addresses.length)
      await follow(addresses);
  }

  const stop = every(clock, LOOK_EVERY_MS, () => {
    if (isLooking) return;
    isLooking = true;
    look()
      .catch((error: unknown) =>
        log.warn({ reason: messageOf(error) }, 'addresses of this computer cannot be followed'),
      )
      .finally(() => {
        isLooking = false;
      });
  });

  return {
    get certificate() {
      return certificate;
    },
    get addresses() {
      return [...listening.keys()];
    },
    close() {
      isClosed = true;
      stop();
      for (const listener of listening.values()) listener.close();
      listening.clear();
    },
  };
}
