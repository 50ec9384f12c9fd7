import { describe, expect, it } from 'vitest';
import { checkArguments, listed, portNumber, seconds } from '../../../cli/arguments.ts';
import { UsageError } from '../../../cli/errors.ts';

const definitions = {
  file: { type: 'positional', required: true },
  from: { type: 'string' },
  json: { type: 'boolean' },
} as const;

describe('a command line', () => {
  it.each([
    [['a.wav', '--from', 'en', '--json']],
    [['--from=en', 'a.wav']],
    [['-', '--from', 'en']],
    [['--json', 'a.wav']],
    [['--from', 'en', '--', '-odd-name.wav']],
    [['--from=-x', 'a.wav']],
    [[]],
  ])('%j is taken', (rawArgs) => {
    expect(() => checkArguments(rawArgs, definitions)).not.toThrow();
  });

  it.each([
    [['--form', 'en'], 'there is no option --form'],
    [['-x'], 'there is no option -x'],
    [['--file', 'a.wav'], 'there is no option --file'],
    [['--no-json'], 'there is no option --no-json'],
    [['a.wav', 'b.wav'], '"b.wav" is one too many'],
    [['--json=yes'], '--json takes no value'],
    [['--from'], '--from needs a value'],
    [['--from='], '--from needs a value'],
    [['--from', '--json'], '--from needs a value'],
    [['--constructor', 'x'], 'there is no option --constructor'],
  ])('%j is refused: %s', (rawArgs, message) => {
    expect(() => checkArguments(rawArgs, definitions)).toThrow(new UsageError(message));
  });
});

it('an option that may repeat is every one of its values', () => {
  expect(listed(['--grant', 'a,b', '--room', 'r', '--grant=c', '--grant', ' d '], 'grant')).toEqual([
    'a',
    'b',
    'c',
    'd',
  ]);
  expect(listed(['--room', 'r'], 'grant')).toEqual([]);
});

describe('a length of time', () => {
  it.each([
    ['90s', 90],
    ['30m', 1800],
    ['1h', 3600],
    ['2d', 172_800],
  ])('%s is %i s', (text, expected) => {
    expect(seconds('--ttl', text)).toBe(expected);
  });

  it.each(['', '0h', '1', 'h', '-1h', '1.5h', '1w', '1h30m', '9999999d'])('%j is none', (text) => {
    expect(() => seconds('--ttl', text)).toThrow(/^--ttl needs a length of time/);
  });
});

it('a port is a number that a port can have', () => {
  expect(portNumber('--port', '0')).toBe(0);
  expect(portNumber('--port', '65535')).toBe(65_535);
  for (const text of ['65536', '-1', 'http', '', '80.5']) {
    expect(() => portNumber('--port', text)).toThrow(/^--port needs a number/);
  }
});
