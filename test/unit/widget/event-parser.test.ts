import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventParser } from '../../../client-widget/sources/event-stream-source.ts';

const stream = ':\n\nid: ab-1\ndata: {"text":"a: b"}\n\nevent: end\ndata: {"code":"closed"}\n\n';
const events = [
  { id: 'ab-1', data: '{"text":"a: b"}' },
  { event: 'end', data: '{"code":"closed"}' },
];

describe('events', () => {
  it('come out whole, in whatever pieces they came', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(stream.length), { maxLength: 8 }), (cuts) => {
        const parser = new EventParser();
        const at = [0, ...cuts.sort((a, b) => a - b), stream.length];
        const got = at.slice(1).flatMap((end, index) => parser.push(stream.slice(at[index], end)));
        expect(got.filter(({ data }) => data !== undefined)).toEqual(events);
      }),
    );
  });

  it('without end are an error, not a memory that grows', () => {
    const parser = new EventParser();
    const fill = () => {
      for (let n = 0; n < 100; n++) parser.push('x'.repeat(1_000));
    };
    expect(fill).toThrow('without end');
  });
});
