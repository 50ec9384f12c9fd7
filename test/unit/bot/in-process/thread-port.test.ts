import { describe, expect, it } from 'vitest';
import { ThreadPort } from '../../../../bot/in-process/thread-port.ts';

class End {
  readonly messages: string[] = [];
  posts = 0;
  other: End | undefined;
  #scheduled: (() => void)[] = [];
  readonly port = new ThreadPort<string, string>({
    post: (messages) => {
      this.posts++;
      // What another thread gets is a copy.
      this.other?.port.receive(structuredClone(messages));
    },
    onMessage: (message) => {
      this.messages.push(message);
      if (message === 'close') this.port.close();
    },
    schedule: (run) => this.#scheduled.push(run),
  });

  endTurn(): void {
    for (const run of this.#scheduled.splice(0)) run();
  }
}

function connected(): [End, End] {
  const [one, two] = [new End(), new End()];
  one.other = two;
  two.other = one;
  return [one, two];
}

describe('a thread port', () => {
  it('posts once what was sent in one turn, in order', () => {
    const [host, thread] = connected();
    for (const message of ['a', 'b', 'c']) host.port.send(message);
    host.endTurn();
    expect([host.posts, thread.messages]).toEqual([1, ['a', 'b', 'c']]);
    host.endTurn();
    expect(host.posts).toBe(1);
    host.port.send('d');
    host.endTurn();
    expect([host.posts, thread.messages]).toEqual([2, ['a', 'b', 'c', 'd']]);
  });

  it('is silent after it was closed', () => {
    const [host, thread] = connected();
    host.port.send('last');
    host.port.close();
    host.port.send('too late');
    host.endTurn();
    thread.port.send('x');
    thread.endTurn();
    expect([host.posts, host.messages]).toEqual([0, []]);
  });

  it('takes nothing of a message after what has closed it', () => {
    const [host, thread] = connected();
    for (const message of ['a', 'close', 'b']) host.port.send(message);
    host.endTurn();
    expect(thread.messages).toEqual(['a', 'close']);
  });
});
