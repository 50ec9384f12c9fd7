/** The addresses of a server: on its own computer and for people elsewhere, and which names are this computer's. */
import type { Config } from './schema.ts';

/**
 * @example
 * localServerUrl({ host: '0.0.0.0', port: 3000 }); // 'http://127.0.0.1:3000'
 */
export function localServerUrl(
  { host, port }: Pick<Config, 'host' | 'port'>,
  scheme: 'http' | 'https' = 'http',
): string {
  // A server that listens on every address is reached by the loopback address.
  const name = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host;
  return `${scheme}://${name}:${port}`;
}

/**
 * The path under which people reach a server, without a slash at its end; empty: none.
 *
 * @example
 * pathPrefix('https://meet.example.org/booth/'); // '/booth'
 */
export const pathPrefix = (publicUrl: string | undefined): string =>
  publicUrl ? new URL(publicUrl).pathname.replace(/\/+$/, '') : '';

/**
 * The address of something that a server has, such as a REST call.
 *
 * @param server the server's address, with or without a path
 * @param path from the server's root, beginning with a slash
 * @example
 * urlAt('https://meet.example.org/booth/', '/readyz'); // 'https://meet.example.org/booth/readyz'
 */
export const urlAt = (server: string, path: string): string => `${new URL(server).origin}${pathPrefix(server)}${path}`;

/**
 * The address of a room's page.
 *
 * @param server the server's address, with or without a path
 * @example
 * roomUrl('https://meet.example.org/booth/', 'lobby'); // 'https://meet.example.org/booth/room/lobby'
 */
export const roomUrl = (server: string, room: string): string => urlAt(server, `/room/${room}`);

/** Whether a host, with or without a port, names this computer. */
export const isThisComputer = (host: string): boolean => /^(localhost|127(\.\d+){3}|\[::1\])(:\d+)?$/.test(host);
