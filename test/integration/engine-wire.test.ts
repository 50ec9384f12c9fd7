/** The wire over real sockets: what is answered to a client that does it wrong, and what it may hold. */
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { ENGINE_KEY, EngineClient } from '../../bench/support/engine-client.ts';
import { append, ScriptedBackend, update } from '../../bench/support/scripted-backend.ts';
import { type EngineServer, serveBackend } from '../../engine/wire/serve.ts';
import { systemClock } from '../../time/clock.ts';

let backend: ScriptedBackend;
let listening: EngineServer;
beforeAll(async () => {
  backend = new ScriptedBackend();
  listening = await serveBackend({
    host: '127.0.0.1',
    port: 0,
    backend,
    model: 'scripted',
    key: ENGINE_KEY,
    clock: systemClock,
    log: pino({ level: 'silent' }),
  });
});
afterAll(() => listening?.close());

const http = (path: string): string => new URL(path, listening.url.replace('ws:', 'http:')).href;
const refusal = (
  url: string,
  headers: Record<string, string> = { Authorization: `Bearer ${ENGINE_KEY}` },
): Promise<number | undefined> =>
  new Promise((resolve) => {
    const socket = new WebSocket(url, { headers });
    socket.on('unexpected-response', (_, response) => resolve(response.statusCode));
    socket.on('open', () => socket.close(1000));
    socket.on('close', () => resolve(101));
    socket.on('error', () => {});
  });

describe('the port of an engine', () => {
  it('says that it is well', async () => {
    const response = await fetch(http('/healthz'));
    expect([response.status, await response.json()]).toEqual([200, { status: 'ok' }]);
  });

  it('has nothing else to read', async () => {
    expect((await fetch(http('/'))).status).toBe(404);
    expect((await fetch(http('/healthz'), { method: 'POST' })).status).toBe(404);
  });

  it('opens sessions in one place only', async () => {
    expect(await refusal(new URL('/api-ws/v2/realtime', listening.url).href)).toBe(404);
  });

  it.each<[string, Record<string, string>, number]>([
    ['a client without a key', {}, 401],
    ['a client with another key', { Authorization: 'Bearer sk-another' }, 401],
    ['a client with a part of the key', { Authorization: `Bearer ${ENGINE_KEY.slice(0, -1)}` }, 401],
    ['a page of any origin', { Authorization: `Bearer ${ENGINE_KEY}`, Origin: 'http://127.0.0.1:3000' }, 403],
    ['a page that a browser gives no origin', { Authorization: `Bearer ${ENGINE_KEY}`, Origin: 'null' }, 403],
    ['a client with the key', { Authorization: `Bearer ${ENGINE_KEY}` }, 101],
  ])('answers %s', async (_who, headers, status) => {
    expect(await refusal(listening.url, headers)).toBe(status);
  });

  it('takes any model', async () => {
    const headers = { Authorization: `Bearer ${ENGINE_KEY}` };
    const socket = new WebSocket(`${listening.url}?model=some-model`, { headers });
    const created = await new Promise((resolve) =>
      socket.on('message', (data) => resolve(JSON.parse(data.toString()))),
    );
    expect(created).toMatchObject({ type: 'session.created', session: { model: 'some-model' } });
    socket.terminate();
  });
});

describe('a client', () => {
  it('is answered an error for a binary frame and for a message too long to follow, and stays', async () => {
    const client = await new EngineClient(listening.url).opened();
    client
      .saysRaw(Buffer.of(1, 2, 3))
      .saysRaw(`"${'x'.repeat(1_100_000)}"`)
      .says(update());
    await client.frame('session.updated');
    expect(client.of('error')).toMatchObject([
      { error: { code: 'invalid_json' } },
      { error: { code: 'message_too_large' } },
    ]);
    client.close();
  });

  it('is let go for a message of more than 4 MB', async () => {
    const client = await new EngineClient(listening.url).opened();
    client.saysRaw('x'.repeat(4_200_000));
    expect(await client.closed).toBe(1009);
  });

  it('that goes away takes its session with it', async () => {
    const client = await new EngineClient(listening.url).opened();
    client.says(update(), append([1])).says({ type: 'unknown' });
    await client.frame('error');
    const before = backend.closes;
    client.close();
    await expect.poll(() => backend.closes).toBe(before + 1);
  });

  it('that does not read what it is sent is let go before it fills the memory', async () => {
    const client = await new EngineClient(listening.url).opened();
    client.says(update(), append([1])).says({ type: 'unknown' });
    await client.frame('error');
    client.pause();
    const response = backend.utterance().response();
    for (let i = 0; i < 200; i++) response.audio(new Int16Array(240_000));
    client.resume();
    expect(await client.closed).toBe(1006);
  });

  it('finds no room when 64 others are there, and room again when one has gone', async () => {
    const others = await Promise.all(Array.from({ length: 64 }, () => new EngineClient(listening.url).opened()));
    expect(await refusal(listening.url)).toBe(503);
    others.pop()?.close();
    await expect.poll(() => refusal(listening.url)).toBe(101);
    for (const other of others) other.close();
  });
});
