import { describe, expect, it } from 'vitest';
import { isRecent, usableNode } from '../../../scripts/setup/node.mjs';
import { partsFor, wantsEngine } from '../../../scripts/setup/setup.mjs';

describe('the parts that a command needs', () => {
  it.each([
    { args: ['start', '--lan'], parts: ['worker', 'page', 'engine'] },
    { args: ['demo'], parts: ['worker', 'page', 'engine', 'speech'] },
    { args: ['translate', 'a.wav'], parts: ['engine'] },
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
