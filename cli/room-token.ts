/**
 * The token with which a command enters a room. It never stands on a command line, which every user of the computer can read: it comes from
 * BOOTH_TOKEN, a file or stdin. Without any, a command on the server's own computer makes one with the server's secret, as `booth token`
 * does.
 */
import { randomUUID } from 'node:crypto';
import { text as readText } from 'node:stream/consumers';
import type { Grant } from '@mediasoup-booth/protocol';
import { signToken } from '../server/auth/jwt.ts';
import { CommandError, UsageError } from './errors.ts';
import { readInput } from './files.ts';
import { obtainSecrets } from './secret.ts';
import type { Settings } from './settings.ts';

export interface TokenSource {
  /** `-`: the token is on stdin. */
  token?: string;
  tokenFile?: string;
}

const TTL_SECONDS = 12 * 3600;

/**
 * The token that a person gave; undefined: none.
 *
 * @throws {UsageError} for a token on the command line
 * @throws {CommandError} where the file cannot be read
 */
export async function givenToken(
  { token, tokenFile }: TokenSource,
  { environment }: Pick<Settings, 'environment'>,
  stdin: NodeJS.ReadableStream = process.stdin,
): Promise<string | undefined> {
  if (token !== undefined && token !== '-')
    throw new UsageError(
      '--token takes "-" alone, which reads it from stdin: every user of this computer can read a command line. ' +
        'Put the token into BOOTH_TOKEN, or into a file for --token-file',
    );
  if (token === '-') return notEmpty(await readText(stdin), 'stdin');
  if (tokenFile !== undefined) return notEmpty(new TextDecoder().decode(await readInput(tokenFile)), tokenFile);
  return environment.BOOTH_TOKEN?.trim() || undefined;
}

/** A token for a command on the server's own computer. @throws {CommandError} when the data folder cannot be used */
export async function ownToken(
  { room, name, grants }: { room: string; name: string; grants: readonly Grant[] },
  settings: Pick<Settings, 'config' | 'dataDir'>,
): Promise<string> {
  const [secret] = await obtainSecrets(settings);
  return signToken(secret, { identity: `command-${randomUUID()}`, room, name, grants }, TTL_SECONDS);
}

function notEmpty(read: string, where: string): string {
  const token = read.trim();
  if (token === '') throw new CommandError(`${where} holds no token: make one with "booth token"`);
  return token;
}
