import { boothCommand } from '../arguments.ts';
import { UsageError } from '../errors.ts';
import { replaceSecret } from '../secret.ts';
import { readSettings } from '../settings.ts';

export const secret = boothCommand('secret')
  .description('Makes a new secret for tokens and invites, which a server uses from its next start on.')
  .option('--rotate', 'What the present secret has signed stays valid until it expires')
  .option('--replace', 'Nothing that was signed before is valid any more: for a secret that somebody else may know')
  .action(async ({ rotate = false, replace = false }: { rotate?: boolean; replace?: boolean }) => {
    if (rotate === replace) throw new UsageError('say either --rotate or --replace');
    await replaceSecret(readSettings(), { keepEarlier: rotate });
    console.log('There is a new secret. Restart the server: until then it uses the one before.');
  });
