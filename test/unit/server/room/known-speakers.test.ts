import { describe, expect, it } from 'vitest';
import { KnownSpeakers } from '../../../../server/room/known-speakers.ts';

const ana = { id: 'ana', name: 'Ana', kind: 'person', hidden: false } as const;

describe('the speakers of a room', () => {
  it('are the people who joined it, under the names that they had', () => {
    const speakers = new KnownSpeakers();
    speakers.add(ana);
    speakers.add({ ...ana, name: 'Ana María' });
    expect(speakers.has({ id: 'ana', name: 'Ana' })).toBe(true);
    expect(speakers.has({ id: 'ana', name: 'Ana María' })).toBe(true);
    expect(speakers.has({ id: 'ana', name: 'The host' })).toBe(false);
    expect(speakers.has({ id: 'ben', name: 'Ana' })).toBe(false);
  });

  it('are neither interpreters nor hidden participants', () => {
    const speakers = new KnownSpeakers();
    speakers.add({ ...ana, id: 'booth', kind: 'interpreter' });
    speakers.add({ ...ana, id: 'screen', hidden: true });
    expect(speakers.has({ id: 'booth', name: 'Ana' })).toBe(false);
    expect(speakers.has({ id: 'screen', name: 'Ana' })).toBe(false);
  });

  it('are the last 1000, and of each the last 4 names', () => {
    const speakers = new KnownSpeakers();
    for (let n = 0; n < 1001; n++) speakers.add({ ...ana, id: `guest-${n}` });
    expect(speakers.has({ id: 'guest-0', name: 'Ana' })).toBe(false);
    expect(speakers.has({ id: 'guest-1', name: 'Ana' })).toBe(true);
    for (let n = 0; n < 5; n++) speakers.add({ ...ana, name: `Ana ${n}` });
    expect([0, 1, 2, 3, 4].map((n) => speakers.has({ id: 'ana', name: `Ana ${n}` }))).toEqual([
      false,
      true,
      true,
      true,
      true,
    ]);
  });
});
