import { beforeEach, describe, expect, it } from 'vitest';
import { MessageSender, type TextChannel } from '../../../../bot/room/message-sender.ts';
import { FakeClock } from '../../../../time/fake-clock.ts';

/** A data channel that a test drains. */
class Pipe implements TextChannel {
  readyState = 'open';
  bufferedAmount = 0;
  most = 0;
  readonly sent: string[] = [];

  send(text: string): void {
    if (this.readyState !== 'open') throw new Error('not open');
    this.sent.push(text);
    this.bufferedAmount += Buffer.byteLength(text);
    this.most = Math.max(this.most, this.bufferedAmount);
  }
}

describe('MessageSender', () => {
  let pipe: Pipe;
  let clock: FakeClock;
  let sender: MessageSender;
  beforeEach(() => {
    pipe = new Pipe();
    clock = new FakeClock();
    sender = new MessageSender(clock);
    sender.attach(pipe);
  });

  it('sends at once what there is room for', () => {
    sender.send('one');
    sender.send('two', 'key');
    expect(pipe.sent).toEqual(['one', 'two']);
    expect(clock.pending).toBe(0);
  });

  it('keeps a burst out of the channel until it has drained, and in order', () => {
    const texts = Array.from({ length: 400 }, (_, i) => `${i}`.padEnd(200));
    for (const text of texts) sender.send(text);
    expect(pipe.bufferedAmount).toBeLessThan(16_384 + 200);
    for (let i = 0; i < 100; i++) {
      pipe.bufferedAmount = Math.max(0, pipe.bufferedAmount - 4000);
      clock.advance(20);
    }
    expect(pipe.sent).toEqual(texts);
    expect(pipe.most).toBeLessThan(16_384 + 200);
    expect(sender.dropped).toBe(0);
  });

  it('sends a newer text instead of an unsent one of the same key, where the newer one stands', () => {
    pipe.bufferedAmount = 20_000;
    sender.send('hello', 'a');
    sender.send('final of b');
    sender.send('hello world', 'a');
    pipe.bufferedAmount = 0;
    clock.advance(20);
    expect(pipe.sent).toEqual(['final of b', 'hello world']);
  });

  it('never replaces what has no key', () => {
    pipe.bufferedAmount = 20_000;
    for (let i = 0; i < 3; i++) sender.send(`final ${i}`);
    pipe.bufferedAmount = 0;
    clock.advance(20);
    expect(pipe.sent).toEqual(['final 0', 'final 1', 'final 2']);
  });

  it('holds 500 texts, and gives up the oldest that can be replaced first', () => {
    pipe.bufferedAmount = 20_000;
    sender.send('partial', 'a');
    for (let i = 0; i < 500; i++) sender.send(`final ${i}`);
    expect(sender.dropped).toBe(1);
    for (let i = 500; i < 510; i++) sender.send(`final ${i}`);
    expect(sender.dropped).toBe(11);
    pipe.bufferedAmount = 0;
    clock.advance(20);
    while (pipe.bufferedAmount > 0) {
      pipe.bufferedAmount = 0;
      clock.advance(20);
    }
    expect(pipe.sent).toEqual(Array.from({ length: 500 }, (_, i) => `final ${i + 10}`));
  });

  describe('before it has a data channel', () => {
    beforeEach(() => {
      sender = new MessageSender(clock);
    });

    it('keeps texts in order, and sends them once it has one', () => {
      for (let i = 0; i < 50; i++) sender.send(`${i}`);
      sender.attach(pipe);
      sender.send('last');
      expect(pipe.sent).toEqual([...Array.from({ length: 50 }, (_, i) => `${i}`), 'last']);
    });

    it('keeps at most 500 texts, and only the newest of a key', () => {
      for (let i = 0; i < 1000; i++) sender.send(`word ${i}`, 'a');
      for (let i = 0; i < 600; i++) sender.send(`final ${i}`);
      expect(sender.dropped).toBe(101);
      sender.attach(pipe);
      while (pipe.bufferedAmount > 0) {
        pipe.bufferedAmount = 0;
        clock.advance(20);
      }
      expect(pipe.sent).toEqual(Array.from({ length: 500 }, (_, i) => `final ${i + 100}`));
    });

    it('starts no timer', () => {
      sender.send('early');
      expect(clock.pending).toBe(0);
    });

    it('sends nothing on a channel that it gets after it was closed', () => {
      sender.send('lost');
      sender.close();
      sender.attach(pipe);
      clock.advance(1000);
      expect(pipe.sent).toEqual([]);
      expect(clock.pending).toBe(0);
    });
  });

  it('waits for a channel that is still opening', () => {
    pipe.readyState = 'connecting';
    sender.send('early');
    clock.advance(500);
    expect(pipe.sent).toEqual([]);
    pipe.readyState = 'open';
    clock.advance(20);
    expect(pipe.sent).toEqual(['early']);
  });

  it.each(['closing', 'closed'])('gives up what waits when the channel is %s', (state) => {
    pipe.bufferedAmount = 20_000;
    sender.send('late');
    pipe.readyState = state;
    clock.advance(20);
    expect(clock.pending).toBe(0);
    sender.send('later');
    expect(clock.pending).toBe(0);
    expect(pipe.sent).toEqual([]);
  });

  it('leaves nothing behind when closed', () => {
    pipe.bufferedAmount = 20_000;
    sender.send('late');
    sender.close();
    sender.close();
    pipe.bufferedAmount = 0;
    clock.advance(1000);
    expect(pipe.sent).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  it('sends nothing once it is closed', () => {
    sender.close();
    sender.send('too late');
    expect(pipe.sent).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  it('throws nothing at whoever sends, or at the clock, where the channel refuses a text', () => {
    pipe.send = () => {
      throw new Error('max-message-size exceeded');
    };
    expect(() => sender.send('too long')).not.toThrow();
    pipe.bufferedAmount = 20_000;
    sender.send('too long again');
    pipe.bufferedAmount = 0;
    expect(() => clock.advance(20)).not.toThrow();
    expect(sender.dropped).toBe(2);
  });
});
