/**
 * How commands read their command line. Commander refuses what a command does not know; the parsers here check the values that are
 * given to its options, so that everything typed wrong is found before a command does anything.
 */
import { Command, Help, InvalidArgumentError } from 'commander';
import type { z } from 'zod';

/**
 * A command that throws instead of ending the process, and leaves it to its caller to print the error.
 *
 * @example
 * export const engine = boothCommand('engine')
 *   .description('Runs the offline translation engine until it is stopped.')
 *   .option('--port <PORT>', 'On 127.0.0.1', portNumber)
 *   .action(async ({ port }: { port?: number }) => { … });
 */
export const boothCommand = (name: string): Command =>
  new Command(name)
    .exitOverride()
    .configureOutput({ outputError: () => {} })
    .configureHelp({
      optionDescription: (option) => help.optionDescription(option) + (option.mandatory ? ' (required)' : ''),
    });

const help = new Help();

/** Any text but the next option: then the value was left out. @throws {InvalidArgumentError} */
export function text(value: string): string {
  if (value === '' || value.startsWith('--')) throw new InvalidArgumentError('A value is needed.');
  return value;
}

/** A parser of values that the schema allows. It throws an InvalidArgumentError that says what is wrong. */
export const parsedBy =
  <T>(schema: z.ZodType<T>) =>
  (value: string): T => {
    const parsed = schema.safeParse(text(value));
    if (parsed.success) return parsed.data;
    throw new InvalidArgumentError(sentence(parsed.error.issues[0]?.message ?? 'is not valid'));
  };

/** A parser for an option that may be repeated and may hold several values, separated by commas. */
export const listOf =
  <T>(schema: z.ZodType<T>) =>
  (value: string, earlier: readonly T[] = []): readonly T[] => [
    ...earlier,
    ...text(value)
      .split(',')
      .map((part) => parsedBy(schema)(part.trim())),
  ];

const unitSeconds: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** A length of time in seconds: `30m` is 1800. @throws {InvalidArgumentError} */
export function duration(value: string): number {
  const [, amount, unit] = /^(\d{1,6})([smhd])$/.exec(value) ?? [];
  const seconds = Number(amount) * (unitSeconds[unit ?? ''] ?? 0);
  if (!seconds) throw new InvalidArgumentError('A length of time such as 30m, 1h or 2d is needed.');
  return seconds;
}

/** @throws {InvalidArgumentError} */
export function portNumber(value: string): number {
  return wholeNumber(65_535)(value);
}

/** A parser of whole numbers from 0 to `max`. It throws an InvalidArgumentError. */
export const wholeNumber =
  (max: number) =>
  (value: string): number => {
    const number = /^\d{1,9}$/.test(value) ? Number(value) : Number.NaN;
    if (!(number <= max)) throw new InvalidArgumentError(`A whole number from 0 to ${max} is needed.`);
    return number;
  };

const sentence = (words: string): string => `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;
