import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SignallingClient, type Socket } from '../../../room-client/signalling-client.ts';

/** The far end of a socket, in the hands of the test. */
class FarEnd implements Socket {
  readonly received: { id: number; method: string; data: unknown }[] = [];
  closedWith: { code: number | undefined; reason: string | undefined } | undefined;
  readonly #message = new Set<(event: { data: unknown }) => void>();
  readonly #close = new Set<(event: { code: number; reason: string }) => void>();

  send(text: string): void {
    this.received.push(JSON.parse(text));
  }
  close(code?: number, reason?: string): void {
    this.closedWith = { code, reason };
  }
  addEventListener(type: 'message' | 'close', listener: (event: never) => void): void {
    if (type === 'message') this.#message.add(listener as (event: { data: unknown }) => void);
    else this.#close.add(listener as (event: { code: number; reason: string }) => void);
  }
  says(data: unknown): void {
    for (const listener of this.#message) listener({ data: typeof data === 'string' ? data : JSON.stringify(data) });
  }
  ends(code: number, reason: string): void {
    for (const listener of this.#close) listener({ code, reason });
  }
}

describe('the signalling client', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  const connected = () => {
    const server = new FarEnd();
    return { server, client: new SignallingClient(server, { timeoutMs: 1000 }) };
  };

  it('gives each reply to the request it belongs to, in whatever order they come', async () => {
    const { server, client } = connected();
    const first = client.request('producer.pause', { producerId: 'a' });
    const second = client.request('transport.restartIce', { transportId: 'b' });
    const [one, two] = server.received;
    server.says({ id: two?.id, ok: true, data: { iceParameters: {} } });
    server.says({ id: one?.id, ok: true, data: {} });
    await expect(second).resolves.toEqual({ iceParameters: {} });
    await expect(first).resolves.toEqual({});
  });

  it('takes an array for several messages, in their order', async () => {
    const { server, client } = connected();
    const seen: string[] = [];
    client.onNotification((name) => seen.push(name));
    const reply = client.request('producer.pause', { producerId: 'a' }).then(() => seen.push('reply'));
    const [{ id } = { id: 0 }] = server.received;
    server.says([
      { method: 'participant.left', data: { participantId: 'ana' } },
      { method: 'producer.closed', data: { participantId: 'ben', producerId: 'b' } },
      { id, ok: true, data: {} },
      7,
    ]);
    await reply;
    expect(seen).toEqual(['participant.left', 'producer.closed', 'reply']);
  });

  it('rejects what the server refuses, with its code and message', async () => {
    const { server, client } = connected();
    const request = client.request('participant.update', { hears: 'es' });
    server.says({ id: server.received[0]?.id, ok: false, error: { code: 'invalid', message: 'no' } });
    await expect(request).rejects.toMatchObject({ name: 'SignallingError', code: 'invalid', message: 'no' });
  });

  it('settles a request that nobody answers at its time limit, and ignores the late answer', async () => {
    const { server, client } = connected();
    const request = client.request('participant.update', {});
    const rejected = expect(request).rejects.toMatchObject({ code: 'timeout' });
    await vi.advanceTimersByTimeAsync(1000);
    await rejected;
    expect(() => server.says({ id: server.received[0]?.id, ok: true, data: {} })).not.toThrow();
  });

  it('settles every request when the connection ends, with the reason, and tells once', async () => {
    const { server, client } = connected();
    const ends: unknown[] = [];
    client.onEnd((ended) => ends.push(ended));
    const request = client.request('participant.update', {});
    server.ends(4401, 'the token expired');
    server.ends(4401, 'the token expired');
    client.close();
    await expect(request).rejects.toMatchObject({ code: 'closed', message: 'the token expired' });
    await expect(client.request('participant.update', {})).rejects.toMatchObject({ code: 'closed' });
    expect(ends).toEqual([{ code: 4401, reason: 'the token expired' }]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('closes its socket, and hears nothing any more', () => {
    const { server, client } = connected();
    const heard: unknown[] = [];
    client.on('participant.left', (data) => heard.push(data));
    client.close();
    server.says({ method: 'participant.left', data: { participantId: 'ana' } });
    expect(server.closedWith?.code).toBe(1000);
    expect(heard).toEqual([]);
  });

  it('tells notifications to those who listen, as long as they do', () => {
    const { server, client } = connected();
    const heard: unknown[] = [];
    const stop = client.on('participant.left', (data) => heard.push(data));
    server.says({ method: 'participant.left', data: { participantId: 'ana' } });
    server.says({ method: 'producer.closed', data: {} });
    stop();
    server.says({ method: 'participant.left', data: { participantId: 'ben' } });
    expect(heard).toEqual([{ participantId: 'ana' }]);
  });

  it.each(['not JSON', '5', 'null', '[]', '{}'])('is not disturbed by %s', (text) => {
    const { server, client } = connected();
    expect(() => server.says(text)).not.toThrow();
    expect(client.ended).toBeUndefined();
  });
});
