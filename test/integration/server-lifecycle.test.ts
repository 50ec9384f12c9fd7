import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { CloseCode, signalUrl } from '@mediasoup-booth/protocol';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { closed, join, openSocket, person, startTestServer } from '../support/server.ts';
import { until } from '../support/until.ts';

/** A client gives up a connection that is not answered after 10 s. */
const ANSWERED_WITHIN_MS = 5000;

describe('starting', () => {
  it('on a port that is in use names the port and the setting', async () => {
    const first = await startTestServer();
    try {
      await expect(startTestServer({ port: first.port })).rejects.toMatchObject({
        name: 'StartError',
        message: expect.stringMatching(new RegExp(`${first.port}.*in use.*BOOTH_PORT=`)),
      });
    } finally {
      await first.close();
    }
  });

  it('answers who connects too early, so that they try again at once', async () => {
    const earlier = await startTestServer();
    await earlier.close();
    const { port } = earlier;
    const starting = startTestServer({ port, rtc: { port: 0, workers: 2 } });
    const answers: string[] = [];
    let [tried, isStarted] = [0, false];
    void starting.then(() => {
      isStarted = true;
    });
    while (!isStarted) {
      tried++;
      const socket = new WebSocket(signalUrl(`http://127.0.0.1:${port}`));
      socket.once('error', ({ message }) => answers.push(message));
      socket.once('open', () => {
        answers.push('open');
        socket.terminate();
      });
      await new Promise((wait) => setTimeout(wait, 2));
    }
    await until(() => answers.length === tried, ANSWERED_WITHIN_MS);
    expect(answers.join()).toContain('503');
    await (await starting).close();
  });

  it.each(['udp', 'tcp'])('on a media port that is in use (%s) names the port and the setting', async (protocol) => {
    const { port, free } = await occupy(protocol);
    await expect(startTestServer({ rtc: { port, workers: 1 } })).rejects.toMatchObject({
      name: 'StartError',
      message: expect.stringMatching(new RegExp(`${port}.*BOOTH_RTC_PORT`)),
    });
    await free();
  });

  it('on every address needs one that can be announced', async () => {
    await expect(startTestServer({ host: '0.0.0.0' })).rejects.toMatchObject({
      message: expect.stringContaining('BOOTH_RTC_ANNOUNCED_ADDRESS'),
    });
    const server = await startTestServer({
      host: '0.0.0.0',
      rtc: { port: 0, workers: 1, announcedAddress: '192.0.2.7' },
    });
    try {
      expect(server.url).toBe(`http://127.0.0.1:${server.port}`);
      const ana = await join(server, person('ana'));
      const { iceCandidates } = await ana.request('transport.create', { direction: 'send' });
      expect(new Set(iceCandidates.map(({ address }) => address))).toEqual(new Set(['192.0.2.7']));
    } finally {
      await server.close();
    }
  });

  it('gives each worker a port of its own, and rooms to both', async () => {
    const server = await startTestServer({ rtc: { port: 0, workers: 2 } });
    try {
      const ports = await Promise.all(
        ['one', 'two'].map(async (room) => {
          const ana = await join(server, person('ana', { room }));
          return (await ana.request('transport.create', { direction: 'send' })).iceCandidates[0]?.port;
        }),
      );
      expect(new Set(ports).size).toBe(2);
    } finally {
      await server.close();
    }
  });
});

describe('closing', () => {
  it('ends every connection with the reason, stops interpreters, and frees the ports', async () => {
    const server = await startTestServer();
    const ana = await join(server, person('ana'), { hears: 'es' });
    const stranger = await openSocket(server);
    const ends = Promise.all([closed(ana.socket), closed(stranger)]);
    await server.close();
    for (const end of await ends)
      expect(end).toMatchObject({ code: CloseCode.goingAway, reason: expect.stringContaining('closing') });
    expect(server.launches).toMatchObject([{ stopped: true }]);
    const next = await startTestServer({ port: server.port });
    await next.close();
  });

  it('is done once, however often it is asked for', async () => {
    const server = await startTestServer();
    await Promise.all([server.close(), server.close()]);
    await server.close();
  });

  it('does not wait for ever: neither for an interpreter that hangs, nor for a peer that does not say goodbye', async () => {
    const server = await startTestServer({ launchInterpreter: () => ({ stop: () => new Promise(() => {}) }) });
    const ana = await join(server, person('ana'), { hears: 'es' });
    ana.socket.pause();
    await server.close();
    ana.socket.terminate();
  });
});

async function occupy(protocol: string): Promise<{ port: number; free(): Promise<void> }> {
  if (protocol === 'udp') {
    const socket = createSocket('udp4');
    await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
    return { port: socket.address().port, free: () => new Promise((resolve) => socket.close(resolve)) };
  }
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return { port, free: () => new Promise((resolve) => server.close(() => resolve())) };
}
