import { describe, expect, it } from 'vitest';
import { ConflatingQueue } from '../../../collections/conflating-queue.ts';

const rest = (queue: ConflatingQueue<string>): string[] => {
  const items: string[] = [];
  for (let next = queue.shift(); next; next = queue.shift()) items.push(next.item);
  return items;
};

describe('ConflatingQueue', () => {
  it('returns items in order, a newer one in place of a waiting one with the same key', () => {
    const queue = new ConflatingQueue<string>(10);
    queue.push('a1', 'a');
    queue.push('x', undefined);
    queue.push('b1', 'b');
    queue.push('a2', 'a');
    expect(rest(queue)).toEqual(['x', 'b1', 'a2']);
    expect(queue.dropped).toBe(0);
  });

  it('drops the oldest item that has a key when it is full, else the oldest', () => {
    const queue = new ConflatingQueue<string>(3);
    for (const [item, key] of [['x'], ['a', 'a'], ['y'], ['b', 'b'], ['z'], ['w']]) queue.push(item ?? '', key);
    expect(rest(queue)).toEqual(['y', 'z', 'w']);
    expect(queue.dropped).toBe(3);
  });

  it('is empty when cleared', () => {
    const queue = new ConflatingQueue<string>(3);
    queue.push('x', undefined);
    queue.clear();
    expect(rest(queue)).toEqual([]);
  });
});
