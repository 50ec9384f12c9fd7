/** The client over real sockets, against a service that is scripted frame by frame and as ill-behaved as a test wants. */
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';
import { pino } from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { openLiveTranslate } from '../../bot/session/livetranslate/connect.ts';
import type { TranslationError, TranslationSession } from '../../bot/session/translation-session.ts';
import { systemClock } from '../../time/clock.ts';
import { recorder } from '../support/livetranslate.ts';

const KEY = 'sk-test-key';
const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

async function listening(server: Server | ReturnType<typeof createTcpServer>): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanups.push(() => server.close());
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}/api-ws/v1/realtime`;
}

/** A service that greets, accepts settings, and leaves the rest to `behave`. */
async function service(behave: (socket: WebSocket, request: IncomingMessage) => void = () => {}): Promise<string> {
  const http = createServer();
  const sockets = new WebSocketServer({ server: http });
  sockets.on('connection', (socket, request) => {
    cleanups.push(() => socket.terminate());
    socket.on('message', (data) => {
      const { type } = JSON.parse(data.toString()) as { type: string };
      if (type === 'session.update') socket.send(JSON.stringify({ type: 'session.updated' }));
      if (type === 'session.finish') socket.send(JSON.stringify({ type: 'session.finished' }));
    });
    behave(socket, request);
    socket.send(JSON.stringify({ type: 'session.created' }));
  });
  return listening(http);
}

interface Opened {
  session: TranslationSession;
  closed: Promise<TranslationError | undefined>;
  recorded: ReturnType<typeof recorder>['recorded'];
}

function open(url: string, key?: string): Opened {
  const { events, recorded } = recorder();
  const { promise, resolve } = Promise.withResolvers<TranslationError | undefined>();
  const openSession = openLiveTranslate({
    url,
    model: 'qwen3-livetranslate-flash-realtime',
    ...(key !== undefined && { key }),
    clock: systemClock,
    log: pino({ level: 'silent' }),
  });
  const session = openSession(
    { source: 'en', target: 'es', audio: true },
    {
      ...events,
      closed: (error) => {
        events.closed(error);
        resolve(error);
      },
    },
  );
  cleanups.push(() => session.close());
  return { session, closed: promise, recorded };
}

/** How often it ended, and why. */
const endings = (recorded: Opened['recorded']): unknown[] =>
  recorded.flatMap((entry) => (entry[0] === 'closed' ? [entry[1]] : []));

describe('the upgrade', () => {
  it('names the model in the query and carries the key in its header alone', async () => {
    const seen = Promise.withResolvers<IncomingMessage>();
    const url = await service((_socket, request) => seen.resolve(request));
    open(url, KEY);
    const { headers, url: path } = await seen.promise;
    expect(path).toBe('/api-ws/v1/realtime?model=qwen3-livetranslate-flash-realtime');
    expect(headers.authorization).toBe(`Bearer ${KEY}`);
  });

  it('carries no header where there is no key', async () => {
    const seen = Promise.withResolvers<IncomingMessage>();
    open(await service((_socket, request) => seen.resolve(request)));
    expect((await seen.promise).headers).not.toHaveProperty('authorization');
  });

  it('that is refused says why, in the words of the service', async () => {
    const url = await listening(
      createServer().on('upgrade', (_request: IncomingMessage, socket: Socket) => {
        const body = JSON.stringify({ code: 'InvalidApiKey', message: `Incorrect API key provided: ${KEY}` });
        socket.end(`HTTP/1.1 401 Unauthorized\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
      }),
    );
    const error = await open(url, KEY).closed;
    expect(error).toMatchObject({ class: 'account', code: 'InvalidApiKey' });
    expect(error?.message).toContain('HTTP 401');
    expect(error?.message).not.toContain(KEY);
  });

  it('that is refused with an answer that never ends does not wait for its end', async () => {
    const url = await listening(
      createServer().on('upgrade', (_request: IncomingMessage, socket: Socket) => {
        socket.on('error', () => {});
        socket.write('HTTP/1.1 503 Unavailable\r\nContent-Length: 1000000\r\n\r\nbusy');
      }),
    );
    expect(await open(url).closed).toMatchObject({ class: 'transient', code: 'http_503' });
  });

  it('at something that is no WebSocket service is a wrong setting', async () => {
    const url = await listening(
      createServer((_request: IncomingMessage, response: ServerResponse) => response.end('Hi')),
    );
    expect(await open(url).closed).toMatchObject({ class: 'config', code: 'http_200' });
  });

  it('where nobody listens is an error that names the place', async () => {
    const server = createTcpServer();
    const url = await listening(server);
    await new Promise((resolve) => server.close(resolve));
    const error = await open(url).closed;
    expect(error).toMatchObject({ class: 'transient', code: 'ECONNREFUSED' });
    expect(error?.message).toMatch(/^The translation service at 127\.0\.0\.1:\d+ cannot be reached/);
  });

  it('where somebody else listens ends with an error', async () => {
    const url = await listening(
      createTcpServer((socket) => void socket.on('error', () => {}).end('SSH-2.0-nonsense\r\n')),
    );
    expect(await open(url).closed).toMatchObject({ class: 'transient' });
  });
});

