import type { BoothRole, ParticipantView } from '@mediasoup-booth/protocol';
import { describe, expect, it } from 'vitest';
import { listener, person } from '../../../../bench/support/views.ts';
import { deferredToOthers } from '../../../../bot/demand/interpreter-election.ts';

const provider = (id: string, language: string, roles: readonly BoothRole['role'][]): ParticipantView => {
  const booth = (role: BoothRole['role']): BoothRole => ({ role, language, interpreter: id });
  return listener(id, {
    kind: 'interpreter',
    producers: roles.includes('channel')
      ? [{ id: `${id}-sound`, kind: 'audio', source: 'channel', paused: false, booth: booth('channel') }]
      : [],
    dataProducers: roles.includes('captions')
      ? [{ id: `${id}-text`, label: 'captions', booth: booth('captions') }]
      : [],
  });
};
const targets = (participants: readonly ParticipantView[], self: string, publishes: readonly string[] = []) => [
  ...deferredToOthers(participants, self, new Set(publishes)).targets,
];

describe('deferredToOthers', () => {
  it('defers a language to the interpreter that publishes it, and no other language', () => {
    expect(targets([person('ann'), provider('zoe', 'es', ['captions'])], 'bot')).toEqual(['es']);
    expect(targets([person('ann'), provider('zoe', 'es', ['channel'])], 'bot')).toEqual(['es']);
    expect(targets([person('ann'), listener('zoe', { kind: 'interpreter' })], 'bot')).toEqual([]);
  });

  it('does not defer to itself', () => {
    expect(targets([provider('bot', 'es', ['channel', 'captions'])], 'bot')).toEqual([]);
  });

  it('elects exactly one of two or three that begin at once, from each point of view', () => {
    const ids = ['bot-2', 'bot-3', 'bot-1'];
    const all = ids.map((id) => provider(id, 'es', ['channel', 'captions']));
    expect(ids.filter((id) => targets(all, id, ['es']).length === 0)).toEqual(['bot-1']);
  });

  it('lets the one that came first go on, although the other’s id sorts first', () => {
    expect(targets([provider('zoe', 'es', ['captions'])], 'ann')).toEqual(['es']);
  });

  it('takes captions without a voice for originals where the language is spoken and heard', () => {
    const people = [person('ann', { speaks: 'es' }), listener('bob', { hears: 'es' })];
    expect(targets([...people, provider('zoe', 'es', ['captions'])], 'bot')).toEqual([]);
    expect(targets([...people, provider('zoe', 'es', ['captions', 'channel'])], 'bot')).toEqual(['es']);
  });
});
