import { describe, expect, it } from 'vitest';
import { type NodeState, nodeForRoom } from '../../../cluster/node-choice.ts';

const node = (name: string, more: Partial<NodeState> = {}): NodeState => ({
  url: `https://${name}`,
  life: name,
  rooms: 0,
  load: 0,
  draining: false,
  ...more,
});

describe('the node for a new room', () => {
  it.each<[string, NodeState[], string | undefined]>([
    ['is the one that was asked, where all are alike', [node('a'), node('b')], 'https://a'],
    [
      'is the one that was asked, where another is hardly less busy',
      [node('a', { load: 0.3 }), node('b', { load: 0.2 })],
      'https://a',
    ],
    ['is another that is clearly less busy', [node('a', { load: 0.9 }), node('b', { load: 0.2 })], 'https://b'],
    [
      'is the least busy of the others',
      [node('a', { load: 0.9 }), node('b', { load: 0.3 }), node('c', { load: 0.1 })],
      'https://c',
    ],
    ['counts rooms in which nobody speaks yet', [node('a', { rooms: 40 }), node('b', { rooms: 3 })], 'https://b'],
    ['is none that is being stopped', [node('a', { draining: true }), node('b', { load: 1 })], 'https://b'],
    ['is another where the one that was asked is not known yet', [node('b', { load: 1 })], 'https://b'],
    ['is none where all are being stopped', [node('a', { draining: true })], undefined],
    ['is none where there is none', [], undefined],
  ])('%s', (_, nodes, expected) => {
    expect(nodeForRoom(nodes, 'https://a')).toBe(expected);
  });
});
