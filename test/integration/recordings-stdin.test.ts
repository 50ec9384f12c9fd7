/** Recordings that come through a pipe, under each of the names that it has. */
import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { probe, requireReadAgain } from '../../recordings/probe.ts';
import { cacheDir } from '../../scripts/places.mjs';
import { temporaryFolder } from '../support/booth-process.ts';
import { ffmpegPrograms, made, prompt, speechIn } from '../support/recordings.ts';

const booth = fileURLToPath(new URL('../../cli/booth.ts', import.meta.url));
const WAV = prompt('pls-hold-while-try');

/** A folder with the programs that a shell needs, and no FFmpeg. */
function pathWithoutFfmpeg(): string {
  const folder = join(temporaryFolder(), 'bin');
  mkdirSync(folder);
  for (const program of ['cat', 'mkfifo', 'sh']) symlinkSync(`/bin/${program}`, join(folder, program));
  return folder;
}

/** Runs a line in a shell, in which `translate` is the command without a service. Real pipes are what a shell makes. */
function shell(line: string, { hasFfmpeg = true } = {}): Promise<{ exitCode: number; stdout: string; stderr: string }> {
  const places = hasFfmpeg
    ? { PATH: process.env.PATH, BOOTH_CACHE_DIR: cacheDir(process.env) }
    : { PATH: pathWithoutFfmpeg(), BOOTH_CACHE_DIR: temporaryFolder() };
  const environment = { HOME: '/nonexistent', ...places, BOOTH_DATA_DIR: temporaryFolder() };
  const translate = `translate() { '${process.execPath}' '${booth}' translate "$@" --from en --to es --dry-run; }`;
  return new Promise((resolve) => {
    const options = { env: environment, maxBuffer: 100_000_000, cwd: temporaryFolder() };
    execFile('/bin/bash', ['-c', `${translate}; ${line}`], options, (error, stdout, stderr) =>
      resolve({ exitCode: error ? Number(error.code) : 0, stdout, stderr }),
    );
  });
}

/** Characters of speech in the frames that would be sent. */
const sent = (stdout: string): number =>
  [...stdout.matchAll(/"audio":"<(\d+) characters/g)].reduce((sum, [, characters]) => sum + Number(characters), 0);

describe('a recording through a pipe', () => {
  it.each<[string, (file: string) => string]>([
    ['/dev/stdin', (file) => `cat '${file}' | translate /dev/stdin`],
    ['/proc/self/fd/0', (file) => `cat '${file}' | translate /proc/self/fd/0`],
    ['/dev/stdin, which is a file', (file) => `translate /dev/stdin < '${file}'`],
    ['what another command prints', (file) => `translate <(cat '${file}')`],
    ['a named pipe', (file) => `mkfifo pipe; cat '${file}' > pipe & translate pipe`],
  ])('is read by FFmpeg as a file is: %s', async (_name, line) => {
    const file = made('talk.mp3', '-i', WAV);
    const { exitCode, stdout, stderr } = await shell(line(file));
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
    const whole = await shell(`translate '${file}'`);
    expect(sent(stdout)).toBe(sent(whole.stdout));
    expect(sent(stdout)).toBeGreaterThan(0);
  });

  it.each<[string, string]>([
    ['/dev/stdin', `cat '${WAV}' | translate /dev/stdin`],
    ['what another command prints', `translate <(cat '${WAV}')`],
    ['a named pipe', `mkfifo pipe; cat '${WAV}' > pipe & translate pipe; kill $!`],
  ])('is refused in a line without FFmpeg: %s', async (_name, line) => {
    const { stdout, stderr } = await shell(line, { hasFfmpeg: false });
    expect(stdout).toBe('');
    expect(stderr).toMatch(
      /^[^\n]*: is a pipe, which FFmpeg alone reads: name a file[^\n]*apt install ffmpeg[^\n]*\n$/,
    );
  });

  it('is read without FFmpeg where stdin is a file', async () => {
    const { exitCode, stdout } = await shell(`translate /dev/stdin < '${WAV}'`, { hasFfmpeg: false });
    expect(exitCode).toBe(0);
    expect(sent(stdout)).toBeGreaterThan(0);
  });
});

describe('stdin as raw PCM', () => {
  it.each([
    'talk.mp3',
    'talk.wav',
    'talk.mkv',
    'talk.m4a',
    'talk.ogg',
    'talk.flac',
    'talk.ts',
    'talk.aac',
    'talk.aiff',
    'talk.mpg',
  ])('refuses media in a line that names the remedy: %s', async (name) => {
    const { exitCode, stdout, stderr } = await shell(`cat '${made(name, '-i', WAV)}' | translate -`);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    expect(stderr).toMatch(/^[^\n]*stdin: [^\n]* came[^\n]*name the file[^\n]*ffmpeg -i FILE[^\n]*\n$/);
  });

  it('takes what the line in the refusal makes', async () => {
    const file = made('talk.mp3', '-i', WAV);
    const raw = made('talk.raw', '-i', file, '-f', 's16le', '-ac', '1', '-ar', '16000');
    const { exitCode, stdout } = await shell(`cat '${raw}' | translate -`);
    expect(exitCode).toBe(0);
    expect(sent(stdout)).toBeGreaterThan(0);
    expect(readFileSync(raw).length / 32_000).toBeCloseTo((await speechIn(file, ffmpegPrograms)).length / 16_000, 1);
  });
});

it('a pipe is refused where it would be read twice, and a file is not', async () => {
  const pipe = join(temporaryFolder(), 'pipe');
  execFileSync('mkfifo', [pipe]);
  const [once, file] = [await probe(pipe, { ffmpeg: ffmpegPrograms }), await probe(WAV, { ffmpeg: ffmpegPrograms })];
  expect(() => requireReadAgain(file, '--loop')).not.toThrow();
  expect(() => requireReadAgain(once, '--loop')).toThrow(
    `${pipe}: is a pipe, which is read only once: name a file for --loop`,
  );
});
