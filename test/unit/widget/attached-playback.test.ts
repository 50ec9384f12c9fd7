import { describe, expect, it } from 'vitest';
import { AttachedPlaybackSource } from '../../../client-widget/channels/attached-playback.ts';
import { silenceReason } from '../../../client-widget/channels/playback-source.ts';
import { playout } from '../../support/room-messages.ts';

/** Where messages come from; the test says them. */
class Messages {
  onmessage: ((what: unknown) => void) | null = null;
  says(message: object): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }
}
const track = (id: string) => ({ id }) as MediaStreamTrack;
const channels = () => ({ es: track('es'), fr: track('fr') });
const heardOf = (hearing: AttachedPlaybackSource) => hearing.tracks.value.map(({ producerId }) => producerId);

describe('AttachedPlaybackSource', () => {
  it('plays the channel of the selected language and no other', () => {
    const hearing = new AttachedPlaybackSource('es');
    hearing.reconcile({ channels: channels() });
    expect(heardOf(hearing)).toEqual(['es']);
    hearing.update({ hears: 'fr' });
    expect(heardOf(hearing)).toEqual(['fr']);
    hearing.update({ hears: 'original' });
    expect(heardOf(hearing)).toEqual([]);
  });

  it('reports that it waits while the selected language has no channel', () => {
    const hearing = new AttachedPlaybackSource('es');
    hearing.reconcile({ channels: {} });
    expect(silenceReason(hearing)?.message).toBe('Waiting for the interpreter …');
    expect(silenceReason(hearing, false)?.message).toBe('There is no voice in this language here.');
    hearing.reconcile({ channels: channels() });
    expect(silenceReason(hearing)).toBeUndefined();
  });

  it('says why nothing is heard by its reason, and not by the state alone', () => {
    const hearing = new AttachedPlaybackSource('es');
    const messages = new Messages();
    hearing.reconcile({ channels: channels(), messages: [messages] });
    const status = { v: 1, seq: 1, type: 'status', language: 'es', speaker: { id: 'jane', name: 'Jane' } };
    const doing = { state: 'waiting', queueMs: 0, listeners: 1 };
    messages.says({ ...status, ...doing, reason: 'behind', message: 'It is about 5 s behind.' });
    expect(silenceReason(hearing)).toEqual({
      code: 'The interpreter is behind.',
      message: 'It is about 5 s behind.',
    });
    messages.says({ ...status, ...doing, message: 'An older interpreter waits.' });
    expect(silenceReason(hearing)).toEqual({
      code: 'Waiting for the interpreter …',
      message: 'An older interpreter waits.',
    });
  });

  it('delivers each message once however often the page describes its sources, and none of a removed source', () => {
    const hearing = new AttachedPlaybackSource('es');
    const [one, other] = [new Messages(), new Messages()];
    const told: string[] = [];
    hearing.onMessage((message) => told.push(message.type === 'playout' ? message.utterance : ''));
    hearing.reconcile({ channels: channels(), messages: [one, other] });
    hearing.reconcile({ channels: channels(), messages: [one, other] });
    one.says(playout('a', 'started', 0));
    other.says(playout('b', 'started', 0));
    hearing.reconcile({ channels: channels(), messages: [other] });
    one.says(playout('c', 'started', 0));
    other.says(playout('d', 'started', 0));
    hearing.leave();
    other.says(playout('e', 'started', 0));
    expect(told).toEqual(['a', 'b', 'd']);
  });
});
