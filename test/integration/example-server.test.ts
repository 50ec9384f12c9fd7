/** The servers of the example application: what fails for one page is told to that page, and the others go on. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { io, type Socket } from 'socket.io-client';
import { beforeAll, expect, it, onTestFinished } from 'vitest';
import { type ExampleServer, installExample, packedPackages, startServer } from '../support/example-meeting.ts';

let packages: readonly string[];

beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'booth-test-'));
  packages = await packedPackages(folder);
  return () => rmSync(folder, { recursive: true, force: true });
});

/** @param change of the text of its file */
async function start(variant: string, change: (code: string) => string = (code) => code): Promise<ExampleServer> {
  const file = join(installExample(packages), variant, 'server.js');
  writeFileSync(file, change(readFileSync(file, 'utf8')));
  const server = await startServer(file, { DASHSCOPE_API_KEY: 'sk-any' });
  onTestFinished(() => server.stop());
  return server;
}

function connect({ url }: ExampleServer, auth: object): Socket {
  const socket = io(url, { auth, forceNew: true, reconnection: false });
  onTestFinished(() => void socket.disconnect());
  return socket;
}

const welcome = (socket: Socket): Promise<{ rtpCapabilities: object }> =>
  new Promise((resolve, reject) => {
    socket.once('welcome', resolve).once('connect_error', reject).once('disconnect', reject);
  });

const request = (socket: Socket, ...args: unknown[]): Promise<{ result?: object; error?: string }> =>
  socket.timeout(10_000).emitWithAck(...(args as [string]));

it('tells each page that a room cannot be interpreted, and goes on', async () => {
  const server = await start('interpreted', (code) => code.replace(/^.*audio\/opus.*\n/m, ''));
  for (const id of ['ann', 'bea'])
    await expect(welcome(connect(server, { room: 'lobby', id, name: id }))).rejects.toThrow(/Opus/);
  expect(server.exitCode).toBeNull();
  expect((await fetch(server.url)).status).toBe(404);
});

it.each(['plain', 'remote'])('answers requests that are none, and goes on: %s', async (variant) => {
  const server = await start(variant);
  const odd = connect(server, {});
  await welcome(odd);
  expect(await request(odd, 'ready', {})).toEqual({ error: expect.stringContaining('TypeError') });
  expect(await request(odd, 'join', null)).toEqual({ error: expect.stringContaining('TypeError') });
  odd.emit('join', {}, 'no callback');
  const ann = connect(server, { room: 'lobby', id: 'ann', name: 'Ann' });
  const { rtpCapabilities } = await welcome(ann);
  expect(await request(ann, 'join', { rtpCapabilities })).not.toHaveProperty('error');
  expect(await request(ann, 'createTransport', { direction: 'recv' })).toMatchObject({
    result: { iceCandidates: [{}] },
  });
  expect(server.exitCode).toBeNull();
});
