/** The options that all commands which enter a room have in common: which room, as whom, on which server. */
import type { Command } from 'commander';
import jsonwebtoken from 'jsonwebtoken';
import { z } from 'zod';
import type { LanguageCode } from '../protocol/languages.ts';
import { signalUrl } from '../protocol/signalling.ts';
import { Claims, type Grant, holds } from '../protocol/tokens.ts';
import { boothCommand, text } from './arguments.ts';
import { UsageError } from './errors.ts';
import type { Settings } from './settings.ts';

export interface RoomCommandOptions {
  room: string;
  token: string;
  url?: string;
}

/** A command with the options of `RoomOptions`. */
export const roomCommand = (name: string): Command =>
  boothCommand(name)
    .requiredOption('--room <ROOM>', 'The room to enter', text)
    .requiredOption('--token <TOKEN>', 'Who enters: see "booth token"', text)
    .option('--url <URL>', 'The Booth server (default: the one on this computer)', text);

export interface RoomEntry {
  /** `ws://…/v1/signal` */
  url: string;
  token: string;
  /** The language that the token names. */
  speaks: LanguageCode | undefined;
}

/** @throws {UsageError} if the token is not a token, is for another room or lacks the grant that the command needs, or if `--url` is not a URL */
export function roomEntryFrom(
  options: RoomCommandOptions,
  { config }: Pick<Settings, 'config'>,
  ...needed: readonly Grant[]
): RoomEntry {
  const claims = Claims.pick({ booth: true }).safeParse(jsonwebtoken.decode(options.token));
  if (!claims.success) throw new UsageError('--token is not a Booth token: make one with "booth token"');
  const { room, speaks, grants } = claims.data.booth;
  if (room !== options.room) throw new UsageError(`--token is for the room "${room}", not for "${options.room}"`);
  const missing = needed.filter((grant) => !holds(grants, grant));
  if (missing.length > 0)
    throw new UsageError(`--token needs the grant "${missing[0]}": booth token --grant ${needed.join(',')}`);
  const server = options.url ?? `http://127.0.0.1:${config.port}`;
  if (!z.url({ protocol: /^(http|ws)s?$/ }).safeParse(server).success)
    throw new UsageError(`--url needs something like http://127.0.0.1:3000, not "${server}"`);
  return { url: signalUrl(server), token: options.token, speaks };
}
