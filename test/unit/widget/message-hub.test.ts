import type { RoomMessage } from '@mediasoup-booth/protocol';
import { describe, expect, it } from 'vitest';
import { MessageHub } from '../../../client-widget/embedding/message-hub.ts';
import type { LiveSource } from '../../../client-widget/sources/caption-source.ts';
import { caption, playout } from '../../support/room-messages.ts';

/** What an element that is attached now is told. */
function attached(source: LiveSource) {
  const told: { message: RoomMessage; past: boolean }[] = [];
  const notices: (string | undefined)[] = [];
  const close = source.open({
    message: (message, past) => told.push({ message, past }),
    connection: () => undefined,
    notice: (reason) => notices.push(reason?.message),
  });
  const texts = () =>
    told.map(({ message, past }) => `${'stable' in message ? message.stable : message.type}${past ? ' (past)' : ''}`);
  return { texts, notices, close };
}

describe('the message hub', () => {
  it('tells an element that comes late what was said before, once and in the order in which it was said', () => {
    const hub = new MessageHub();
    hub.add(caption('b', { stable: 'zwei', final: false, start: 20 }));
    hub.add(caption('b', { stable: 'zwei drei', start: 20 }));
    hub.addPast([caption('a', { stable: 'eins', start: 10 })]);
    const element = attached(hub.all);
    hub.add(caption('c', { stable: 'vier', start: 30 }));
    expect(element.texts()).toEqual(['eins (past)', 'zwei drei (past)', 'vier']);
  });

  it('never takes a stable word back, whatever arrives late', () => {
    const hub = new MessageHub();
    hub.add(caption('a', { stable: 'uno dos', final: true }));
    hub.addPast([caption('a', { stable: 'uno', final: false })]);
    expect(attached(hub.all).texts()).toEqual(['uno dos (past)']);
  });

  it('keeps the last 200 captions', () => {
    const hub = new MessageHub();
    for (let i = 0; i < 250; i++) hub.add(caption(`u${i}`, { stable: `${i}`, start: i }));
    const texts = attached(hub.all).texts();
    expect(texts).toHaveLength(200);
    expect(texts[0]).toBe('50 (past)');
  });

  it('tells readers of the languages that they read, and of captions in all', () => {
    const hub = new MessageHub();
    let reads: string | null = 'fr';
    const element = attached(hub.forReaders(() => reads));
    hub.add(playout('a', 'started', 0));
    hub.add(caption('a', { stable: 'hola' }));
    hub.add(playout('b', 'started', 0, { language: 'fr' }));
    reads = 'es';
    hub.add(playout('c', 'started', 0));
    expect(element.texts()).toEqual(['hola', 'playout', 'playout']);
  });

  it('tells an element of a notice that still holds, and nothing after it has left', () => {
    const hub = new MessageHub();
    hub.setNotice({ code: '', message: 'refused' });
    const element = attached(hub.all);
    hub.setNotice(undefined);
    element.close();
    hub.setNotice({ code: '', message: 'again' });
    hub.add(caption('a'));
    expect(element.notices).toEqual(['refused', undefined]);
    expect(element.texts()).toEqual([]);
  });
});
