/** Connections by which nobody comes in, at a real server: they are bounded, they end, and they keep nobody out. */
import { connect as connectTcp, type Socket } from 'node:net';
import { SIGNAL_PATH } from '@mediasoup-booth/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { limits } from '../../server/limits.ts';
import { systemClock } from '../../time/clock.ts';
import { readCaptions } from '../support/caption-events.ts';
import {
  closed,
  connect,
  join,
  openSocket,
  person,
  startTestServer,
  type TestServer,
  tokenOf,
} from '../support/server.ts';
import { until } from '../support/until.ts';

let server: TestServer;
const sockets: Socket[] = [];
beforeEach(async () => {
  server = await startTestServer();
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await server.close();
});

/** A TCP connection whose client never closes it, and never reads. */
function silent(port: number, text = ''): Promise<Socket> {
  const socket = connectTcp({ port, host: '127.0.0.1', allowHalfOpen: true });
  sockets.push(socket);
  socket.on('error', () => {});
  return new Promise((resolve) =>
    socket.once('connect', () => {
      socket.write(text);
      resolve(socket);
    }),
  );
}

const upgrade = (path: string, subprotocols: string) =>
  `GET ${path} HTTP/1.1\r\nHost: booth\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n` +
  `Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: ${subprotocols}\r\n\r\n`;

const many = <T>(count: number, one: (n: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, n) => one(n)));

/** Whether the server has destroyed its side: what is written to it then is answered by a reset. */
function isDestroyed(socket: Socket): boolean {
  if (!socket.destroyed) socket.write('.');
  return socket.destroyed;
}

async function mediaPort(): Promise<number> {
  const ana = await join(server, person('ana', { room: 'media' }));
  const { iceCandidates } = await ana.request('transport.create', { direction: 'send' });
  const candidate = iceCandidates.find(({ protocol }) => protocol === 'tcp');
  ana.leave();
  return candidate?.port ?? 0;
}

/** Milliseconds until somebody who comes now is in the room. */
async function entryMs(identity: string): Promise<number> {
  const startMs = performance.now();
  const ben = await join(server, person(identity, { room: 'flooded' }));
  const tookMs = performance.now() - startMs;
  ben.leave();
  return tookMs;
}

describe('a server that is flooded from one address', () => {
  it('lets a good token in within a second, beside 1000 idle sockets, 500 refused upgrades and 300 silent ones at the media port', async () => {
    const port = await mediaPort();
    await many(1000, () => silent(server.port));
    const unjoined = tokenOf(person('eve', { room: 'other' }));
    await many(10, () => openSocket(server, unjoined));
    const strangers = await many(300, (n) => openSocket(server, tokenOf(person(`eve-${n}`, { room: 'other' }))));
    const refused = await many(500, (n) =>
      silent(server.port, upgrade(SIGNAL_PATH, n % 2 ? 'booth.v1' : 'booth.v1, booth.token.made-up')),
    );
    await many(300, () => silent(port));
    const entries = [await entryMs('ben'), await entryMs('cleo'), await entryMs('dan')];
    expect(Math.min(...entries)).toBeLessThan(1000);
    await until(() => refused.every(isDestroyed));
    await until(() => strangers.filter(({ readyState }) => readyState === 1).length <= limits.unjoinedPerAddress);
  });

  it('closes idle connections beyond its bound, the oldest first, and those that ask nothing for long', async () => {
    const idle = await many(limits.idleConnections.perAddress + 100, () => silent(server.port));
    for (const socket of idle) socket.resume();
    await until(() => idle.filter(({ readableEnded }) => readableEnded).length >= 100);
    const asking = await silent(server.port, 'GET /healthz HTTP/1.1\r\nHost: booth\r\n\r\n');
    const [answer] = await new Promise<Buffer[]>((resolve) => asking.once('data', (data) => resolve([data])));
    expect(String(answer)).toMatch(/^HTTP\/1\.1 200/);
  });

  it('leaves caption streams of the same address alone, and lets 300 of them be read at once', async () => {
    const token = (n: number) => tokenOf(person(`reader-${n}`, { room: 'read', grants: ['captions'] }));
    const readers = await many(300, (n) => readCaptions(server, 'read', 'es', token(n % 50)));
    const ended: number[] = [];
    readers.forEach((reader, n) => void reader.ended.then(() => ended.push(n)));
    const idle = await many(limits.idleConnections.perAddress + 100, () => silent(server.port));
    for (const socket of idle) socket.resume();
    await until(() => idle.filter(({ readableEnded }) => readableEnded).length >= 100);
    expect(ended).toEqual([]);
    for (const reader of readers) reader.close();
  });

  it('still lets in who has not joined longest, and ends the others with a word', async () => {
    const first = await connect(server, tokenOf(person('first')));
    const end = closed(first.socket);
    const later = await many(limits.unjoinedPerAddress, (n) => connect(server, tokenOf(person(`later-${n}`))));
    expect(await end).toMatchObject({ code: 4429, reason: expect.stringMatching(/connect again/) });
    await expect(later.at(-1)?.join()).resolves.toBeTruthy();
  });

  it('does not let one identity come and go without end', async () => {
    const ends = [];
    for (let n = 0; n < limits.entriesPerIdentity.burst + 5; n++) {
      const socket = await openSocket(server, tokenOf(person('restless')));
      ends.push(closed(socket));
      socket.close(1000);
    }
    const codes = (await Promise.all(ends)).map(({ code }) => code);
    expect(codes).toContain(4429);
    await expect(join(server, person('calm'))).resolves.toBeTruthy();
  });

  it('lets others of the same address in, however often one identity is refused', async () => {
    // Time stands still: nothing that is used up comes back.
    const still = await startTestServer({ clock: { ...systemClock, now: () => 0 } });
    try {
      const restless = tokenOf(person('restless', { grants: ['captions'] }));
      for (let n = 0; n <= limits.entries.burst; n += 20) {
        const opened = await Promise.all(Array.from({ length: 20 }, () => openSocket(still, restless)));
        for (const socket of opened) socket.terminate();
      }
      await expect(join(still, person('calm'))).resolves.toBeTruthy();
    } finally {
      await still.close();
    }
  });
});
