/**
 * Runs one command of the program, and turns every failure into words for the person and an exit code: 0 only on success, 2 for
 * what was typed or set wrong, 1 for the rest.
 */

import { type Command, CommanderError } from 'commander';
import { ConfigError } from '../config/schema.ts';
import { StartError } from '../config/start-error.ts';
import { boothCommand } from './arguments.ts';
import { CommandError, UsageError } from './errors.ts';

export interface CommandEntry {
  summary: string;
  /** Imports the command only when it is used: making a token needs no speech recogniser. */
  load(): Promise<Command>;
}

export interface Program {
  name: string;
  summary: string;
  commands: Readonly<Record<string, CommandEntry>>;
}

/**
 * @returns the exit code
 *
 * @example
 * process.exitCode = await runProgram(program, process.argv.slice(2));
 */
export async function runProgram(program: Program, args: readonly string[]): Promise<number> {
  try {
    await (await assemble(program, args)).parseAsync(args, { from: 'user' });
    return 0;
  } catch (error) {
    const { message, exitCode, isUsage } = await explain(error);
    if (message) console.error(`${program.name}: ${message}`);
    if (message && isUsage) {
      const command = Object.hasOwn(program.commands, args[0] ?? '') ? ` ${args[0]}` : '';
      console.error(`Help: ${program.name}${command} --help`);
    }
    return exitCode;
  }
}

/** The commands as help lists them, of which only the one that is used, or whose help is wanted, is really there. */
async function assemble({ name, summary, commands }: Program, args: readonly string[]): Promise<Command> {
  const used = args[0] === 'help' ? args[1] : args[0];
  const program = boothCommand(name).description(summary);
  for (const [key, entry] of Object.entries(commands)) {
    const command = key === used ? await entry.load() : boothCommand(key);
    program.addCommand(command.summary(entry.summary));
  }
  return program;
}

interface Explanation {
  /** Empty where help was printed instead. */
  message: string;
  exitCode: 0 | 1 | 2;
  /** Whether the command's help would have prevented it. */
  isUsage?: boolean;
}

/** A stack is shown only for errors that nobody foresaw: there it is the one thing that helps. */
async function explain(error: unknown): Promise<Explanation> {
  if (!(error instanceof Error)) return { message: String(error), exitCode: 1 };
  if (error instanceof CommanderError) return explainCommander(error);
  if (error instanceof UsageError) return { message: error.message, exitCode: 2, isUsage: true };
  if (error instanceof ConfigError) return { message: `the settings are wrong:\n${error.message}`, exitCode: 2 };
  if (await isExpected(error)) return { message: error.message, exitCode: 1 };
  return { message: `something unforeseen happened: ${error.stack ?? error.message}`, exitCode: 1 };
}

function explainCommander({ code, exitCode, message }: CommanderError): Explanation {
  if (exitCode === 0) return { message: '', exitCode: 0 };
  // No command was given: help has been printed on stderr.
  if (code === 'commander.help') return { message: '', exitCode: 2 };
  return { message: message.replace(/^error: /, '').replaceAll('\n', ' '), exitCode: 2, isUsage: true };
}

/**
 * Whether the error's message says what happened and what to do. What is not loaded has thrown nothing: these modules are loaded only now,
 * as a command that makes a token would wait for the interpreter's otherwise.
 */
async function isExpected(error: Error): Promise<boolean> {
  if (error instanceof CommandError || error instanceof StartError) return true;
  const [{ TranslationError }, { JoinError }, { MediaUnreachableError }, { WavError }, recordings, signalling] =
    await Promise.all([
      import('@mediasoup-booth/interpreter/livetranslate'),
      import('@mediasoup-booth/interpreter/remote'),
      import('@mediasoup-booth/werift-handler'),
      import('../audio/wav.ts'),
      import('../recordings/recording-error.ts'),
      import('../room-client/signalling-client.ts'),
    ]);
  const { RecordingError } = recordings;
  const { SignallingError } = signalling;
  const kinds = [JoinError, MediaUnreachableError, RecordingError, SignallingError, TranslationError, WavError];
  return kinds.some((kind) => error instanceof kind);
}
