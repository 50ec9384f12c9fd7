/** The address by which a server is reached from its own computer, and which names are this computer's. */
import type { Config } from './schema.ts';

/**
 * @example
 * localServerUrl({ host: '0.0.0.0', port: 3000 }); // 'http://127.0.0.1:3000'
 */
export function localServerUrl({ host, port }: Pick<Config, 'host' | 'port'>): string {
  // A server that listens on every address is reached by the loopback address.
  const name = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host;
  return `http://${name}:${port}`;
}

/** Whether a host, with or without a port, names this computer. */
export const isThisComputer = (host: string): boolean => /^(localhost|127(\.\d+){3}|\[::1\])(:\d+)?$/.test(host);
