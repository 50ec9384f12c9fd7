import { z } from 'zod';
import { LanguageCode } from '../../protocol/languages.ts';
import { DisplayName, RoomName } from '../../protocol/rooms.ts';
import { Grant, Identity } from '../../protocol/tokens.ts';
import { signToken } from '../../server/auth/jwt.ts';
import { listed, seconds, valid } from '../arguments.ts';
import { command } from '../command.ts';
import { UsageError } from '../errors.ts';
import { obtainSecret } from '../secret.ts';
import { readSettings } from '../settings.ts';

const LONGEST_TTL_SECONDS = 30 * 86_400;

export const token = command({
  name: 'token',
  description:
    'Prints a token with which somebody enters a room, signed with the secret of the server on this computer.',
  args: {
    room: { type: 'string', required: true, valueHint: 'ROOM', description: 'The room that it is for' },
    identity: {
      type: 'string',
      required: true,
      valueHint: 'ID',
      description: 'Who it is for; one connection for each',
    },
    name: { type: 'string', valueHint: 'NAME', description: 'What others see (default: the identity)' },
    speaks: { type: 'string', valueHint: 'en', description: 'The language they speak' },
    grant: {
      type: 'string',
      valueHint: 'publish,subscribe',
      description: `What they may do, of ${Grant.options.join(', ')}; may repeat (default: publish,subscribe)`,
    },
    ttl: { type: 'string', default: '1h', valueHint: '30m', description: 'How long it is valid, at most 30d' },
  },
  async run({ args, rawArgs }) {
    const grants = listed(rawArgs, 'grant');
    const subject = {
      room: valid('--room', RoomName, args.room),
      identity: valid('--identity', Identity, args.identity),
      name: args.name === undefined ? undefined : valid('--name', DisplayName, args.name),
      speaks: args.speaks === undefined ? undefined : valid('--speaks', LanguageCode, args.speaks),
      grants: grants.length > 0 ? valid('--grant', z.array(Grant), grants) : (['publish', 'subscribe'] as const),
    };
    const ttlSeconds = seconds('--ttl', args.ttl);
    if (ttlSeconds > LONGEST_TTL_SECONDS) throw new UsageError('--ttl is at most 30d');
    console.log(signToken(await obtainSecret(readSettings()), subject, ttlSeconds));
  },
});
