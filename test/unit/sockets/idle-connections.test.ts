/** Which connections of a real HTTP server are bounded: those over which nothing is asked, and no others. */
import { createServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { boundIdleConnections } from '../../../sockets/idle-connections.ts';
import { until } from '../../support/until.ts';

const PER_ADDRESS = 4;
const servers: Server[] = [];
const sockets: Client[] = [];
afterEach(() => {
  for (const { socket } of sockets.splice(0)) socket.destroy();
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

interface Client {
  socket: Socket;
  received: string;
  isClosed: boolean;
}

async function serve(listener: RequestListener, stalledMs = 0): Promise<() => Promise<Client>> {
  const server = createServer({ keepAliveTimeout: 600_000 }, listener);
  servers.push(server);
  boundIdleConnections(server, { perAddress: PER_ADDRESS, inAll: 100, stalledMs });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return async () => {
    const client: Client = { socket: connect(port, '127.0.0.1'), received: '', isClosed: false };
    sockets.push(client);
    client.socket.on('data', (data) => {
      client.received += String(data);
    });
    client.socket.on('error', () => {});
    client.socket.on('close', () => {
      client.isClosed = true;
    });
    await new Promise((resolve) => client.socket.once('connect', resolve));
    return client;
  };
}

/** More connections than may be idle, over which nothing is asked: settles when the server has closed those beyond the bound. */
async function flood(open: () => Promise<Client>): Promise<void> {
  const idle: Client[] = [];
  for (let n = 0; n < 2 * PER_ADDRESS; n++) idle.push(await open());
  await until(() => idle.filter(({ isClosed }) => isClosed).length >= PER_ADDRESS);
}

/** Answers "/stream" by a stream that goes on, and everything else at once. Reads no body. */
const streamOrAnswer: RequestListener = ({ url }, response) => {
  if (url === '/stream') response.write('begun');
  else response.end('done');
};
const request = (path: string, headers = '', body = '') =>
  `GET ${path} HTTP/1.1\r\nHost: booth\r\n${headers}\r\n${body}`;

describe('idle connections beyond the bound', () => {
  it.each([
    ['without a body', ''],
    ['whose body is empty', 'Content-Length: 0\r\n'],
  ])('end no stream that answers a request %s', async (_which, headers) => {
    const open = await serve(streamOrAnswer);
    const reader = await open();
    reader.socket.write(request('/stream', headers));
    await until(() => reader.received.includes('begun'));
    await flood(open);
    expect(reader.isClosed).toBe(false);
  });

  it('end no stream that was asked for before the answer to another request was there', async () => {
    let finish = () => {};
    const open = await serve((incoming, response) => {
      if (incoming.url === '/slow') finish = () => response.end('done');
      else response.write('begun');
    });
    const reader = await open();
    reader.socket.write(request('/slow') + request('/stream'));
    await until(() => {
      finish();
      return reader.received.includes('begun');
    });
    await flood(open);
    expect(reader.isClosed).toBe(false);
  });

  it.each([
    ['was answered', request('/')],
    ['was answered although nobody read the body', request('/', 'Content-Length: 4\r\n', 'body')],
  ])('include the connection of a request that %s', async (_which, text) => {
    const open = await serve(streamOrAnswer);
    const client = await open();
    client.socket.write(text);
    await until(() => client.received.endsWith('done'));
    await flood(open);
    await until(() => client.isClosed);
  });

  it('include the connection of a request whose body is not all there', async () => {
    const open = await serve((incoming) => incoming.resume());
    const client = await open();
    client.socket.write(request('/', 'Content-Length: 10\r\n', 'body'));
    await flood(open);
    await until(() => client.isClosed);
  });
});

describe('a connection that is answered', () => {
  it('is closed when its client takes nothing of the answer for long', async () => {
    let isClosed = false;
    const open = await serve(({ socket }, response) => {
      socket.once('close', () => {
        isClosed = true;
      });
      response.end('x'.repeat(50_000_000));
    }, 200);
    const client = await open();
    client.socket.pause();
    client.socket.write(request('/'));
    await until(() => isClosed);
  });
});
