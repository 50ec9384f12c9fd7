import type { CommanderError } from 'commander';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { boothCommand, duration, listOf, parsedBy, portNumber, text, wholeNumber } from '../../../cli/arguments.ts';

/** What a command of one file, `--from`, `--json` and `--grant` makes of a command line. */
async function parse(args: readonly string[]) {
  let parsed: { file: string | undefined; options: object } | undefined;
  await boothCommand('try')
    .argument('[file]')
    .option('--from <LANGUAGE>', '', text)
    .option('--json')
    .option('--grant <GRANTS>', '', listOf(z.string()))
    .action((file: string | undefined, options: object) => {
      parsed = { file, options };
    })
    .parseAsync(args, { from: 'user' });
  return parsed;
}

describe('a command line', () => {
  it.each([
    [['a.wav', '--from', 'en', '--json'], 'a.wav', { from: 'en', json: true }],
    [['--from=en', 'a.wav'], 'a.wav', { from: 'en' }],
    [['-', '--from', 'en'], '-', { from: 'en' }],
    [['--json', 'a.wav'], 'a.wav', { json: true }],
    [['--from', 'en', '--', '-odd-name.wav'], '-odd-name.wav', { from: 'en' }],
    [['--from=-x', 'a.wav'], 'a.wav', { from: '-x' }],
    [[], undefined, {}],
  ])('accepts %j', async (args, file, options) => {
    expect(await parse(args)).toEqual({ file, options });
  });

  it.each([
    [['--form', 'en'], "unknown option '--form'"],
    [['-x'], "unknown option '-x'"],
    [['--file', 'a.wav'], "unknown option '--file'"],
    [['--no-json'], "unknown option '--no-json'"],
    [['a.wav', 'b.wav'], 'too many arguments'],
    [['--json=yes'], "unknown option '--json=yes'"],
    [['--from'], "option '--from <LANGUAGE>' argument missing"],
    [['--from='], "option '--from <LANGUAGE>' argument '' is invalid. A value is needed."],
    [['--from', '--json'], "option '--from <LANGUAGE>' argument '--json' is invalid. A value is needed."],
    [['--constructor', 'x'], "unknown option '--constructor'"],
  ])('refuses %j: %s', async (args, message) => {
    const error = await parse(args).catch((thrown: CommanderError) => thrown);
    expect(error).toHaveProperty('message', expect.stringContaining(message));
  });

  it('collects every value of an option that may be repeated', async () => {
    expect(await parse(['--grant', 'a,b', '--json', '--grant=c', '--grant', ' d '])).toMatchObject({
      options: { grant: ['a', 'b', 'c', 'd'] },
    });
  });
});

describe('a length of time', () => {
  it.each([
    ['90s', 90],
    ['30m', 1800],
    ['1h', 3600],
    ['2d', 172_800],
  ])('%s is %i s', (value, expected) => {
    expect(duration(value)).toBe(expected);
  });

  it.each(['', '0h', '1', 'h', '-1h', '1.5h', '1w', '1h30m', '9999999d'])('%j is refused', (value) => {
    expect(() => duration(value)).toThrow(/^A length of time/);
  });
});

it('a port is a number from 0 to 65535', () => {
  expect(portNumber('0')).toBe(0);
  expect(portNumber('65535')).toBe(65_535);
  for (const value of ['65536', '-1', 'http', '', '80.5']) {
    expect(() => portNumber(value)).toThrow('A whole number from 0 to 65535 is needed.');
  }
});

it('a whole number has no more than nine digits', () => {
  expect(wholeNumber(999_999_999)('999999999')).toBe(999_999_999);
  expect(() => wholeNumber(999_999_999)('1000000000')).toThrow(/^A whole number/);
});

it('a value that its schema does not allow is refused with what the schema says', () => {
  const parser = parsedBy(z.string().regex(/^\d$/, 'a digit is needed'));
  expect(parser('7')).toBe('7');
  expect(() => parser('x')).toThrow('A digit is needed.');
});
