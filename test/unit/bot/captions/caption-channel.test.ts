import { beforeEach, describe, expect, it } from 'vitest';
import { CaptionChannel, type OutgoingMessage } from '../../../../bot/captions/caption-channel.ts';
import type { TextOutput } from '../../../../bot/room/room-connection.ts';
import { RoomMessage } from '../../../../protocol/room-messages.ts';
import { until } from '../../../support/until.ts';

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
  readonly sent: { message: RoomMessage; key: string | undefined }[] = [];
  closed = 0;
  send(text: string, key?: string): void {
    this.sent.push({ message: RoomMessage.parse(JSON.parse(text)), key });
  }
  close(): void {
    this.closed++;
  }
}

describe('Captions', () => {
  let output: Output;
  let opened: PromiseWithResolvers<TextOutput>;
  let failures: unknown[];
  let captions: CaptionChannel;
  beforeEach(() => {
    output = new Output();
    opened = Promise.withResolvers();
    failures = [];
    captions = new CaptionChannel('es', opened.promise, (error) => failures.push(error));
  });
  const opens = async () => {
    opened.resolve(output);
    await opened.promise;
    await Promise.resolve();
  };

  it('numbers messages from 1 and addresses them to its language, in the shape that others parse', async () => {
    await opens();
    captions.send(caption('hello'));
    captions.send({ type: 'playout', speaker, utterance: 'u1', state: 'started', at: 5 });
    captions.send({ type: 'status', speaker, state: 'listening', queueMs: 0, listeners: 2 });
    expect(output.sent.map(({ message: { v, seq, language, type } }) => [v, seq, language, type])).toEqual([
      [1, 1, 'es', 'caption'],
      [1, 2, 'es', 'playout'],
      [1, 3, 'es', 'status'],
    ]);
  });

  it('lets a partial take the place of an unsent one of its utterance, and no final or event', async () => {
    await opens();
    captions.send(caption('hello'));
    captions.send(caption('hello', true));
    captions.send({ type: 'playout', speaker, utterance: 'u1', state: 'ended', at: 5 });
    expect(output.sent.map(({ key }) => key)).toEqual(['u1', undefined, undefined]);
  });

  it('keeps what is said before the channel stands, in order', async () => {
    for (let i = 0; i < 50; i++) captions.send(caption(`${i}`, true));
    await opens();
    captions.send(caption('last', true));
    expect(output.sent.map(({ message }) => message.seq)).toEqual(Array.from({ length: 51 }, (_, i) => i + 1));
    expect(output.sent.at(-1)?.message).toMatchObject({ stable: 'last' });
  });

  it('keeps at most 200 messages, and no partial where its utterance goes on', async () => {
    for (let i = 0; i < 1000; i++) captions.send(caption(`word ${i}`));
    captions.send(caption('the end', true));
    await opens();
    expect(output.sent.length).toBeLessThanOrEqual(200);
    expect(output.sent.at(-1)?.message).toMatchObject({ stable: 'the end', final: true });
  });

  it('says nothing once it is closed, and closes the channel that it has or gets', async () => {
    captions.send(caption('lost'));
    captions.close();
    captions.send(caption('lost too'));
    opened.resolve(output);
    await until(() => output.closed > 0);
    expect(output.sent).toEqual([]);
    expect(output.closed).toBe(1);
  });

  it('closes its channel', async () => {
    await opens();
    captions.close();
    captions.send(caption('late'));
    expect(output.sent).toEqual([]);
    expect(output.closed).toBe(1);
  });

  it('tells that the channel could not be opened', async () => {
    opened.reject(new Error('no room'));
    await until(() => failures.length > 0);
    captions.send(caption('nobody hears'));
    captions.close();
    expect(failures).toEqual([new Error('no room')]);
  });
});
