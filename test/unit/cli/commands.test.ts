/** What commands refuse before they do anything. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Command, CommanderError } from 'commander';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatWav } from '../../../audio/wav.ts';
import { bot } from '../../../cli/commands/bot.ts';
import { engine } from '../../../cli/commands/engine.ts';
import { link } from '../../../cli/commands/link.ts';
import { token } from '../../../cli/commands/token.ts';
import { translate } from '../../../cli/commands/translate.ts';
import { UsageError } from '../../../cli/errors.ts';
import { RecordingError } from '../../../recordings/recording-error.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'booth-test-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const enEs = ['--from', 'en', '--to', 'es'];
const ana = ['--room', 'r', '--identity', 'ana'];

const run = (command: Command, args: readonly string[]) => command.parseAsync(args, { from: 'user' });

const commands = { token, bot, translate, engine, link };

describe('a command', () => {
  it.each<[keyof typeof commands, string[], string]>([
    ['token', [...ana, '--grnt', 'x'], "unknown option '--grnt'\n(Did you mean --grant?)"],
    ['token', [...ana, 'more'], 'too many arguments'],
    ['token', ['--room', 'r'], "required option '--identity <ID>' not specified"],
    ['token', ['--room', 'no/slashes', '--identity', 'i'], "'no/slashes' is invalid. A room name is"],
    ['token', [...ana, '--ttl', 'soon'], 'A length of time such as 30m'],
    ['token', [...ana, '--grant', 'publish,fly'], "option '--grant <GRANTS>' argument 'publish,fly' is invalid"],
    ['token', [...ana, '--speaks', 'English'], "'English' is invalid. A language is a code such as"],
    ['token', [...ana, '--name', ' '], "option '--name <NAME>' argument ' ' is invalid"],
    ['bot', ['--room', 'r', '--to', 'es,Spanish'], '"auto"'],
    ['bot', ['--room', 'no/slashes', '--to', 'es'], "'no/slashes' is invalid. A room name is"],
    ['translate', ['a.wav', '--from', 'English', '--to', 'es'], "'English' is invalid. A language is a code such as"],
    ['translate', ['--from', 'en', '--to', 'es'], "missing required argument 'FILE'"],
    ['translate', ['a.wav', '--from', 'en', '--to', 'es', '--channel', 'middle'], 'left, right, center or a number'],
    ['translate', ['a.wav', '--from', 'en', '--to', 'es', '--track', '0'], 'They are counted from 1.'],
    ['engine', ['--port', 'http'], 'A whole number from 0 to 65535 is needed.'],
  ])('%s %j is refused as mistyped: %s', async (name, args, message) => {
    const error = await run(commands[name], args).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(CommanderError);
    expect((error as CommanderError).message).toContain(message);
    expect((error as CommanderError).exitCode).toBeGreaterThan(0);
  });

  it.each<[keyof typeof commands, string[], string]>([
    ['token', [...ana, '--ttl', '31d'], '--ttl is at most 30d'],
    ['bot', ['--room', 'r', '--token', 'eyJ.x.y', '--to', 'es'], 'every user of this computer can read a command line'],
    ['bot', ['--room', 'r', '--url', 'http://192.0.2.1', '--to', 'es'], '192.0.2.1 may be another computer'],
    ['link', ['--url', 'http://192.0.2.1'], 'a server on this computer'],
    ['link', ['--ttl', '1h'], '--ttl goes with --admin'],
    ['link', ['--admin', '--ttl', '31d'], '--ttl is at most 30d'],
    ['translate', ['a.wav', '--from', 'en', '--to', 'zz'], 'It translates it into: en, es.'],
    ['translate', ['a.wav', ...enEs, '--url', 'http://x'], '--url "http://x"'],
    ['translate', ['a.wav', ...enEs, '--text-only', '--out', 'x.wav'], 'there is no speech for --out'],
    ['translate', ['a.wav', '--from', 'en', '--to', 'en', '--out', 'x.wav'], 'there is no speech for --out'],
  ])('%s %j is refused: %s', async (name, args, message) => {
    const error = await run(commands[name], args).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UsageError);
    expect((error as UsageError).message).toContain(message);
  });
});

describe('a recording', () => {
  const written = (bytes: Uint8Array): string => {
    const path = join(folder, 'file.wav');
    writeFileSync(path, bytes);
    return path;
  };
  it.each([
    ['is not there', () => join(folder, 'none.wav'), 'none.wav: there is no such file'],
    ['is a directory', () => folder, 'is a directory, not a file'],
    ['is empty', () => written(new Uint8Array(0)), 'file.wav: the file is empty'],
    ['has no samples', () => written(formatWav({ samples: new Int16Array(0), sampleRate: 8000 })), 'no sound is in it'],
  ])('that %s is refused', async (_why, file, message) => {
    const error = await run(translate, [file(), ...enEs]).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(RecordingError);
    expect((error as RecordingError).message).toContain(message);
    expect((error as RecordingError).message).not.toContain('\n');
  });

  it('is refused where its translation cannot be written', async () => {
    const file = written(formatWav({ samples: new Int16Array(100), sampleRate: 8000 }));
    const out = join(folder, 'nowhere/voice.wav');
    await expect(run(translate, [file, ...enEs, '--out', out])).rejects.toThrow(
      `${out}: there is no folder ${join(folder, 'nowhere')}: make it first`,
    );
  });
});
