/**
 * A command as a value: its help, and its run on a command line that was checked strictly. One file in `commands/` makes
 * one; citty reads the arguments and writes the help.
 */
import { type ArgsDef, type CommandContext, defineCommand, renderUsage, runCommand } from 'citty';
import { checkArguments } from './arguments.ts';

export interface Command {
  usage(): Promise<string>;
  run(rawArgs: string[]): Promise<void>;
}

export interface CommandOptions<T extends ArgsDef> {
  name: string;
  description: string;
  args: T;
  run(context: CommandContext<T>): Promise<void>;
}

export function command<const T extends ArgsDef>({ name, description, args, run }: CommandOptions<T>): Command {
  const definition = defineCommand<T>({ meta: { name: `booth ${name}`, description }, args, run });
  return {
    usage: () => renderUsage(definition),
    async run(rawArgs) {
      checkArguments(rawArgs, args);
      await runCommand(definition, { rawArgs });
    },
  };
}
