import { DisplayName, Grant, Identity, LanguageCode, RoomName } from '@mediasoup-booth/protocol';
import { Option } from 'commander';
import { signToken } from '../../server/auth/jwt.ts';
import { boothCommand, duration, listOf, parsedBy } from '../arguments.ts';
import { UsageError } from '../errors.ts';
import { obtainSecrets } from '../secret.ts';
import { readSettings } from '../settings.ts';

const LONGEST_TTL_SECONDS = 30 * 86_400;

interface TokenOptions {
  room: string;
  identity: string;
  name?: string;
  speaks?: LanguageCode;
  grant?: readonly Grant[];
  hidden?: true;
  /** Seconds. */
  ttl: number;
}

export const token = boothCommand('token')
  .description(
    'Prints a token with which somebody enters a room, signed with the secret of the server on this computer.',
  )
  .requiredOption('--room <ROOM>', 'The room that it is for', parsedBy(RoomName))
  .requiredOption('--identity <ID>', 'Who it is for; one connection for each', parsedBy(Identity))
  .option('--name <NAME>', 'What others see (default: the identity)', parsedBy(DisplayName))
  .option('--speaks <LANGUAGE>', 'The language they speak, such as "en"', parsedBy(LanguageCode))
  .option(
    '--grant <GRANTS>',
    `What they may do, of ${Grant.options.join(', ')}; may repeat (default: publish,subscribe)`,
    listOf(Grant),
  )
  .option('--hidden', 'Only hosts and interpreters see them, and they publish nothing')
  .addOption(new Option('--ttl <TIME>', 'How long it is valid, at most 30d').argParser(duration).default(3600, '1h'))
  .action(async ({ grant = ['publish', 'subscribe'], ttl, ...subject }: TokenOptions) => {
    if (ttl > LONGEST_TTL_SECONDS) throw new UsageError('--ttl is at most 30d');
    const [current] = await obtainSecrets(readSettings());
    console.log(signToken(current, { ...subject, grants: grant }, ttl));
  });
