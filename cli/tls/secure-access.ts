/**
 * How a server on this computer is reached over HTTPS: with the configured certificate, which is read again when its files change, or with
 * one of its own at the addresses of this computer (`--lan`).
 */
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { BoothServer, ServerOptions } from '../../server/server.ts';
import { systemClock } from '../../time/clock.ts';
import { publishLocalAddress } from '../local-address.ts';
import type { Settings } from '../settings.ts';
import { type Certificate, linkName } from './certificate.ts';
import {
  certificateWarnings,
  configuredFiles,
  readCertificateFiles,
  watchCertificateFiles,
} from './certificate-files.ts';
import { type LanListeners, listenOnLan, requireLanAddresses } from './lan-listeners.ts';

export interface LanAccess {
  url: string;
  /** The certificate, where it was made on the spot, so that browsers do not trust it by themselves. */
  ownCertificate: Certificate | undefined;
}

const EVERY_ADDRESS = '0.0.0.0';
const LOOPBACK = '127.0.0.1';

export class SecureAccess {
  readonly #settings: Settings;
  readonly #log: Logger;
  readonly #certificate: Certificate | undefined;
  readonly #lanAddress: string | undefined;
  #lanListeners: LanListeners | undefined;
  #stopWatching: (() => void) | undefined;

  private constructor(
    settings: Settings,
    log: Logger,
    certificate: Certificate | undefined,
    lanAddress: string | undefined,
  ) {
    this.#settings = settings;
    this.#log = log;
    this.#certificate = certificate;
    this.#lanAddress = lanAddress;
  }

  /**
   * @throws {CommandError} where the configured files cannot be used, or there is no network for `lan`
   *
   * @example
   * const access = await SecureAccess.prepare(settings, { lan: true }, log);
   * const server = await startServer({ ...options, ...access.serverOptions });
   * await access.open(server);
   */
  static async prepare(settings: Settings, { lan }: { lan: boolean }, log: Logger): Promise<SecureAccess> {
    const [lanAddress] = lan ? requireLanAddresses() : [];
    const files = configuredFiles(settings.config);
    const certificate = files && (await readCertificateFiles(files));
    if (files && certificate)
      for (const warning of await certificateWarnings(certificate, files, Date.now())) log.warn(warning);
    return new SecureAccess(settings, log, certificate, lanAddress);
  }

  /** The address by which others in the network reach this computer; undefined without `lan`. */
  get lanAddress(): string | undefined {
    return this.#lanAddress;
  }

  get serverOptions(): Pick<ServerOptions, 'host' | 'tls'> {
    return {
      // With a certificate of its own the server serves this computer over plain HTTP, and the network at its addresses alone.
      host: this.#lanAddress === undefined ? this.#settings.config.host : this.#certificate ? EVERY_ADDRESS : LOOPBACK,
      tls: this.#certificate && { ...this.#certificate, name: linkName(this.#certificate) },
    };
  }

  /** @throws {CommandError} where the server can listen at no address of the network, or the data folder cannot be written */
  async open(server: BoothServer): Promise<void> {
    const { config, dataDir } = this.#settings;
    const deps = { clock: systemClock, wallNow: Date.now, log: this.#log };
    await publishLocalAddress(dataDir, this.#certificate && server.localUrl);
    const files = configuredFiles(config);
    if (files) {
      const use = (renewed: Certificate) => server.setTlsIdentity(renewed);
      this.#stopWatching = watchCertificateFiles(files, { ...deps, use });
    } else if (this.#lanAddress !== undefined)
      this.#lanListeners = await listenOnLan({ ...deps, server, path: join(dataDir, 'lan-certificate.pem') });
  }

  /** How others in the network reach the server; undefined without `lan`. */
  lanAccess(server: BoothServer): LanAccess | undefined {
    const own = this.#lanListeners;
    if (own) return { url: `https://${inUrl(own.addresses[0] ?? '')}:${server.port}`, ownCertificate: own.certificate };
    return this.#lanAddress === undefined ? undefined : { url: server.url, ownCertificate: undefined };
  }

  async close(): Promise<void> {
    this.#stopWatching?.();
    this.#lanListeners?.close();
    if (this.#certificate) await publishLocalAddress(this.#settings.dataDir, undefined);
  }
}

const inUrl = (address: string): string => (address.includes(':') ? `[${address}]` : address);
