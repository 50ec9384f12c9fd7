/** The options that all commands which enter a room have in common: which room, as whom, on which server. */

import {
  Claims,
  DisplayName,
  type Grant,
  holds,
  type LanguageCode,
  RoomName,
  signalUrl,
} from '@mediasoup-booth/protocol';
import type { Command } from 'commander';
import jsonwebtoken from 'jsonwebtoken';
import { z } from 'zod';
import { isThisComputer } from '../config/server-url.ts';
import { boothCommand, parsedBy, text } from './arguments.ts';
import { UsageError } from './errors.ts';
import { localAddress } from './local-address.ts';
import { givenToken, ownToken, type TokenSource } from './room-token.ts';
import type { Settings } from './settings.ts';

export interface RoomCommandOptions extends TokenSource {
  room: string;
  name?: string;
  url?: string;
}

/** A command with the options of `RoomCommandOptions`. */
export const roomCommand = (name: string): Command =>
  boothCommand(name)
    .requiredOption('--room <ROOM>', 'The room to enter', parsedBy(RoomName))
    .option('--name <NAME>', 'What others see, where no token says it', parsedBy(DisplayName))
    .option(
      '--token-file <FILE>',
      'Holds a token (default: BOOTH_TOKEN, else one made as "booth token" makes them)',
      text,
    )
    .option('--token <SOURCE>', '"-": reads the token from stdin', text)
    .option('--url <URL>', 'The Booth server (default: the one on this computer)', text);

export interface RoomEntry {
  /** `ws://…/v1/signal` */
  url: string;
  token: string;
  /** The language that the token names. */
  speaks: LanguageCode | undefined;
}

/** What a command does in a room, and so what its token has to grant. */
export interface RoomCommandNeeds {
  grants: readonly Grant[];
  /** What a token grants that is made for the command. Default: what it needs. */
  ownGrants?: readonly Grant[];
  /** What others see where neither token nor options say it. */
  name: string;
}

/**
 * @throws {UsageError} if the token is not a token, is for another room or lacks what the command needs, if there is none for a server
 *   elsewhere, or if `--url` is not a URL
 * @throws {CommandError} where no token can be read or made
 */
export async function roomEntryFrom(
  options: RoomCommandOptions,
  settings: Settings,
  { grants, ownGrants = grants, name }: RoomCommandNeeds,
): Promise<RoomEntry> {
  const server = options.url ?? (await localAddress(settings));
  if (!z.url({ protocol: /^(http|ws)s?$/ }).safeParse(server).success)
    throw new UsageError(`--url needs something like http://127.0.0.1:3000, not "${server}"`);
  const url = signalUrl(server);
  const given = await givenToken(options, settings);
  if (given === undefined) {
    requireThisComputer(server);
    const token = await ownToken({ room: options.room, name: options.name ?? name, grants: ownGrants }, settings);
    return { url, token, speaks: undefined };
  }
  return { url, token: given, speaks: requireUsable(given, options.room, grants) };
}

/** @returns the language that the token names */
function requireUsable(token: string, wanted: string, needed: readonly Grant[]): LanguageCode | undefined {
  const claims = Claims.pick({ booth: true }).safeParse(jsonwebtoken.decode(token));
  if (!claims.success) throw new UsageError('this is not a Booth token: make one with "booth token"');
  const { room, speaks, grants } = claims.data.booth;
  if (room !== wanted) throw new UsageError(`the token is for the room "${room}", not for "${wanted}"`);
  const missing = needed.find((grant) => !holds(grants, grant));
  if (missing !== undefined)
    throw new UsageError(`the token needs the grant "${missing}": booth token --grant ${needed.join(',')}`);
  return speaks;
}

/** A token that is good for the server here is shown to no server elsewhere. */
function requireThisComputer(server: string): void {
  const { host } = new URL(server);
  if (!isThisComputer(host))
    throw new UsageError(
      `${host} may be another computer: make a token there with "booth token", and put it into BOOTH_TOKEN`,
    );
}