describe('a session', () => {
  it('finishes when the service has confirmed it', async () => {
    const { session, recorded } = open(await service());
    session.send(new Int16Array(1600));
    await session.finish();
    expect(endings(recorded)).toEqual([undefined]);
  });

  it('finishes though the service never answers the close', async () => {
    const url = await listening(createTcpServer(deafToCloses));
    const { session, recorded } = open(url);
    await session.finish();
    expect(endings(recorded)).toEqual([undefined]);
    await expect.poll(() => deafSockets.every((socket) => socket.destroyed)).toBe(true);
  });

  it('survives binary frames', async () => {
    const url = await service((socket) => socket.send(Buffer.from([1, 2, 3])));
    const { session, recorded } = open(url);
    await session.finish();
    expect(endings(recorded)).toEqual([undefined]);
  });

  it('ends with the reason of a close, by class', async () => {
    const url = await service((socket) => socket.close(1007, 'Requests rate limit exceeded, please try again later.'));
    expect(await open(url).closed).toMatchObject({ class: 'throttle', code: 'close_1007' });
  });

  it('ends with an error when the connection breaks', async () => {
    const url = await service((socket) => setTimeout(() => socket.terminate(), 50));
    expect(await open(url).closed).toMatchObject({ class: 'transient', code: 'close_1006' });
  });

  it('ends with an error at a frame beyond all bounds', async () => {
    const url = await service((socket) => socket.send('x'.repeat(5 * 1024 * 1024)));
    expect(await open(url).closed).toMatchObject({ class: 'transient' });
  });

  it('can be closed before it is connected', async () => {
    const { session, recorded } = open(await service());
    session.close();
    await session.finish();
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(recorded).toEqual([['closed', undefined]]);
  });
});

it('refuses what cannot be a URL or a key before anything is sent', () => {
  expect(() => open('http://127.0.0.1:1')).toThrow(/BOOTH_LIVETRANSLATE_URL/);
  expect(() => open('ws://:::')).toThrow(/BOOTH_LIVETRANSLATE_URL/);
  expect(() => open('ws://127.0.0.1:1', 'two words')).toThrow(/DASHSCOPE_API_KEY/);
  expect(() => open('ws://127.0.0.1:1', 'sk\nX-Header: 1')).toThrow(/DASHSCOPE_API_KEY/);
});

const deafSockets: Socket[] = [];

/** A WebSocket server by hand, down to the frames, because `ws` always answers a close. */
function deafToCloses(socket: Socket): void {
  deafSockets.push(socket);
  cleanups.push(() => socket.destroy());
  const say = (type: string): void => {
    const text = Buffer.from(JSON.stringify({ type }));
    socket.write(Buffer.concat([Buffer.from([0x81, text.length]), text]));
  };
  let upgraded = false;
  socket.on('error', () => {});
  socket.on('data', (data) => {
    if (upgraded) return;
    upgraded = true;
    const key = /sec-websocket-key: (\S+)/i.exec(data.toString('latin1'))?.[1] ?? '';
    const accept = acceptance(key);
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
    for (const type of ['session.created', 'session.updated', 'session.finished']) setTimeout(() => say(type), 100);
  });
}

const acceptance = (key: string): string =>
  createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
