import type { DataProducerView, ProducerView } from '@mediasoup-booth/protocol';
import { describe, expect, it } from 'vitest';
import { listener as participant } from '../../../bench/support/views.ts';
import { Roster, rosterNotifications } from '../../../room-client/roster.ts';

const producer = (id: string, paused = false): ProducerView => ({ id, kind: 'audio', source: 'microphone', paused });
const dataProducer = (id: string): DataProducerView => ({ id, label: 'captions' });

describe('Roster', () => {
  const roster = () => new Roster([participant('a', { producers: [producer('p1')] }), participant('b')]);
  type Change = Parameters<Roster['apply']>[0];
  const applied = (...changes: Change[]) => {
    const kept = roster();
    for (const change of changes) kept.apply(change);
    return kept.participants;
  };

  it('begins with whom the join reply names, in the order of joining', () => {
    expect([...roster().participants.keys()]).toEqual(['a', 'b']);
  });

  it('adds who joins at the end, and drops who leaves', () => {
    const participants = applied(
      { name: 'participant.joined', data: { participant: participant('c') } },
      { name: 'participant.left', data: { participantId: 'a' } },
    );
    expect([...participants.keys()]).toEqual(['b', 'c']);
  });

  it('takes one who joins again as they are now', () => {
    const again = participant('a', { speaks: 'fr' });
    expect(applied({ name: 'participant.joined', data: { participant: again } }).get('a')).toEqual(again);
  });

  it('follows preferences, and leaves tracks as they are', () => {
    const preferences = { speaks: 'es', hears: 'en', reads: ['en'], interpret: false, pictures: true };
    const changed = applied({ name: 'participant.updated', data: { participantId: 'a', preferences } }).get('a');
    expect(changed).toMatchObject({ ...preferences, name: 'A', producers: [{ id: 'p1' }] });
  });

  it('follows tracks: created once, paused, resumed, closed', () => {
    const of = (participantId: string, producerId: string) => ({ participantId, producerId });
    const created: Change = { name: 'producer.created', data: { participantId: 'a', producer: producer('p2') } };
    expect(
      applied(created, created)
        .get('a')
        ?.producers.map(({ id }) => id),
    ).toEqual(['p1', 'p2']);
    const paused: Change = { name: 'producer.paused', data: of('a', 'p1') };
    expect(applied(paused).get('a')?.producers[0]?.paused).toBe(true);
    expect(applied(paused, { name: 'producer.resumed', data: of('a', 'p1') }).get('a')?.producers[0]?.paused).toBe(
      false,
    );
    expect(applied({ name: 'producer.closed', data: of('a', 'p1') }).get('a')?.producers).toEqual([]);
  });

  it('follows data channels: created once, closed', () => {
    const created: Change = {
      name: 'dataProducer.created',
      data: { participantId: 'b', dataProducer: dataProducer('d1') },
    };
    expect(applied(created, created).get('b')?.dataProducers).toEqual([dataProducer('d1')]);
    const closed: Change = { name: 'dataProducer.closed', data: { participantId: 'b', dataProducerId: 'd1' } };
    expect(applied(created, closed).get('b')?.dataProducers).toEqual([]);
  });

  it('replaces views and never writes to them: who compares sees the change', () => {
    const kept = roster();
    const before = kept.participants.get('a');
    kept.apply({ name: 'producer.paused', data: { participantId: 'a', producerId: 'p1' } });
    expect(kept.participants.get('a')).not.toBe(before);
    expect(before?.producers[0]?.paused).toBe(false);
  });

  it('ignores what concerns somebody who is not there', () => {
    const strangers = applied(
      { name: 'producer.created', data: { participantId: 'x', producer: producer('p9') } },
      { name: 'producer.closed', data: { participantId: 'a', producerId: 'p9' } },
      { name: 'participant.left', data: { participantId: 'x' } },
    );
    expect([...strangers.values()]).toEqual([...roster().participants.values()]);
  });

  it('listens to every notification that it applies', () => {
    expect(new Set(rosterNotifications).size).toBe(9);
  });
});
