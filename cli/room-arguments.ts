/** What the commands that enter a room have in common: which room, as whom, on which server. */
import jsonwebtoken from 'jsonwebtoken';
import { z } from 'zod';
import type { LanguageCode } from '../protocol/languages.ts';
import { SIGNAL_PATH } from '../protocol/signalling.ts';
import { Claims, type Grant } from '../protocol/tokens.ts';
import { UsageError } from './errors.ts';
import type { Settings } from './settings.ts';

export const roomArguments = {
  room: { type: 'string', required: true, valueHint: 'ROOM', description: 'The room to enter' },
  token: { type: 'string', required: true, valueHint: 'TOKEN', description: 'Who enters: see "booth token"' },
  url: { type: 'string', valueHint: 'URL', description: 'The Booth server (default: the one on this computer)' },
} as const;

export interface Entry {
  /** `ws://…/v1/signal` */
  url: string;
  token: string;
  /** What the token says that they speak. */
  speaks: LanguageCode | undefined;
}

/** @throws {UsageError} where the token is none, for another room, or lacks what the command needs */
export function entryFrom(
  args: { room: string; token: string; url?: string | undefined },
  { config }: Pick<Settings, 'config'>,
  needed: Grant,
): Entry {
  const claims = Claims.pick({ booth: true }).safeParse(jsonwebtoken.decode(args.token));
  if (!claims.success) throw new UsageError('--token is not a Booth token: make one with "booth token"');
  const { room, speaks, grants } = claims.data.booth;
  if (room !== args.room) throw new UsageError(`--token is for the room "${room}", not for "${args.room}"`);
  if (!grants.includes(needed))
    throw new UsageError(`--token needs the grant "${needed}": booth token --grant ${needed}`);
  return { url: signalUrl(args.url ?? `http://127.0.0.1:${config.port}`), token: args.token, speaks };
}

/** `http://host:3000` → `ws://host:3000/v1/signal` @throws {UsageError} */
export function signalUrl(server: string): string {
  const parsed = z.url({ protocol: /^(http|ws)s?$/ }).safeParse(server);
  if (!parsed.success) throw new UsageError(`--url needs something like http://127.0.0.1:3000, not "${server}"`);
  const url = new URL(SIGNAL_PATH, server);
  url.protocol = url.protocol.replace('http', 'ws');
  return url.href;
}
