/** The command line as a person meets it: processes of their own, their output and their exit codes. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { formatWav, parseWav } from '../../audio/wav.ts';
import { humanSpeech } from '../../bench/support/speech.ts';
import { cacheDir, speechDir } from '../../scripts/places.mjs';
import { verifyToken } from '../../server/auth/jwt.ts';
import { runBooth, startBooth, temporaryFolder } from '../support/booth-process.ts';
import { person, startTestServer, tokenOf } from '../support/server.ts';
import { tone } from '../support/sound.ts';

const prompt = (name: string): string => join(speechDir(process.env), `${name}.wav`);
const oneLine = /^booth: [^\n]+\n(Help: booth( \w+)? --help\n)?$/;

describe('booth', () => {
  it('lists its commands and fails where none is given', async () => {
    const { exitCode, stdout, stderr } = await runBooth([]);
    expect(exitCode).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/token.*\n.*translate/);
  });

  it('lists its commands on stdout with --help', async () => {
    const { exitCode, stdout, stderr } = await runBooth(['--help']);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('translate');
    expect(stderr).toBe('');
  });

  it.each(['token', 'translate', 'engine', 'doctor'])(
    '%s has help, in plain text where stdout is no terminal',
    async (name) => {
      const { exitCode, stdout } = await runBooth([name, '--help']);
      expect(exitCode).toBe(0);
      expect(stdout).toContain(`booth ${name}`);
      expect(stdout).not.toContain('\u001b');
    },
  );

  it.each([
    [['fly'], "unknown command 'fly'"],
    [['constructor'], "unknown command 'constructor'"],
    [['token', '--room', 'r'], '--identity'],
    [['translate', 'a.wav', '--from', 'de', '--to', 'es'], 'It understands: en.'],
    [['translate', 'a.wav', '--from', 'en', '--to', 'es', '--image', 'a.png'], 'booth-offline takes no --image'],
  ])('refuses %j in one line', async (args, message) => {
    const { exitCode, stdout, stderr } = await runBooth(args);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toMatch(oneLine);
    expect(stderr).toContain(message);
  });

  it.each([
    [{ BOOTH_PROT: '1' }, 'BOOTH_PROT: no such setting'],
    [{ BOOTH_SECRET: 'short' }, 'BOOTH_SECRET: needs at least 32 characters'],
  ])('refuses the setting %j', async (environment, message) => {
    const { exitCode, stderr } = await runBooth(['token', '--room', 'r', '--identity', 'i'], { environment });
    expect(exitCode).toBe(2);
    expect(stderr).toContain(message);
    expect(stderr).not.toContain('    at ');
  });
});

describe('booth token', () => {
  const token = (dataDir: string, ...args: string[]) =>
    runBooth(['token', '--room', 'hall', '--identity', 'ana', ...args], { environment: { BOOTH_DATA_DIR: dataDir } });
  const secretIn = (folder: string): string => readFileSync(join(folder, 'secret'), 'utf8').trim();

  it('prints a token and nothing else, signed with a secret that only its owner can read', async () => {
    const folder = join(temporaryFolder(), 'new/folder');
    const { exitCode, stdout, stderr } = await token(folder);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    const claims = verifyToken(secretIn(folder), stdout.trim());
    expect(claims).toMatchObject({ sub: 'ana', booth: { room: 'hall', grants: ['publish', 'subscribe'] } });
    expect(claims.exp * 1000 - Date.now()).toBeGreaterThan(3_500_000);
    expect(claims.exp * 1000 - Date.now()).toBeLessThanOrEqual(3_600_000);
    expect(secretIn(folder).length).toBeGreaterThanOrEqual(64);
    expect(statSync(join(folder, 'secret')).mode & 0o777).toBe(0o600);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
  });

  it('holds the values of its options, of which --grant may be repeated', async () => {
    const folder = temporaryFolder();
    const options = ['--name', 'Ana Ruiz', '--speaks', 'es', '--ttl', '2d'];
    const { stdout } = await token(folder, '--grant', 'publish,host', '--grant', 'interpret', ...options);
    const claims = verifyToken(secretIn(folder), stdout.trim());
    expect(claims.booth).toEqual({
      room: 'hall',
      name: 'Ana Ruiz',
      speaks: 'es',
      grants: ['publish', 'host', 'interpret'],
      issuers: [],
    });
    expect(claims.exp * 1000 - Date.now()).toBeGreaterThan(47 * 3_600_000);
  });

  it('uses one secret where many commands run for the first time at once', async () => {
    const folder = temporaryFolder();
    const made = await Promise.all(Array.from({ length: 5 }, () => token(folder)));
    const secret = secretIn(folder);
    for (const { stdout } of made) expect(() => verifyToken(secret, stdout.trim())).not.toThrow();
  });

  it('uses the configured secret, which is not stored', async () => {
    const folder = temporaryFolder();
    const secret = 'a secret of more than 32 characters';
    const { stdout } = await runBooth(['token', '--room', 'hall', '--identity', 'ana'], {
      environment: { BOOTH_DATA_DIR: folder, BOOTH_SECRET: secret },
    });
    expect(verifyToken(secret, stdout.trim()).sub).toBe('ana');
    expect(() => statSync(join(folder, 'secret'))).toThrow();
  });

  it('says where the secret is damaged, and leaves it alone', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'secret'), 'cut sho');
    const { exitCode, stderr } = await token(folder);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(oneLine);
    expect(stderr).toContain('delete it');
    expect(secretIn(folder)).toBe('cut sho');
  });

  it('says where the secret cannot be stored', async () => {
    const { exitCode, stderr } = await token('/dev/null/booth');
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(oneLine);
    expect(stderr).toContain('BOOTH_DATA_DIR');
  });
});

describe('booth translate', () => {
  const pair = ['--from', 'en', '--to', 'es'];

  it('translates English speech into Spanish with the engine that it starts itself', async () => {
    const out = join(temporaryFolder(), 'voice.wav');
    const { exitCode, stdout, stderr } = await runBooth([
      'translate',
      prompt('confbridge-locked'),
      ...pair,
      '--out',
      out,
    ]);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^en: .*conference.*\nes: .*conferencia.*\n$/i);
    expect(stderr).toContain('Offline engine · rough translation · nothing leaves this computer');
    const voice = parseWav(readFileSync(out));
    expect(voice.sampleRate).toBe(24_000);
    expect(voice.samples.length).toBeGreaterThan(24_000);
    expect(voice.samples.some((sample) => Math.abs(sample) > 1000)).toBe(true);
  });

  it('reads raw PCM from stdin, and prints every event as JSON', async () => {
    const { samples } = humanSpeech('confbridge-locked');
    const input = new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
    const { exitCode, stdout } = await runBooth(['translate', '-', ...pair, '--text-only', '--json'], { input });
    expect(exitCode).toBe(0);
    const events = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string; final?: boolean; stable?: string; atMs: number });
    expect(events.find(({ type, final }) => type === 'translation' && final)?.stable).toMatch(/conferencia/);
    expect(events.filter(({ type }) => type === 'audio')).toEqual([]);
    expect(events.at(-1)?.type).toBe('closed');
    expect(events.every(({ atMs }) => atMs >= 0)).toBe(true);
  });

  it('fails where there is no speech', async () => {
    const file = join(temporaryFolder(), 'hum.wav');
    writeFileSync(file, formatWav({ samples: tone(50, 500, 8000, 30), sampleRate: 8000 }));
    const { exitCode, stdout, stderr } = await runBooth(['translate', file, ...pair]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    expect(stderr).toContain('no speech was understood');
  });

  it('prints what was said before Ctrl-C', async () => {
    const { process: child, ended, interrupt } = startBooth(['translate', prompt('queue-periodic-announce'), ...pair]);
    let said = '';
    child.stdout?.on('data', (text: string) => {
      said += text;
    });
    await expect.poll(() => said, { timeout: 100_000 }).toMatch(/^en: /m);
    interrupt();
    const { exitCode, stdout } = await ended;
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^es: /m);
  });

  it('says what the engine that it starts itself lacks', async () => {
    const { exitCode, stdout, stderr } = await runBooth(['translate', prompt('confbridge-locked'), ...pair], {
      environment: { BOOTH_CACHE_DIR: temporaryFolder() },
    });
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    expect(stderr).toContain('npm run setup');
    expect(stderr).toContain('booth: the offline engine does not start');
    expect(stderr).not.toContain('    at ');
  });

  it('fails where stdin is closed', async () => {
    const { exitCode, stderr } = await runBooth(['translate', '-', ...pair]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('stdin: nothing came');
  });

  it('fails with one plain line where the service cannot be reached', async () => {
    const { exitCode, stdout, stderr } = await runBooth([
      'translate',
      prompt('confbridge-locked'),
      ...pair,
      '--url',
      'ws://127.0.0.1:9/api-ws/v1/realtime',
    ]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    expect(stderr).toMatch(/booth: The offline engine at 127\.0\.0\.1:9 cannot be reached[^\n]*\n$/);
  });

  it('fails in one line where a file cannot be used', async () => {
    const folder = temporaryFolder();
    const named = await runBooth(['translate', folder, ...pair]);
    expect(named).toEqual({ exitCode: 1, stdout: '', stderr: `booth: ${folder}: is a directory, not a file\n` });
    const input = formatWav({ samples: new Int16Array(16_000), sampleRate: 16_000 });
    const piped = await runBooth(['translate', '-', ...pair], { input });
    expect(piped).toMatchObject({ exitCode: 1, stdout: '' });
    expect(piped.stderr).toMatch(oneLine);
  });

  it('never prints the key', async () => {
    const { stdout, stderr } = await runBooth(
      ['translate', prompt('confbridge-locked'), ...pair, '--url', 'ws://127.0.0.1:9'],
      { environment: { DASHSCOPE_API_KEY: 'sk-very-secret', BOOTH_LOG_LEVEL: 'trace' } },
    );
    expect(stderr).toContain('cannot be reached');
    expect(stdout + stderr).not.toContain('sk-very-secret');
  });
});

function fileWith(text: string): string {
  const file = join(temporaryFolder(), 'token');
  writeFileSync(file, `${text}\n`);
  return file;
}

describe('a command that enters a room', () => {
  const tokenWith = async (...grants: string[]): Promise<string> => {
    const args = ['token', '--room', 'hall', '--identity', 'ana', ...grants.flatMap((grant) => ['--grant', grant])];
    return (await runBooth(args)).stdout.trim();
  };
  const enter = (name: string, token: string, ...args: string[]) =>
    runBooth([name, ...args, '--room', 'hall', '--url', 'http://127.0.0.1:9'], { environment: { BOOTH_TOKEN: token } });
  const ways = [
    ['speak', [prompt('confbridge-locked')], 'publish'],
    ['listen', ['--language', 'es'], 'channels'],
    ['bot', ['--to', 'es'], 'interpret'],
  ] as const;

  it.each(ways)('says at once what the token lacks: %s', async (name, args, needed) => {
    const { exitCode, stderr } = await enter(name, await tokenWith('host'), ...args);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(oneLine);
    expect(stderr).toContain(`needs the grant "${needed}"`);
  });

  it.each(ways.slice(0, 2))('says in one line that no server answers: %s', async (name, args) => {
    const { exitCode, stderr } = await enter(name, await tokenWith('publish', 'subscribe'), ...args);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(oneLine);
  });

  it.each([
    ['stdin', (token: string) => ({ args: ['--token', '-'], input: Buffer.from(`${token}\n`) })],
    ['a file', (token: string) => ({ args: ['--token-file', fileWith(token)] })],
    ['BOOTH_TOKEN', (token: string) => ({ args: [], environment: { BOOTH_TOKEN: token } })],
  ])('takes its token from %s', async (_where, given) => {
    const { args, ...options } = given(await tokenWith('host'));
    const { stderr } = await runBooth(['listen', '--language', 'es', '--room', 'hall', ...args], options);
    expect(stderr).toContain('needs the grant "channels"');
  });

  it.each([
    ['on the command line', ['--token', 'eyJ.x.y'], 'every user of this computer can read a command line'],
    ['that is not in the file', ['--token-file', '/dev/null'], '/dev/null holds no token'],
    ['in a file that is not there', ['--token-file', '/nowhere/token'], '/nowhere/token: there is no such file'],
  ])('takes no token %s, and says why', async (_where, args, words) => {
    const { exitCode, stderr } = await runBooth(['listen', '--language', 'es', '--room', 'hall', ...args]);
    expect(exitCode).toBeGreaterThan(0);
    expect(stderr).toContain(words);
    expect(stderr).not.toContain('eyJ.x.y');
  });

  it('names the languages of the server where another is asked for', async () => {
    const server = await startTestServer();
    onTestFinished(() => server.close());
    const token = tokenOf(person('ana', { room: 'hall' }));
    const hears = (language: string) =>
      runBooth(['listen', '--room', 'hall', '--url', server.url, '--language', language, '--seconds', '1'], {
        environment: { BOOTH_TOKEN: token },
      });
    expect(await hears('fr')).toMatchObject({
      exitCode: 0,
      stderr: expect.stringContaining('there is no translation into \\"fr\\" here, only into es'),
    });
    expect(await hears('es')).toMatchObject({ exitCode: 0, stderr: '' });
  });
});

describe('booth engine', () => {
  const firstLine = async (stream: NodeJS.ReadableStream | null): Promise<string> => {
    let text = '';
    while (stream && !text.includes('\n')) text += String((await once(stream, 'data'))[0]);
    return text.trim();
  };

  it('prints its URL and runs until SIGTERM', async () => {
    const { process: child, ended } = startBooth(['engine', '--port', '0']);
    expect(await firstLine(child.stdout)).toMatch(/^ws:\/\/127\.0\.0\.1:\d+\/api-ws\/v1\/realtime$/);
    child.kill('SIGTERM');
    expect(await ended).toMatchObject({ exitCode: 0 });
  });

  it('ends with its parent', async () => {
    const child = fork(new URL('../../cli/booth.ts', import.meta.url), ['engine', '--port', '0'], {
      env: { PATH: process.env.PATH, HOME: '/nonexistent', BOOTH_CACHE_DIR: cacheDir(process.env) },
      execArgv: [],
      stdio: ['ignore', 'pipe', 'ignore', 'ipc'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    await firstLine(child.stdout);
    const exit = once(child, 'exit');
    child.kill('SIGINT');
    child.disconnect();
    expect(await exit).toEqual([0, null]);
  });

  it('says where its port is in use', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void other.close());
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' ? String(address?.port) : '';
    const { exitCode, stderr } = await runBooth(['engine', '--port', port]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain(`booth: port ${port} is in use`);
    expect(stderr).not.toContain('    at ');
  });

  it('says which of its parts is missing', async () => {
    const { exitCode, stderr } = await runBooth(['engine'], { environment: { BOOTH_CACHE_DIR: temporaryFolder() } });
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(oneLine);
    expect(stderr).toContain('npm run setup');
  });
});

describe('booth doctor', () => {
  const anyPorts = { BOOTH_PORT: '0', BOOTH_RTC_PORT: '0' };

  it('succeeds on a computer that was set up', async () => {
    const { exitCode, stdout } = await runBooth(['doctor'], {
      environment: { ...anyPorts, BOOTH_DATA_DIR: temporaryFolder() },
    });
    expect(stdout).not.toContain('MISSING');
    expect(stdout).toContain('Offline engine');
    expect(exitCode).toBe(0);
  });

  it('names what is missing, and the remedy', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void other.close());
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' ? String(address?.port) : '';
    const { exitCode, stdout, stderr } = await runBooth(['doctor'], {
      environment: {
        ...anyPorts,
        BOOTH_PORT: port,
        BOOTH_CACHE_DIR: temporaryFolder(),
        BOOTH_DATA_DIR: '/dev/null/booth',
      },
    });
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/MISSING +speech recogniser .*\n +→ npm run setup/);
    expect(stdout).toMatch(/MISSING +translator/);
    expect(stdout).toMatch(/MISSING +voice/);
    expect(stdout).toMatch(/MISSING +data folder .*\n +→ Set BOOTH_DATA_DIR/);
    expect(stdout).toMatch(
      new RegExp(`IN USE +port: pages and signalling +${port}: a Booth runs.*\\n +→ .*BOOTH_PORT`),
    );
    expect(stderr).toMatch(oneLine);
  });

  it('needs no offline engine where the cloud translates', async () => {
    const { exitCode, stdout } = await runBooth(['doctor'], {
      environment: {
        ...anyPorts,
        BOOTH_CACHE_DIR: temporaryFolder(),
        BOOTH_DATA_DIR: temporaryFolder(),
        DASHSCOPE_API_KEY: 'sk-very-secret',
      },
    });
    expect(exitCode).toBe(0);
    expect(stdout).toContain('speech goes to dashscope-intl.aliyuncs.com');
    expect(stdout).not.toContain('sk-very-secret');
  });
});
