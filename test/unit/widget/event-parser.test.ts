import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventParser } from '../../../client-widget/sources/event-stream-source.ts';

const stream = ':\n\nid: ab-1\ndata: {"text":"a: b"}\n\nevent: end\ndata: {"code":"closed"}\n\n';
const events = [
  { id: 'ab-1', data: '{"text":"a: b"}' },
  { event: 'end', data: '{"code":"closed"}' },
];

describe('EventParser', () => {
  it('returns whole events from text in any pieces', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(stream.length), { maxLength: 8 }), (cuts) => {
        const parser = new EventParser();
        const at = [0, ...cuts.sort((a, b) => a - b), stream.length];
        const got = at.slice(1).flatMap((end, index) => parser.push(stream.slice(at[index], end)));
        expect(got.filter(({ data }) => data !== undefined)).toEqual(events);
      }),
    );
  });

  it('throws at an event without end instead of holding ever more', () => {
    const parser = new EventParser();
    const fill = () => {
      for (let n = 0; n < 100; n++) parser.push('x'.repeat(1_000));
    };
    expect(fill).toThrow('without end');
  });
});
