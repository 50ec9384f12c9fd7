import { LanguageCode } from '@mediasoup-booth/protocol';
import { z } from 'zod';
import { acceptsPictures } from '../../config/models.ts';
import { listOf } from '../arguments.ts';
import { CommandError, UsageError } from '../errors.ts';
import { openInterpreterLauncher } from '../interpreter-launcher.ts';
import { openLog } from '../log.ts';
import { type RoomCommandOptions, roomCommand, roomEntryFrom } from '../room-command.ts';
import { readSettings } from '../settings.ts';
import { waitForStopSignal } from '../stop-signal.ts';

const languageOrAuto = z
  .string()
  .refine(
    (text) => text === 'auto' || LanguageCode.safeParse(text).success,
    'a code of a language is needed, such as "es" or "pt-BR", or "auto"',
  );

export const bot = roomCommand('bot')
  .description('An interpreter by hand: joins a room and translates what is said there, until it is stopped.')
  .requiredOption(
    '--to <LANGUAGES>',
    'The languages to translate into, or "auto": what people choose',
    listOf(languageOrAuto),
  )
  .action(async ({ to, ...options }: RoomCommandOptions & { to: readonly string[] }) => {
    const settings = readSettings();
    const log = openLog(settings);
    const needs = { grants: ['interpret'], ownGrants: ['interpret', 'subscribe'], name: 'Interpreter' } as const;
    const { url, token } = await roomEntryFrom(options, settings, needs);
    const languages = to.includes('auto') ? 'auto' : to;
    // Of one room, a process of its own takes less than one that is ready for more.
    const launcher = await openInterpreterLauncher(settings, log, { isolation: 'process' });
    requireOffered(
      languages,
      launcher.choice.model.targets.map(({ code }) => code),
    );
    log.info(launcher.choice.view.label);
    const { promise: failed, resolve: fail } = Promise.withResolvers<string>();
    const process = launcher.launch({
      url,
      token,
      languages,
      pictures: acceptsPictures(launcher.choice.model) ? settings.config.interpretation.pictures : 'off',
      onState: (state, message) => {
        if (state === 'failed') fail(message ?? 'the interpreter ended');
        else log.info({ state }, message ?? `the interpreter is ${state}`);
      },
    });
    const failure = await Promise.race([waitForStopSignal(), failed]);
    await process.stop();
    await launcher.close();
    if (failure !== undefined) throw new CommandError(failure);
  });

function requireOffered(languages: 'auto' | readonly LanguageCode[], offered: readonly LanguageCode[]): void {
  if (languages === 'auto') return;
  const unknown = languages.filter((language) => !offered.includes(language));
  if (unknown.length > 0) throw new UsageError(`--to ${unknown.join(', ')}: this engine offers ${offered.join(', ')}`);
}
