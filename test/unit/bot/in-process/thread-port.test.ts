import { describe, expect, it } from 'vitest';
import type { CarriedPacket } from '../../../../bot/in-process/packet-batch.ts';
import { ThreadPort } from '../../../../bot/in-process/thread-port.ts';

const packet = (id: number, bytes = 3): CarriedPacket => ({
  id,
  sequenceNumber: 65_535,
  timestamp: 2 ** 32 - 1,
  marker: id % 2 === 1,
  audioLevel: id % 3 === 0 ? undefined : 127,
  payload: new Uint8Array(bytes).fill(id),
});

class End {
  readonly messages: string[] = [];
  readonly packets: CarriedPacket[] = [];
  posts = 0;
  other: End | undefined;
  #scheduled: (() => void)[] = [];
  readonly port = new ThreadPort<string, string>({
    post: (envelope, transfer) => {
      this.posts++;
      // What another thread gets is a copy; what is transferred is gone here.
      this.other?.port.receive(structuredClone(envelope, { transfer }));
    },
    onMessage: (message) => this.messages.push(message),
    onPacket: ({ payload, ...rest }) => this.packets.push({ ...rest, payload: Uint8Array.from(payload) }),
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
    host.port.send('a');
    const packets = Array.from({ length: 40 }, (_, id) => packet(id, id === 7 ? 5000 : 80));
    for (const one of packets) host.port.sendPacket(one);
    host.port.send('b');
    host.endTurn();
    expect(host.posts).toBe(1);
    expect(thread.messages).toEqual(['a', 'b']);
    expect(thread.packets).toEqual(packets);
    host.endTurn();
    expect(host.posts).toBe(1);
  });

  it('drops and counts packets where the other end takes none, and goes on when it does', () => {
    const [host, thread] = connected();
    thread.other = undefined;
    for (let id = 0; id < 4003; id++) host.port.sendPacket(packet(id));
    expect(host.port.dropped).toBe(3);
    host.port.send('still there');
    host.endTurn();
    expect(thread.packets).toHaveLength(4000);
    expect(thread.messages).toEqual(['still there']);
    host.port.sendPacket(packet(1));
    expect(host.port.dropped).toBe(4);

    thread.other = host;
    thread.endTurn();
    host.port.sendPacket(packet(1));
    expect(host.port.dropped).toBe(4);
  });

  it('acknowledges with what is sent anyway', () => {
    const [host, thread] = connected();
    for (let round = 0; round < 100; round++) {
      for (let id = 0; id < 100; id++) host.port.sendPacket(packet(id));
      host.endTurn();
      thread.port.send('alive');
      thread.endTurn();
    }
    expect(host.port.dropped).toBe(0);
    expect(thread.packets).toHaveLength(10_000);
  });

  it('is silent after it was closed', () => {
    const [host, thread] = connected();
    host.port.send('last');
    host.port.close();
    host.port.send('too late');
    host.port.sendPacket(packet(1));
    host.endTurn();
    thread.port.send('x');
    thread.endTurn();
    expect([host.posts, host.messages]).toEqual([0, []]);
  });
});
