import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonPieces } from '../../../cli/json-pieces.ts';
import { testSeed } from '../../support/test-seed.ts';

describe('JSON in pieces', () => {
  it('is that of the whole', () => {
    const whole = fc.property(fc.jsonValue({ maxDepth: 8 }), (value) => {
      expect(JSON.parse([...jsonPieces(value)].join(''))).toEqual(JSON.parse(JSON.stringify(value)));
    });
    fc.assert(whole, { seed: testSeed('json pieces') });
  });

  it('has no undefined members, as JSON has none', () => {
    expect([...jsonPieces([{ a: undefined, b: [1] }, { c: undefined }])].join('')).toBe('[{"b":[1]},{}]');
  });

  it('is made a little at a time of what is large, in arrays within arrays too', () => {
    let made = 0;
    const entry = (name: number) => ({ name, text: 'x'.repeat(300), toJSON: () => `${++made}${'x'.repeat(300)}` });
    const days = [1, 2].map((day) => ({ day, entries: Array.from({ length: 4000 }, (_, index) => entry(index)) }));
    let most = 0;
    for (const piece of jsonPieces(days)) {
      expect(piece.length).toBeLessThan(70_000);
      most = Math.max(most, made);
      made = 0;
    }
    expect(most).toBeLessThan(300);
    expect(most).toBeGreaterThan(100);
  });
});
