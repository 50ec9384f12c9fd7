import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { sharesOf } from '../../../bench/support/load/profile-shares.ts';
import { repository } from '../../../scripts/places.mjs';

const ours = (path: string) => pathToFileURL(join(repository, path)).href;

/** A profile of calls that each begin at the root: what is called, from the outside in, and for how many microseconds. */
function profile(calls: readonly { stack: readonly (readonly [name: string, url: string])[]; took: number }[]) {
  const root = { id: 1, callFrame: { functionName: '(root)', url: '', lineNumber: -1 }, children: [] as number[] };
  const nodes = [root];
  const samples: number[] = [];
  for (const { stack } of calls) {
    let parent = root;
    for (const [functionName, url] of stack) {
      const node = { id: nodes.length + 1, callFrame: { functionName, url, lineNumber: 0 }, children: [] };
      nodes.push(node);
      parent.children.push(node.id);
      parent = node;
    }
    samples.push(parent.id);
  }
  return { nodes, samples, startTime: 0, timeDeltas: calls.map(({ took }) => took) };
}

const everything = { from: 0, to: 1000 };

it('counts native code with whoever called it, codecs by what they do, and leaves out what was idle', () => {
  const { busy, parts } = sharesOf(
    profile([
      { stack: [['(idle)', '']], took: 60 },
      { stack: [['(garbage collector)', '']], took: 4 },
      {
        stack: [
          ['push', ours('bot/incoming/speaker.ts')],
          ['hash', 'node:crypto'],
          ['update', ''],
        ],
        took: 8,
      },
      {
        stack: [
          ['encode', ours('node_modules/libopus-wasm/dist/index.js')],
          ['f7', 'wasm://wasm/1'],
        ],
        took: 16,
      },
      {
        stack: [
          ['run', ours('bot/incoming/silero/silero-vad.ts')],
          ['f7', 'wasm://wasm/2'],
        ],
        took: 12,
      },
    ]),
    everything,
  );
  expect(busy).toBe(0.4);
  expect(parts).toEqual([
    ['opus: encode', 0.4],
    ['bot/incoming/silero', 0.3],
    ['bot/incoming', 0.2],
    ['garbage collection', 0.1],
  ]);
});

it('counts what lies in the window alone', () => {
  const ws: readonly (readonly [string, string])[] = [['send', ours('node_modules/ws/lib/sender.js')]];
  const zod: readonly (readonly [string, string])[] = [['parse', ours('node_modules/zod/v4/core/parse.js')]];
  const some = profile([
    { stack: ws, took: 10 },
    { stack: zod, took: 10 },
    { stack: ws, took: 10 },
  ]);
  expect(sharesOf(some, { from: 15, to: 25 })).toMatchObject({ busy: 1, parts: [['zod', 1]] });
  expect(sharesOf(some, { from: 100, to: 200 }).busy).toBeUndefined();
});

it('tells the parts of werift apart, which is one file', () => {
  const lines = readFileSync(join(repository, 'node_modules/werift/lib/index.mjs'), 'utf8').split('\n');
  const lineNumber = lines.findIndex((line) => line.includes('SrtpSession = class'));
  const some = profile([{ stack: [['decrypt', ours('node_modules/werift/lib/index.mjs')]], took: 10 }]);
  const node = some.nodes[1];
  if (node) node.callFrame.lineNumber = lineNumber;
  expect(sharesOf(some, everything).parts).toEqual([['werift: srtp', 1]]);
});
