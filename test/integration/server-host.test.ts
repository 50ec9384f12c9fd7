import { CloseCode } from '@mediasoup-booth/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  closed,
  interpreter,
  join,
  opus,
  person,
  refused,
  startTestServer,
  type TestClient,
  type TestServer,
  vp8,
} from '../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

const host = (room: string) => join(server, person('hana', { room, grants: ['publish', 'subscribe', 'host'] }));
const guest = (room: string, identity = 'ana') => join(server, person(identity, { room }));

async function speaks(client: TestClient, source: 'microphone' | 'camera' = 'microphone'): Promise<string> {
  const { send } = await client.transports();
  const track =
    source === 'camera' ? { kind: 'video', rtpParameters: vp8() } : { kind: 'audio', rtpParameters: opus() };
  const { producerId } = await client.request('producer.create', { transportId: send, source, ...track } as Parameters<
    typeof client.request<'producer.create'>
  >[1]);
  return producerId;
}

describe('a host', () => {
  it('mutes a voice: its owner hears of it like everybody, and unmutes when they want', async () => {
    const [hana, ana, ben] = [await host('mute'), await guest('mute'), await guest('mute', 'ben')];
    const producerId = await speaks(ana);
    await hana.request('host.mute', { producerId });
    const muted = { participantId: 'ana', producerId };
    for (const client of [hana, ana, ben]) expect(await client.hears('producer.paused')).toEqual(muted);
    await ana.request('producer.resume', { producerId });
    expect(await ben.hears('producer.resumed')).toEqual(muted);
  });

  it('mutes twice as once', async () => {
    const [hana, ana] = [await host('twice'), await guest('twice')];
    const producerId = await speaks(ana);
    await hana.request('host.mute', { producerId });
    await hana.request('host.mute', { producerId });
    await ana.settled();
    expect(ana.all('producer.paused')).toHaveLength(1);
  });

  it('mutes somebody who joins again without having heard of it, until they unmute', async () => {
    const [hana, ana, ben] = [await host('again'), await guest('again'), await guest('again', 'ben')];
    await hana.request('host.mute', { producerId: await speaks(ana) });
    ana.socket.terminate();
    const again = await guest('again');
    const producerId = await speaks(again);
    const paused = (client: TestClient) =>
      client.all('producer.created').find(({ producer }) => producer.id === producerId)?.producer.paused;
    const muted = { participantId: 'ana', producerId };
    expect(await again.hears('producer.paused')).toEqual(muted);
    await ben.settled();
    expect(paused(ben)).toBe(true);

    await again.request('producer.resume', { producerId });
    expect(await ben.hears('producer.resumed')).toEqual(muted);
    again.leave();
    const third = await guest('again');
    const unmuted = await speaks(third);
    await third.settled();
    expect(third.all('producer.paused')).toEqual([]);
    const created = await ben.hears('producer.created', ({ producer }) => producer.id === unmuted);
    expect(created.producer.paused).toBe(false);
  });

  it('covers nobody’s camera', async () => {
    const [hana, ana] = [await host('camera'), await guest('camera')];
    const producerId = await speaks(ana, 'camera');
    await expect(hana.request('host.mute', { producerId })).rejects.toEqual(refused('invalid', /only sound/));
  });

  it('removes a person: their connection ends and says why, the others see them leave', async () => {
    const [hana, ana, ben] = [await host('remove'), await guest('remove'), await guest('remove', 'ben')];
    const end = closed(ana.socket);
    await hana.request('host.remove', { participantId: 'ana' });
    expect(await end).toEqual({ code: CloseCode.removed, reason: expect.stringMatching(/host has removed you/) });
    for (const client of [hana, ben]) expect(await client.hears('participant.left')).toEqual({ participantId: 'ana' });
  });

  it('is told who is not there, or cannot be removed', async () => {
    const hana = await host('wrong');
    await join(server, interpreter('booth', { room: 'wrong' }));
    const ghost = await join(server, person('ghost', { room: 'wrong', hidden: true }));
    const end = closed(ghost.socket);
    const remove = (participantId: string) => hana.request('host.remove', { participantId });
    await expect(remove('nobody')).rejects.toEqual(refused('notFound', /no participant nobody/));
    await remove('ghost');
    expect(await end).toMatchObject({ code: CloseCode.removed });
    await expect(remove('booth')).rejects.toEqual(refused('forbidden', /DELETE/));
    await expect(remove('hana')).rejects.toEqual(refused('invalid', /yourself/));
    await expect(hana.request('host.mute', { producerId: 'none' })).rejects.toEqual(refused('notFound', /nobody/));
  });

  it('of one room is a stranger in another', async () => {
    const [hana, ana] = [await host('one'), await guest('another')];
    const producerId = await speaks(ana);
    await expect(hana.request('host.mute', { producerId })).rejects.toEqual(refused('notFound', /nobody/));
    await expect(hana.request('host.remove', { participantId: 'ana' })).rejects.toEqual(refused('notFound', /ana/));
  });
});

it('who is no host mutes and removes nobody', async () => {
  const [ana, ben] = [await guest('plain'), await guest('plain', 'ben')];
  const producerId = await speaks(ana);
  await expect(ben.request('host.mute', { producerId })).rejects.toEqual(refused('forbidden', /"host"/));
  await expect(ben.request('host.remove', { participantId: 'ana' })).rejects.toEqual(refused('forbidden', /"host"/));
  await ben.settled();
  expect(ben.all('producer.paused')).toEqual([]);
  expect(ben.all('participant.left')).toEqual([]);
});

it('everyone is told how long what is said is kept', async () => {
  const ana = await guest('kept');
  expect(ana.reply.room.transcriptHours).toBe(0);
});
