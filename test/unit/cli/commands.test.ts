/** What commands refuse before they do anything. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatWav } from '../../../audio/wav.ts';
import { engine } from '../../../cli/commands/engine.ts';
import { token } from '../../../cli/commands/token.ts';
import { translate } from '../../../cli/commands/translate.ts';
import { CommandError, UsageError } from '../../../cli/errors.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'booth-test-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const enEs = ['--from', 'en', '--to', 'es'];
const ana = ['--room', 'r', '--identity', 'ana'];

describe('what was typed', () => {
  it.each([
    [token, [...ana, '--grnt', 'x'], 'there is no option --grnt'],
    [token, [...ana, 'more'], '"more" is one too many'],
    [token, ['--room', 'no/slashes', '--identity', 'i'], '--room "no/slashes": a room name is'],
    [token, [...ana, '--ttl', 'soon'], '--ttl needs a length of time'],
    [token, [...ana, '--ttl', '31d'], '--ttl is at most 30d'],
    [token, [...ana, '--grant', 'publish,fly'], '--grant ["publish","fly"]'],
    [token, [...ana, '--speaks', 'English'], '--speaks "English"'],
    [token, [...ana, '--name', ' '], '--name " "'],
    [translate, ['a.wav', '--from', 'English', '--to', 'es'], '--from "English" is not a language'],
    [translate, ['a.wav', '--from', 'en', '--to', 'zz'], 'It translates it into: en, es.'],
    [translate, ['a.wav', ...enEs, '--url', 'http://x'], '--url "http://x"'],
    [translate, ['a.wav', ...enEs, '--text-only', '--out', 'x.wav'], 'there is no speech for --out'],
    [translate, ['a.wav', '--from', 'en', '--to', 'en', '--out', 'x.wav'], 'there is no speech for --out'],
    [engine, ['--port', 'http'], '--port needs a number'],
  ])('%# is refused: %j', async (command, args, message) => {
    const error = await command.run(args).catch((thrown: unknown) => thrown);
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
  const wav = (change: (view: DataView) => void): Uint8Array => {
    const bytes = formatWav({ samples: new Int16Array(100), sampleRate: 8000 });
    change(new DataView(bytes.buffer));
    return bytes;
  };

  it.each([
    ['is not there', () => join(folder, 'none.wav'), 'none.wav: there is no such file'],
    ['is a directory', () => folder, 'is a directory, not a file'],
    ['is empty', () => written(new Uint8Array(0)), 'file.wav: the file is empty'],
    ['is no WAV', () => written(Buffer.from('<html>')), 'file.wav: not a WAV file'],
    ['has 8 bits', () => written(wav((view) => view.setUint16(34, 8, true))), 'file.wav: only 16-bit PCM is read'],
    ['has three channels', () => written(wav((view) => view.setUint16(22, 3, true))), 'this has 3 channels'],
    ['is too fine', () => written(wav((view) => view.setUint32(24, 96_000, true))), 'this is 96000 Hz'],
    ['has no samples', () => written(formatWav({ samples: new Int16Array(0), sampleRate: 8000 })), 'no samples in it'],
  ])('that %s is refused', async (_why, file, message) => {
    const error = await translate.run([file(), ...enEs]).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(CommandError);
    expect((error as CommandError).message).toContain(message);
    expect((error as CommandError).message).not.toContain('\n');
  });

  it('is not translated where its translation cannot be written', async () => {
    const file = written(formatWav({ samples: new Int16Array(100), sampleRate: 8000 }));
    const out = join(folder, 'nowhere/voice.wav');
    await expect(translate.run([file, ...enEs, '--out', out])).rejects.toThrow(`${out}: there is no such`);
  });
});
