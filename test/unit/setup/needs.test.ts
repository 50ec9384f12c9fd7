import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { engineObstacle, requireEngineHost } from '../../../engine/setup/engine.mjs';
import { ffmpegOffer } from '../../../scripts/setup/ffmpeg.mjs';
import { isRecent, usableNode } from '../../../scripts/setup/node.mjs';
import { engineNote, partsFor, prepare, wantsEngine } from '../../../scripts/setup/setup.mjs';

describe('the parts that a command needs', () => {
  it.each([
    { args: ['start', '--lan'], parts: ['worker', 'page', 'engine'] },
    { args: ['demo'], parts: ['worker', 'page', 'engine', 'speech'] },
    { args: ['translate', 'a.wav'], parts: ['engine'] },
    { args: ['edge', '--origin', 'http://10.0.0.5:3000'], parts: ['worker'] },
    { args: ['token', '--room', 'r'], parts: [] },
    { args: ['speak', 'start'], parts: [] },
    { args: ['start', '--help'], parts: [] },
    { args: ['toString'], parts: [] },
    { args: [], parts: [] },
  ])('are $parts for $args', ({ args, parts }) => {
    expect(partsFor(args, {})).toEqual(parts);
  });

  it('do not include the engine where the cloud or another machine translates', () => {
    expect(partsFor(['start'], { DASHSCOPE_API_KEY: 'sk-1' })).toEqual(['worker', 'page']);
    expect(partsFor(['bot'], { BOOTH_LIVETRANSLATE_URL: 'ws://engine:1' })).toEqual([]);
  });

  it('include the engine for `booth engine` even where there is a key', () => {
    expect(partsFor(['engine'], { DASHSCOPE_API_KEY: 'sk-1' })).toEqual(['engine']);
  });

  it('include the engine where it is chosen in spite of a key, or the key is blank', () => {
    expect(wantsEngine({ DASHSCOPE_API_KEY: 'sk-1', BOOTH_LIVETRANSLATE_MODEL: 'booth-offline' })).toBe(true);
    expect(wantsEngine({ DASHSCOPE_API_KEY: ' ' })).toBe(true);
  });
});

it('set-up offers FFmpeg in one line where there is none', () => {
  const folder = mkdtempSync(join(tmpdir(), 'booth-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const environment = { PATH: folder, BOOTH_CACHE_DIR: join(folder, 'cache') };
  expect(ffmpegOffer(environment)).toMatch(/^without FFmpeg, .*"npm run setup -- ffmpeg" fetches Debian's.*[^\n]$/);
  for (const program of ['ffmpeg', 'ffprobe']) writeFileSync(join(folder, program), '', { mode: 0o755 });
  expect(ffmpegOffer(environment)).toBeUndefined();
});

describe('on a computer that cannot run the offline engine', () => {
  const mac = { platform: 'darwin', arch: 'arm64', glibc: false };
  const key = { DASHSCOPE_API_KEY: 'sk-1' };

  it.each([
    [{ platform: 'linux', arch: 'x64', glibc: true }, undefined],
    [mac, /this is darwin on arm64\.$/],
    [{ platform: 'linux', arch: 'arm64', glibc: true }, /this is linux on arm64\.$/],
    [{ platform: 'linux', arch: 'x64', glibc: false }, /this is linux on x64, without glibc\.$/],
  ])('%j says why: %s', (host, why) => {
    if (why === undefined) expect(engineObstacle(host)).toBeUndefined();
    else expect(engineObstacle(host)).toMatch(why);
  });

  it('a key suffices, and one sentence says that the engine is left out', () => {
    expect(partsFor(['start'], key)).toEqual(['worker', 'page']);
    expect(engineNote(['start'], key, mac)).toMatch(/darwin on arm64\. It is left out: the cloud model translates\.$/);
    const elsewhere = { BOOTH_LIVETRANSLATE_URL: 'ws://engine:1' };
    expect(engineNote(['start'], elsewhere, mac)).toMatch(/the service of BOOTH_LIVETRANSLATE_URL translates\.$/);
  });

  it('nothing is said where it does not matter', () => {
    expect(engineNote(['start'], key, { platform: 'linux', arch: 'x64', glibc: true })).toBeUndefined();
    expect(engineNote(['token', '--room', 'lobby'], key, mac)).toBeUndefined();
    expect(engineNote(['start', '--help'], key, mac)).toBeUndefined();
  });

  it('without a key the remedy is said before anything is fetched', () => {
    expect(engineNote(['start'], {}, mac)).toBeUndefined();
    expect(() => requireEngineHost(mac)).toThrow(/this is darwin on arm64\.\nSet DASHSCOPE_API_KEY/);
  });
});

describe('with BOOTH_SETUP=off', () => {
  const { signal } = new AbortController();
  const empty = (more: object) => ({ environment: { BOOTH_CACHE_DIR: '/nowhere', ...more }, signal });

  it('nothing is fetched: what is missing is said, with the remedy', async () => {
    await expect(prepare(empty({ BOOTH_SETUP: 'off' }), ['engine'])).rejects.toThrow(
      /not here \(fetching the speech recogniser's library\), and BOOTH_SETUP=off.*\n.*npm run setup.*DASHSCOPE_API_KEY/,
    );
  });

  it('a command that needs nothing runs', async () => {
    await expect(prepare(empty({ BOOTH_SETUP: 'off' }), [])).resolves.toBeUndefined();
  });

  it('another value is refused', async () => {
    await expect(prepare(empty({ BOOTH_SETUP: 'maybe' }), [])).rejects.toThrow(/^BOOTH_SETUP is "maybe"\.\nSet it to/);
  });
});

describe('the Node that runs Booth', () => {
  it.each([
    ['22.18.0', true],
    ['22.17.9', false],
    ['23.0.0', true],
    ['20.20.2', false],
  ])('of version %s is recent enough: %s', (version, recent) => {
    expect(isRecent(version)).toBe(recent);
  });

  it('is the packaged one rather than the running one', () => {
    expect(usableNode({ version: '24.0.0', path: '/usr/bin/node', packaged: process.execPath })).toBe(process.execPath);
  });

  it('is the running one where it is recent enough', () => {
    expect(usableNode({ version: '24.0.0', path: '/usr/bin/node', packaged: '/nowhere' })).toBe('/usr/bin/node');
  });

  it('is asked for where none is recent enough', () => {
    expect(() => usableNode({ version: '20.20.2', path: '/usr/bin/node', packaged: '/nowhere' })).toThrow(
      /Node 22\.18 or newer, and this is 20\.20\.2/,
    );
  });
});
