import { RoomMessage } from '@mediasoup-booth/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { CaptionChannel, type OutgoingMessage } from '../../../../bot/captions/caption-channel.ts';
import type { TextOutput } from '../../../../bot/room/room-connection.ts';

const speaker = { id: 'ann', name: 'Ann' };
const caption = (stable: string, final = false): OutgoingMessage => ({
  type: 'caption',
  utterance: 'u1',
  speaker,
  kind: 'original',
  stable,
  final,
  start: 100,
});

class Output implements TextOutput {
  readonly #opening = Promise.withResolvers<void>();
  readonly opened = this.#opening.promise;
  readonly sent: { message: RoomMessage; key: string | undefined }[] = [];
  closed = 0;

  send(text: string, key?: string): void {
    this.sent.push({ message: RoomMessage.parse(JSON.parse(text)), key });
  }

  close(): void {
    this.closed++;
  }
}

describe('CaptionChannel', () => {
  let output: Output;
  let channel: CaptionChannel;
  beforeEach(() => {
    output = new Output();
    channel = new CaptionChannel('es', output);
  });

  it('gives messages sequence numbers from 1 and its language, in the format that receivers parse', () => {
    channel.send(caption('hello'));
    channel.send({ type: 'playout', speaker, utterance: 'u1', state: 'started', at: 5 });
    channel.send({ type: 'status', speaker, state: 'listening', queueMs: 0, listeners: 2 });
    expect(output.sent.map(({ message: { v, seq, language, type } }) => [v, seq, language, type])).toEqual([
      [1, 1, 'es', 'caption'],
      [1, 2, 'es', 'playout'],
      [1, 3, 'es', 'status'],
    ]);
  });

  it('lets a newer caption replace an unsent one of its utterance that is not final, and never a final one or an event', () => {
    channel.send(caption('hello'));
    channel.send(caption('hello', true));
    channel.send({ type: 'playout', speaker, utterance: 'u1', state: 'ended', at: 5 });
    expect(output.sent.map(({ key }) => key)).toEqual(['u1', undefined, undefined]);
  });

  it('sends nothing after it is closed, and closes its output once', () => {
    channel.close();
    channel.close();
    channel.send(caption('late'));
    expect(output.sent).toEqual([]);
    expect(output.closed).toBe(1);
  });
});
