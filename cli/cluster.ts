/** What a server shares with others, where `redis.url` is set. Nothing of it is loaded where it is not. */
import type { Logger } from 'pino';
import type { Config } from '../config/schema.ts';
import { localServerUrl } from '../config/server-url.ts';
import type { ServerOptions } from '../server/server.ts';
import { CommandError } from './errors.ts';

type SharedOptions = Pick<
  ServerOptions,
  'directory' | 'rulesStore' | 'revocationStore' | 'operatorStore' | 'sharedUsage' | 'sharedPermits' | 'guessCounter'
>;

export interface Cluster {
  /** What takes the place of files, and of this server's own memory. */
  serverOptions: SharedOptions;
  /** After the server has started: from now on rooms may come here. */
  announce(): Promise<void>;
  /** After the server has closed. */
  close(): Promise<void>;
}

/** @returns undefined: this server stands by itself. @throws {CommandError} where the settings do not fit */
export async function openCluster(config: Config, log: Logger): Promise<Cluster | undefined> {
  if (config.redis.url === '') return undefined;
  if (config.secret === '')
    throw new CommandError(
      'BOOTH_REDIS_URL needs BOOTH_SECRET, the same for every server: they accept the tokens that another has signed',
    );
  const url = nodeUrl(config);
  const { openSharedServer } = await import('../cluster/shared-server.ts');
  return openSharedServer({ redisUrl: config.redis.url, url, log });
}

/** The address of this one server: without a slash at its end, as clients continue it. */
function nodeUrl({ node, publicUrl, host, port, tls }: Config): string {
  if (node.url === '' && publicUrl === '' && port === 0)
    throw new CommandError(
      'BOOTH_REDIS_URL needs BOOTH_NODE_URL, the address of this server, or a BOOTH_PORT that is not 0',
    );
  const own = localServerUrl({ host, port }, tls.certificate === '' ? 'http' : 'https');
  return (node.url || publicUrl || own).replace(/\/$/, '');
}
