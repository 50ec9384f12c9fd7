/**
 * Reads a command line strictly: citty takes what it does not know for granted, and a mistyped option must not be lost.
 * Also for what citty has no words for: options that may be repeated, lengths of time.
 */
import { parseArgs } from 'node:util';
import type { ArgsDef } from 'citty';
import type { z } from 'zod';
import { UsageError } from './errors.ts';

/** @throws {UsageError} naming the first thing that the command does not know or lacks */
export function checkArguments(rawArgs: readonly string[], definitions: ArgsDef): void {
  const { tokens } = parseArgs({
    args: [...rawArgs],
    options: optionsOf(definitions),
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  const positionals = Object.values(definitions).filter(({ type }) => type === 'positional').length;
  let seen = 0;
  for (const token of tokens) {
    if (token.kind === 'positional' && ++seen > positionals) throw new UsageError(`"${token.value}" is one too many`);
    if (token.kind === 'option') checkOption(token, definitions);
  }
}

interface OptionToken {
  name: string;
  rawName: string;
  value: string | undefined;
  inlineValue: boolean | undefined;
}

function checkOption({ name, rawName, value, inlineValue }: OptionToken, definitions: ArgsDef): void {
  const definition = Object.hasOwn(definitions, name) ? definitions[name] : undefined;
  if (!definition || definition.type === 'positional') throw new UsageError(`there is no option ${rawName}`);
  if (definition.type === 'boolean' && value !== undefined) throw new UsageError(`${rawName} takes no value`);
  // An option where a value should be: the value was forgotten.
  const forgotten = !value || (!inlineValue && value.startsWith('-'));
  if (definition.type !== 'boolean' && forgotten) throw new UsageError(`${rawName} needs a value`);
}

function optionsOf(definitions: ArgsDef): Record<string, { type: 'boolean' | 'string' }> {
  const options = Object.entries(definitions).filter(([, { type }]) => type !== 'positional');
  return Object.fromEntries(
    options.map(([name, { type }]) => [name, { type: type === 'boolean' ? 'boolean' : 'string' }]),
  );
}

/** All the values of an option that may be repeated, and hold several separated by commas. */
export function listed(rawArgs: readonly string[], option: string): string[] {
  const { values } = parseArgs({
    args: [...rawArgs],
    options: { [option]: { type: 'string', multiple: true } },
    allowPositionals: true,
    strict: false,
  });
  const given = values[option];
  const texts = Array.isArray(given) ? given.filter((value) => typeof value === 'string') : [];
  return texts.flatMap((text) => text.split(',')).map((text) => text.trim());
}

const unitSeconds: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** `30m` → 1800 @throws {UsageError} */
export function seconds(option: string, text: string): number {
  const [, amount, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  const length = Number(amount) * (unitSeconds[unit ?? ''] ?? 0);
  if (!length) throw new UsageError(`${option} needs a length of time such as 30m, 1h or 2d, not "${text}"`);
  return length;
}

/** @throws {UsageError} */
export function portNumber(option: string, text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(port <= 65_535)) throw new UsageError(`${option} needs a number from 0 to 65535, not "${text}"`);
  return port;
}

/** @throws {UsageError} naming the option, what was typed, and what is wrong with it */
export function valid<T>(option: string, schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new UsageError(`${option} ${JSON.stringify(value)}: ${parsed.error.issues[0]?.message ?? 'is not valid'}`);
}
