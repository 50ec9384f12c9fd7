/**
 * Where commands on this computer reach its server. A server with a certificate listens for them on a port of the loopback as well, over
 * plain HTTP, as the names of its certificate are not this computer's: the port stands in a file of the data folder while it runs.
 */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { localServerUrl } from '../config/server-url.ts';
import { CommandError } from './errors.ts';
import { fileProblem, isFileError } from './files.ts';
import type { Settings } from './settings.ts';

const pathIn = (dataDir: string): string => join(dataDir, 'local-address');

/** Tells commands where the server is; undefined: where the configuration says. @throws {CommandError} */
export async function publishLocalAddress(dataDir: string, url: string | undefined): Promise<void> {
  const path = pathIn(dataDir);
  try {
    if (url === undefined) await rm(path, { force: true });
    else await writeFile(path, `${url}\n`, { mode: 0o600 });
  } catch (error) {
    if (!isFileError(error)) throw error;
    throw new CommandError(`${fileProblem(path, error)}. Set BOOTH_DATA_DIR.`);
  }
}

/** The address of the server on this computer, as `http://127.0.0.1:3000`. */
export async function localAddress({ config, dataDir }: Pick<Settings, 'config' | 'dataDir'>): Promise<string> {
  const published = await readFile(pathIn(dataDir), 'utf8').catch(() => '');
  return URL.canParse(published.trim()) ? published.trim() : localServerUrl(config);
}
