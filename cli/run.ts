/**
 * Runs one command of the program: finds it, gives help, and turns every failure into words for the person and an exit
 * code: 0 only on success, 2 for what was typed or set wrong, 1 for the rest.
 */
import { stripVTControlCharacters } from 'node:util';
import { WavError } from '../audio/wav.ts';
import { JoinError } from '../bot/room/join-error.ts';
import { TranslationError } from '../bot/session/translation-session.ts';
import { ConfigError, StartError } from '../config/schema.ts';
import { SignallingError } from '../protocol/signalling-client.ts';

import type { Command } from './command.ts';
import { CommandError, UsageError } from './errors.ts';

export interface CommandEntry {
  summary: string;
  /** Loads it when it is asked for: a token needs no speech recogniser. */
  load(): Promise<Command>;
}

export interface Program {
  name: string;
  summary: string;
  commands: Readonly<Record<string, CommandEntry>>;
}

/** @returns the exit code */
export async function runProgram(program: Program, rawArgs: readonly string[]): Promise<number> {
  try {
    return await dispatch(program, rawArgs);
  } catch (error) {
    const { words, exitCode, mistyped } = explained(error);
    console.error(`${program.name}: ${words}`);
    const command = rawArgs[0] ?? '';
    if (mistyped && command in program.commands) console.error(`Help: ${program.name} ${command} --help`);
    return exitCode;
  }
}

async function dispatch(program: Program, [name, ...rest]: readonly string[]): Promise<number> {
  if (name === undefined) {
    console.error(overview(program));
    return 2;
  }
  if (isHelp(name) || name === 'help') {
    console.log(overview(program));
    return 0;
  }
  const entry = Object.hasOwn(program.commands, name) ? program.commands[name] : undefined;
  if (!entry)
    throw new UsageError(`there is no command "${name}"; there are: ${Object.keys(program.commands).join(', ')}`);
  const command = await entry.load();
  if (rest.slice(0, terminator(rest)).some(isHelp)) {
    console.log(plainUnless(process.stdout.isTTY, await command.usage()));
    return 0;
  }
  await command.run(rest);
  return 0;
}

const isHelp = (text: string): boolean => text === '--help' || text === '-h';

/** After `--` there are only names. */
const terminator = (rawArgs: readonly string[]): number =>
  rawArgs.includes('--') ? rawArgs.indexOf('--') : rawArgs.length;

const plainUnless = (coloured: boolean, text: string): string => (coloured ? text : stripVTControlCharacters(text));

function overview({ name, summary, commands }: Program): string {
  const width = Math.max(...Object.keys(commands).map((command) => command.length));
  const lines = Object.entries(commands).map(([command, entry]) => `  ${command.padEnd(width)}  ${entry.summary}`);
  return [`${name}: ${summary}`, '', ...lines, '', `Each has --help: ${name} <command> --help`].join('\n');
}

interface Explanation {
  words: string;
  exitCode: 1 | 2;
  /** Help on the command would have told. */
  mistyped?: boolean;
}

/** A stack is shown only for what nobody foresaw: there it is the one thing that helps. */
function explained(error: unknown): Explanation {
  if (!(error instanceof Error)) return { words: String(error), exitCode: 1 };
  if (error instanceof UsageError) return { words: error.message, exitCode: 2, mistyped: true };
  // citty's own, which it does not export.
  if (error.name === 'CLIError') return { words: stripVTControlCharacters(error.message), exitCode: 2, mistyped: true };
  if (error instanceof ConfigError) return { words: `the settings are wrong:\n${error.message}`, exitCode: 2 };
  if (forPeople.some((kind) => error instanceof kind)) return { words: error.message, exitCode: 1 };
  return { words: `something unforeseen happened: ${error.stack ?? error.message}`, exitCode: 1 };
}

/** Errors whose message says what happened and what to do. */
const forPeople = [CommandError, JoinError, SignallingError, StartError, TranslationError, WavError];
