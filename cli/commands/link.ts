import { LONGEST_TTL_SECONDS, Problem, RoomName, SignInLink } from '@mediasoup-booth/protocol';
import { Option } from 'commander';
import { isThisComputer, urlAt } from '../../config/server-url.ts';
import { signToken } from '../../server/auth/jwt.ts';
import { boothCommand, duration, parsedBy, text } from '../arguments.ts';
import { CommandError, UsageError } from '../errors.ts';
import { localAddress } from '../local-address.ts';
import { obtainSecrets } from '../secret.ts';
import { readSettings } from '../settings.ts';

const ROOM = 'lobby';
const TOKEN_SECONDS = 60;
const ADMIN_TTL_SECONDS = 12 * 3600;
const ANSWER_WITHIN_MS = 10_000;

interface LinkOptions {
  room?: string;
  url?: string;
  signOutAll?: boolean;
  admin?: boolean;
  /** Seconds. */
  ttl?: number;
}

export const link = boothCommand('link')
  .description(
    'Prints another sign-in link of the server that runs on this computer: the browser that opens it first enters every room as a host.',
  )
  .option('--room <ROOM>', `The room that it opens (default: ${ROOM})`, parsedBy(RoomName))
  .option('--url <URL>', 'The server on this computer (default: as configured)', text)
  .option('--sign-out-all', 'Signs every browser out before, and voids the links that nobody has opened')
  .option(
    '--admin',
    'A link to the page of whoever runs the server instead: its rooms, interpreters, costs and problems (/admin)',
  )
  .addOption(
    new Option('--ttl <TIME>', 'How long a link with --admin is valid, at most 30d (default: 12h)').argParser(duration),
  )
  .action(async ({ room = ROOM, url: given, signOutAll = false, admin = false, ttl }: LinkOptions) => {
    if (ttl !== undefined && !admin) throw new UsageError('--ttl goes with --admin');
    if (ttl !== undefined && ttl > LONGEST_TTL_SECONDS) throw new UsageError('--ttl is at most 30d');
    const settings = readSettings();
    const url = given ?? (await localAddress(settings));
    const host = URL.parse(url)?.host;
    if (host === undefined || (given !== undefined && !isThisComputer(host)))
      throw new UsageError('--url needs the address of a server on this computer, such as http://127.0.0.1:3000');
    const [secret] = await obtainSecrets(settings);
    const token = signToken(secret, { identity: 'booth-link', room, grants: ['admin'] }, TOKEN_SECONDS);
    if (signOutAll) await call(url, 'DELETE', '/v1/sign-in', token);
    if (admin) {
      await call(url, 'GET', '/v1/overview', token);
      const page = urlAt(settings.config.publicUrl || url, '/admin');
      const subject = { identity: 'booth-admin', room, grants: ['admin'] as const };
      console.log(`${page}#token=${signToken(secret, subject, ttl ?? ADMIN_TTL_SECONDS)}`);
      return;
    }
    const answer = await call(url, 'POST', '/v1/sign-in-codes', token, { room });
    console.log(SignInLink.parse(await answer.json()).link);
  });

/** @throws {CommandError} where no server answers, or it refuses */
async function call(url: string, method: string, path: string, token: string, body?: object): Promise<Response> {
  const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };
  const signal = AbortSignal.timeout(ANSWER_WITHIN_MS);
  const init = { method, headers, signal, ...(body && { body: JSON.stringify(body) }) };
  const response = await fetch(new URL(path, url), init).catch(() => {
    throw new CommandError(`no server answers at ${url}: start one with "booth start", or say where it is with --url`);
  });
  if (response.ok) return response;
  const problem = Problem.safeParse(await response.json().catch(() => undefined));
  throw new CommandError(`the server at ${url} refuses: ${problem.data?.detail ?? response.status}`);
}
