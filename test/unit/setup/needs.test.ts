import { describe, expect, it } from 'vitest';
import { isRecent, usableNode } from '../../../scripts/setup/node.mjs';
import { partsFor, wantsEngine } from '../../../scripts/setup/setup.mjs';

describe('what a command needs', () => {
  it.each([
    { args: ['start', '--lan'], parts: ['worker', 'page', 'engine'] },
    { args: ['demo'], parts: ['worker', 'page', 'engine', 'speech'] },
    { args: ['translate', 'a.wav'], parts: ['engine'] },
    { args: ['token', '--room', 'r'], parts: [] },
    { args: ['speak', 'start'], parts: [] },
    { args: ['start', '--help'], parts: [] },
    { args: ['toString'], parts: [] },
    { args: [], parts: [] },
  ])('$args: $parts', ({ args, parts }) => {
    expect(partsFor(args, {})).toEqual(parts);
  });

  it('is no engine where the cloud or another machine translates', () => {
    expect(partsFor(['start'], { DASHSCOPE_API_KEY: 'sk-1' })).toEqual(['worker', 'page']);
    expect(partsFor(['bot'], { BOOTH_LIVETRANSLATE_URL: 'ws://engine:1' })).toEqual([]);
  });

  it('is the engine for `booth engine` all the same', () => {
    expect(partsFor(['engine'], { DASHSCOPE_API_KEY: 'sk-1' })).toEqual(['engine']);
  });

  it('is the engine where it is chosen in spite of a key, or the key is blank', () => {
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
  ])('%s: %s', (version, recent) => {
    expect(isRecent(version)).toBe(recent);
  });

  it('is the one among the dependencies before the one that is running', () => {
    expect(usableNode({ version: '24.0.0', path: '/usr/bin/node', packaged: process.execPath })).toBe(process.execPath);
  });

  it('is the one that is running where it is new enough', () => {
    expect(usableNode({ version: '24.0.0', path: '/usr/bin/node', packaged: '/nowhere' })).toBe('/usr/bin/node');
  });

  it('is asked for where there is none', () => {
    expect(() => usableNode({ version: '20.20.2', path: '/usr/bin/node', packaged: '/nowhere' })).toThrow(
      /Node 22\.18 or newer, and this is 20\.20\.2/,
    );
  });
});
