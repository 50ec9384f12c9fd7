import { describe, expect, it } from 'vitest';
import { BoundedMap, BoundedSet } from '../../../collections/bounded-map.ts';

describe('BoundedMap', () => {
  it('evicts the oldest key when one more than its limit is set', () => {
    const map = new BoundedMap<string, number>(2);
    map.set('a', 1).set('b', 2).set('a', 3).set('c', 4);
    expect([...map]).toEqual([
      ['b', 2],
      ['c', 4],
    ]);
  });

  it('keeps a key that was deleted and set again as the youngest', () => {
    const map = new BoundedMap<string, number>(2);
    map.set('a', 1).set('b', 2);
    map.delete('a');
    map.set('a', 1).set('c', 3);
    expect([...map.keys()]).toEqual(['a', 'c']);
  });
});

describe('BoundedSet', () => {
  it('evicts the oldest value when one more than its limit is added', () => {
    const set = new BoundedSet<string>(2);
    set.add('a').add('b').add('b').add('c');
    expect([...set]).toEqual(['b', 'c']);
  });
});
