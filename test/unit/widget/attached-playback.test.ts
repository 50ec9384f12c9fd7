import { describe, expect, it } from 'vitest';
import { AttachedHearing } from '../../../client-widget/channels/attached-playback.ts';
import { silenceOf } from '../../../client-widget/channels/playback-source.ts';
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
const heardOf = (hearing: AttachedHearing) => hearing.tracks.value.map(({ producerId }) => producerId);

describe('what a page has of a meeting', () => {
  it('is heard in the language that is chosen, and in no other', () => {
    const hearing = new AttachedHearing('es');
    hearing.follow({ channels: channels() });
    expect(heardOf(hearing)).toEqual(['es']);
    hearing.update({ hears: 'fr' });
    expect(heardOf(hearing)).toEqual(['fr']);
    hearing.update({ hears: 'original' });
    expect(heardOf(hearing)).toEqual([]);
  });

  it('says that it waits while there is no channel of the language', () => {
    const hearing = new AttachedHearing('es');
    hearing.follow({ channels: {} });
    expect(silenceOf(hearing)?.message).toBe('Waiting for the interpreter …');
    expect(silenceOf(hearing, false)?.message).toBe('There is no voice in this language here.');
    hearing.follow({ channels: channels() });
    expect(silenceOf(hearing)).toBeUndefined();
  });

  it('tells the messages of each source once, however often it is described, and none of one that is gone', () => {
    const hearing = new AttachedHearing('es');
    const [one, other] = [new Messages(), new Messages()];
    const told: string[] = [];
    hearing.onMessage((message) => told.push(message.type === 'playout' ? message.utterance : ''));
    hearing.follow({ channels: channels(), messages: [one, other] });
    hearing.follow({ channels: channels(), messages: [one, other] });
    one.says(playout('a', 'started', 0));
    other.says(playout('b', 'started', 0));
    hearing.follow({ channels: channels(), messages: [other] });
    one.says(playout('c', 'started', 0));
    other.says(playout('d', 'started', 0));
    hearing.leave();
    other.says(playout('e', 'started', 0));
    expect(told).toEqual(['a', 'b', 'd']);
  });
});
