import type { HeardLanguage, RoomMessage } from '@mediasoup-booth/protocol';
import { describe, expect, it } from 'vitest';
import { CaptionReaders } from '../../../../bot/in-process/caption-readers.ts';
import { caption } from '../../../support/room-messages.ts';

const reader = (id: string, ...reads: HeardLanguage[]) => ({ id, hears: 'original' as const, reads });
const said = (language: string, text: string): RoomMessage => caption(text, { language, stable: text });

class Room {
  readonly recent: RoomMessage[] = [];
  readonly sent: string[] = [];
  readonly failed: string[] = [];
  refuses = false;
  readonly readers = new CaptionReaders({
    recent: () => this.recent,
    send: (person, message) => {
      if (this.refuses) throw new Error('gone');
      this.sent.push(`${person}: ${message.type === 'caption' && message.stable}`);
    },
    onFailed: (person) => this.failed.push(person),
  });

  say(people: Parameters<CaptionReaders['push']>[0], message: RoomMessage): void {
    this.readers.push(people, message);
    this.recent.push(message);
  }
}

describe('readers of captions by messages', () => {
  it('receive the languages that they read, and who hears a language receives it too', () => {
    const room = new Room();
    const people = [reader('ann', 'es'), reader('ben'), { ...reader('cyd'), hears: 'fr' }];
    room.say(people, said('es', 'hola'));
    room.say(people, said('fr', 'bonjour'));
    expect(room.sent).toEqual(['ann: hola', 'cyd: bonjour']);
  });

  it('receive first what was said before they chose the language, each once', () => {
    const room = new Room();
    room.say([reader('ann')], said('es', 'one'));
    room.say([reader('ann')], said('fr', 'un'));
    room.readers.reconcile([reader('ann', 'es')]);
    room.readers.reconcile([reader('ann', 'es')]);
    room.say([reader('ann', 'es')], said('es', 'two'));
    expect(room.sent).toEqual(['ann: one', 'ann: two']);
  });

  it('receive it also where a caption comes before their choice is reconciled', () => {
    const room = new Room();
    room.say([reader('ann')], said('es', 'one'));
    room.say([reader('ann', 'es')], said('es', 'two'));
    room.readers.reconcile([reader('ann', 'es')]);
    expect(room.sent).toEqual(['ann: one', 'ann: two']);
  });

  it('receive it again when they come back to a language, or to the room', () => {
    const room = new Room();
    room.say([reader('ann', 'es')], said('es', 'one'));
    room.readers.reconcile([reader('ann')]);
    room.readers.reconcile([reader('ann', 'es')]);
    room.readers.reconcile([]);
    room.readers.reconcile([reader('ann', 'es')]);
    expect(room.sent).toEqual(['ann: one', 'ann: one', 'ann: one']);
  });

  it('of whom one cannot be reached leave the others alone', async () => {
    const room = new Room();
    room.refuses = true;
    room.say([reader('ann', 'es'), reader('ben', 'es')], said('es', 'one'));
    await expect.poll(() => room.failed).toEqual(['ann', 'ben']);
  });
});
