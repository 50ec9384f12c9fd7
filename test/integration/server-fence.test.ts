/** The room has the last word on which of two runs of an interpreter may speak, whatever the workers believe. */
import { CloseCode } from '@mediasoup-booth/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  call,
  closed,
  connect,
  interpreter,
  opus,
  person,
  refused,
  startTestServer,
  type TestServer,
  tokenOf,
} from '../support/server.ts';
import { until } from '../support/until.ts';

describe('two runs of an interpreter', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer();
  });
  afterAll(() => server.close());

  /** Somebody wants an interpreter in a room. */
  async function wanted(room: string) {
    const before = server.launches.length;
    const ana = await (await connect(server, tokenOf(person('ana', { room })))).join({ hears: 'es' });
    await until(() => server.launches.length > before);
    const launch = server.launches.at(-1);
    if (!launch) throw new Error('nothing was launched');
    const { id, token } = launch.assignment;
    const comes = async (fence?: number) => (await connect(server, token)).join(fence === undefined ? {} : { fence });
    return { ana, id, token, comes, launch };
  }

  const channel = { kind: 'audio', source: 'channel', booth: { role: 'channel', language: 'es' } } as const;

  it('never speak both: the higher token closes the lower one, which does not come in again', async () => {
    const { ana, id, comes } = await wanted('replaced');
    const first = await comes(1);
    const { send } = await first.transports();
    const { producerId } = await first.request('producer.create', {
      ...channel,
      transportId: send,
      rtpParameters: opus(),
    });
    const ended = closed(first.socket);
    const second = await comes(2);
    expect(await ended).toMatchObject({ code: CloseCode.replaced });
    await ana.hears('participant.left', ({ participantId }) => participantId === id);
    expect(second.reply.participants.map((one) => one.id)).not.toContain(id);
    await expect(comes(1)).rejects.toEqual(refused('forbidden', /another computer interprets this room now/));
    await expect(comes()).rejects.toEqual(refused('forbidden', /came too late/));
    // What the first had published is gone, and the second is still there.
    const { recv } = await second.transports();
    const reply = second.reply.rtpCapabilities;
    await expect(
      second.request('consumer.create', { transportId: recv, producerId, rtpCapabilities: reply }),
    ).rejects.toThrow();
  });

  it('may be one that comes again with the token that it has', async () => {
    const { comes } = await wanted('again');
    const first = await comes(3);
    const ended = closed(first.socket);
    const second = await comes(3);
    expect(await ended).toMatchObject({ code: CloseCode.replaced });
    const { send } = await second.transports();
    await second.request('producer.create', { ...channel, transportId: send, rtpParameters: opus() });
  });

  it('are told apart by the room for a worker that asks, and for nobody without the token of an interpreter there', async () => {
    const { id, token, comes } = await wanted('asked');
    const path = `/v1/rooms/asked/interpreters/${id}/fence`;
    expect(await call(server, 'GET', path, { token })).toMatchObject({ status: 200, body: { fence: 0 } });
    await comes(7);
    expect(await call(server, 'GET', path, { token })).toMatchObject({ status: 200, body: { fence: 7 } });
    const guest = tokenOf(person('ana', { room: 'asked' }));
    expect(await call(server, 'GET', path, { token: guest })).toMatchObject({ status: 403 });
    const elsewhere = tokenOf(interpreter('other', { room: 'elsewhere' }));
    expect(await call(server, 'GET', path, { token: elsewhere })).toMatchObject({ status: 403 });
    const other = path.replace(id, 'interpreter-of-before');
    expect(await call(server, 'GET', other, { token })).toMatchObject({ status: 404 });
  });

  it('have tokens of no meaning to one that somebody has sent in by hand', async () => {
    const { comes } = await wanted('byHand');
    await comes(5);
    const byHand = await connect(server, tokenOf(interpreter('byHand', { room: 'byHand' })));
    await byHand.join({ fence: 1 });
    const { send } = await byHand.transports();
    await byHand.request('producer.create', { ...channel, transportId: send, rtpParameters: opus() });
  });
});
