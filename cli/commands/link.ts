import { Problem, RoomName, SignInLink } from '@mediasoup-booth/protocol';
import { isThisComputer, localServerUrl } from '../../config/server-url.ts';
import { signToken } from '../../server/auth/jwt.ts';
import { boothCommand, parsedBy, text } from '../arguments.ts';
import { CommandError, UsageError } from '../errors.ts';
import { obtainSecrets } from '../secret.ts';
import { readSettings } from '../settings.ts';

const ROOM = 'lobby';
const TOKEN_SECONDS = 60;
const ANSWER_WITHIN_MS = 10_000;

interface LinkOptions {
  room?: string;
  url?: string;
  signOutAll?: boolean;
}

export const link = boothCommand('link')
  .description(
    'Prints another sign-in link of the server that runs on this computer: the browser that opens it first enters every room as a host.',
  )
  .option('--room <ROOM>', `The room that it opens (default: ${ROOM})`, parsedBy(RoomName))
  .option('--url <URL>', 'The server on this computer (default: as configured)', text)
  .option('--sign-out-all', 'Signs every browser out before, and voids the links that nobody has opened')
  .action(async ({ room = ROOM, url: given, signOutAll = false }: LinkOptions) => {
    const settings = readSettings();
    const url = given ?? localServerUrl(settings.config);
    const host = URL.parse(url)?.host;
    if (host === undefined || (given !== undefined && !isThisComputer(host)))
      throw new UsageError('--url needs the address of a server on this computer, such as http://127.0.0.1:3000');
    const [secret] = await obtainSecrets(settings);
    const token = signToken(secret, { identity: 'booth-link', room, grants: ['admin'] }, TOKEN_SECONDS);
    if (signOutAll) await call(url, 'DELETE', '/v1/sign-in', token);
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
