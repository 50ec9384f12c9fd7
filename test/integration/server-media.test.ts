import { CloseCode, MAX_ROOM_MESSAGE_BYTES, type RequestData, type TrackSource } from '@mediasoup-booth/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mediaWorkersOf } from '../support/media-worker-processes.ts';
import {
  call,
  closed,
  interpreter,
  join,
  opus,
  person,
  startTestServer,
  type TestClient,
  type TestServer,
  vp8,
} from '../support/server.ts';

type Track = Partial<RequestData<'producer.create'>>;

const produce = async (client: TestClient, transportId: string, track: Track = {}) => {
  const microphone = { kind: 'audio', source: 'microphone' as TrackSource, rtpParameters: opus() } as const;
  return (await client.request('producer.create', { transportId, ...microphone, ...track })).producerId;
};
const consume = (client: TestClient, transportId: string, producerId: string) =>
  client.request('consumer.create', { transportId, producerId, rtpCapabilities: client.reply.rtpCapabilities });
const captionsOf = (transportId: string, language: string, streamId: number) => ({
  transportId,
  label: 'captions',
  sctpStreamParameters: { streamId, ordered: true },
  booth: { role: 'captions' as const, language },
});

describe('media', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer();
  });
  afterAll(() => server.close());

  it('offers Opus with in-band FEC, VP8, VP9, H264 and AV1', async () => {
    const ana = await join(server, person('ana', { room: 'codecs' }));
    const codecs = ana.reply.rtpCapabilities.codecs ?? [];
    const offered = codecs.map(({ mimeType }) => mimeType.toLowerCase()).filter((type) => !type.endsWith('/rtx'));
    expect(offered).toEqual(['audio/opus', 'video/vp8', 'video/vp9', 'video/h264', 'video/av1']);
    expect(codecs[0]?.parameters).toMatchObject({ useinbandfec: 1 });
    expect(codecs[0]?.rtcpFeedback).toContainEqual({ type: 'nack', parameter: '' });
    expect(codecs.find(({ mimeType }) => mimeType === 'video/H264')?.parameters).toMatchObject({
      'packetization-mode': 1,
      'profile-level-id': '42e01f',
    });
  });

  it('opens one transport a direction, on UDP and TCP, at the address that is bound', async () => {
    const ana = await join(server, person('ana', { room: 'transports' }));
    const { iceCandidates, sctpParameters } = await ana.request('transport.create', { direction: 'send' });
    expect(sctpParameters.maxReceiveMessageSize).toBe(MAX_ROOM_MESSAGE_BYTES);
    expect(iceCandidates.map(({ protocol }) => protocol).sort()).toEqual(['tcp', 'udp']);
    expect(new Set(iceCandidates.map(({ address }) => address))).toEqual(new Set(['127.0.0.1']));
    const both = Promise.allSettled([1, 2].map(() => ana.request('transport.create', { direction: 'recv' })));
    expect((await both).map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    await expect(ana.request('transport.create', { direction: 'send' })).rejects.toMatchObject({ code: 'tooMany' });
  });

  it('tells the others of a track, its pauses and its end, and who joins later of its state', async () => {
    const room = { room: 'tracks' };
    const ana = await join(server, person('ana', room));
    const ben = await join(server, person('ben', room));
    const { send } = await ben.transports();
    const id = await produce(ben, send);
    const microphone = { id, kind: 'audio', source: 'microphone', paused: false };
    await expect(ana.hears('producer.created')).resolves.toEqual({ participantId: 'ben', producer: microphone });
    await ben.request('producer.pause', { producerId: id });
    await ben.request('producer.pause', { producerId: id });
    await ana.hears('producer.paused');
    const cleo = await join(server, person('cleo', room));
    expect(cleo.reply.participants.find((one) => one.id === 'ben')?.producers).toEqual([
      { ...microphone, paused: true },
    ]);
    await ben.request('producer.resume', { producerId: id });
    await ben.request('producer.close', { producerId: id });
    await expect(ana.hears('producer.closed')).resolves.toEqual({ participantId: 'ben', producerId: id });
    expect(ana.all('producer.paused')).toHaveLength(1);
    expect(ana.all('producer.resumed')).toHaveLength(1);
    await expect(ben.request('producer.close', { producerId: id })).rejects.toMatchObject({ code: 'notFound' });
  });

  it('gives consumers that begin paused, and tells when their producer ends', async () => {
    const ana = await join(server, person('ana', { room: 'consumers' }));
    const ben = await join(server, person('ben', { room: 'consumers' }));
    const { send } = await ben.transports();
    const { recv } = await ana.transports();
    const producerId = await produce(ben, send);
    const consumer = await consume(ana, recv, producerId);
    expect(consumer).toMatchObject({ producerId, kind: 'audio', producerPaused: false });
    await ana.request('consumer.resume', { consumerId: consumer.id });
    await ana.request('consumer.pause', { consumerId: consumer.id });
    const second = await consume(ana, recv, producerId);
    // The second takes the place of the first.
    await expect.poll(() => ana.all('consumer.closed')).toEqual([{ consumerId: consumer.id }]);
    ben.leave();
    await expect
      .poll(() => ana.all('consumer.closed'))
      .toEqual([{ consumerId: consumer.id }, { consumerId: second.id }]);
    await expect(consume(ana, recv, producerId)).rejects.toMatchObject({ code: 'notFound' });
  });

  it('gives the wanted size of a video that comes in several, to whom it belongs', async () => {
    const ana = await join(server, person('ana', { room: 'layers' }));
    const ben = await join(server, person('ben', { room: 'layers' }));
    const { send } = await ben.transports();
    const { recv } = await ana.transports();
    const [one, two, three] = [vp8(), vp8(), vp8()];
    const encodings = [one, two, three].flatMap((parameters) => parameters.encodings ?? []);
    const camera = { kind: 'video', source: 'camera', rtpParameters: { ...one, encodings } } as const;
    const consumer = await consume(ana, recv, await produce(ben, send, camera));
    expect(consumer.rtpParameters.encodings?.[0]?.scalabilityMode).toBe('L3T1');
    const prefer = (client: TestClient, spatialLayer: number) =>
      client.request('consumer.setPreferredLayers', { consumerId: consumer.id, spatialLayer });
    for (const layer of [0, 2, 7]) await expect(prefer(ana, layer)).resolves.toEqual({});
    for (const layer of [-1, 8, 0.5]) await expect(prefer(ana, layer)).rejects.toMatchObject({ code: 'invalid' });
    await expect(prefer(ben, 0)).rejects.toMatchObject({ code: 'notFound' });
    const simple = await consume(ana, recv, await produce(ben, send));
    await expect(
      ana.request('consumer.setPreferredLayers', { consumerId: simple.id, spatialLayer: 1 }),
    ).resolves.toEqual({});
  });

  it('keeps everyone’s hands off what is another’s', async () => {
    const ana = await join(server, person('ana', { room: 'hands' }));
    const ben = await join(server, person('ben', { room: 'hands' }));
    const bens = await ben.transports();
    const anas = await ana.transports();
    const producerId = await produce(ben, bens.send);
    const { id: consumerId } = await consume(ana, anas.recv, producerId);
    const refused = [
      ana.request('producer.pause', { producerId }),
      ana.request('producer.close', { producerId }),
      ana.request('transport.restartIce', { transportId: bens.send }),
      produce(ana, bens.send),
      consume(ana, bens.recv, producerId),
      ben.request('consumer.resume', { consumerId }),
      ben.request('consumer.close', { consumerId }),
      produce(ana, anas.recv),
      consume(ana, anas.send, producerId),
    ];
    for (const { status, ...result } of await Promise.allSettled(refused))
      expect({ status, ...result }).toMatchObject({ status: 'rejected', reason: { code: 'notFound' } });
    await expect(ana.request('consumer.resume', { consumerId })).resolves.toEqual({});
  });

  it('gives nobody a producer of another room', async () => {
    const ana = await join(server, person('ana', { room: 'next-door' }));
    const ben = await join(server, person('ben', { room: 'over-here' }));
    const producerId = await produce(ben, (await ben.transports()).send);
    const { recv } = await ana.transports();
    await expect(consume(ana, recv, producerId)).rejects.toMatchObject({ code: 'notFound' });
  });

  it('needs "publish" to publish, and "subscribe" or less to receive', async () => {
    const mute = await join(server, person('mute', { room: 'grants', grants: ['subscribe'] }));
    const deaf = await join(server, person('deaf', { room: 'grants', grants: ['publish'] }));
    const mutes = await mute.transports();
    const deafs = await deaf.transports();
    await expect(produce(mute, mutes.send)).rejects.toMatchObject({
      code: 'forbidden',
      message: expect.stringMatching(/publish/),
    });
    const producerId = await produce(deaf, deafs.send);
    await expect(consume(mute, mutes.recv, producerId)).resolves.toBeTruthy();
    await expect(consume(deaf, deafs.recv, producerId)).rejects.toMatchObject({
      code: 'forbidden',
      message: expect.stringMatching(/subscribe/),
    });
  });

  it('strips a role from a person’s track, and stamps an interpreter’s', async () => {
    const ana = await join(server, person('ana', { room: 'roles' }));
    const ben = await join(server, person('ben', { room: 'roles' }));
    const booth = await join(server, interpreter('booth', { room: 'roles' }));
    const role = { role: 'channel', language: 'es' } as const;
    await produce(ben, (await ben.transports()).send, { booth: role });
    expect((await ana.hears('producer.created')).producer).not.toHaveProperty('booth');

    const { send } = await booth.transports();
    const forged = { ...role, interpreter: 'someone-else' };
    const channel = await produce(booth, send, { source: 'channel', booth: forged });
    const told = await ana.hears('producer.created', ({ participantId }) => participantId === 'booth');
    expect(told.producer).toMatchObject({ id: channel, booth: { ...role, interpreter: 'booth' } });
    await booth.request('dataProducer.create', captionsOf(send, 'es', 1));
    expect((await ana.hears('dataProducer.created')).dataProducer).toMatchObject({
      label: 'captions',
      booth: { role: 'captions', language: 'es', interpreter: 'booth' },
    });
    const late = await join(server, person('late', { room: 'roles' }));
    const view = late.reply.participants.find(({ id }) => id === 'booth');
    expect(
      [...(view?.producers ?? []), ...(view?.dataProducers ?? [])].map(({ booth: stamp }) => stamp?.interpreter),
    ).toEqual(['booth', 'booth']);
  });

  it('lets nobody but interpreters publish channels and data', async () => {
    const ana = await join(server, person('ana', { room: 'data' }));
    const { send } = await ana.transports();
    const role = { role: 'channel', language: 'es' } as const;
    await expect(produce(ana, send, { source: 'channel', booth: role })).rejects.toMatchObject({ code: 'forbidden' });
    await expect(ana.request('dataProducer.create', captionsOf(send, 'es', 1))).rejects.toMatchObject({
      code: 'forbidden',
    });
  });

  it('signals data producers and consumers from beginning to end', async () => {
    const ana = await join(server, person('ana', { room: 'captions' }));
    const booth = await join(server, interpreter('booth', { room: 'captions' }));
    const { send } = await booth.transports();
    const { recv } = await ana.transports();
    const { dataProducerId } = await booth.request('dataProducer.create', captionsOf(send, 'es', 1));
    const consumer = await ana.request('dataConsumer.create', { transportId: recv, dataProducerId });
    expect(consumer).toMatchObject({ dataProducerId, label: 'captions', sctpStreamParameters: { ordered: true } });
    const other = await ana.request('dataConsumer.create', { transportId: recv, dataProducerId });
    await ana.request('dataConsumer.close', { dataConsumerId: other.id });
    await booth.request('dataProducer.close', { dataProducerId });
    await expect(ana.hears('dataConsumer.closed')).resolves.toEqual({ dataConsumerId: consumer.id });
    await expect(ana.hears('dataProducer.closed')).resolves.toEqual({ participantId: 'booth', dataProducerId });
  });

  it('holds everyone to a number of producers, those under way included', async () => {
    const ana = await join(server, person('ana', { room: 'bounds' }));
    const { send } = await ana.transports();
    const tries = await Promise.allSettled(
      Array.from({ length: 12 }, () => produce(ana, send, { kind: 'video', source: 'camera', rtpParameters: vp8() })),
    );
    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(8);
    for (const one of tries.slice(8))
      expect(one).toMatchObject({ reason: { code: 'tooMany', message: expect.stringMatching(/8/) } });
  });

  describe('of who does not want to be interpreted', () => {
    it('is refused to interpreters, and nobody else', async () => {
      const room = { room: 'refusing' };
      const ana = await join(server, person('ana', room), { interpret: false });
      const ben = await join(server, person('ben', room));
      const booth = await join(server, interpreter('booth', room));
      const producerId = await produce(ana, (await ana.transports()).send);
      const { recv } = await booth.transports();
      await expect(consume(booth, recv, producerId)).rejects.toMatchObject({ code: 'interpretationRefused' });
      await expect(consume(ben, (await ben.transports()).recv, producerId)).resolves.toBeTruthy();
      await ana.request('participant.update', { interpret: true });
      await expect(consume(booth, recv, producerId)).resolves.toBeTruthy();
    });

    it('is taken from interpreters when the refusal comes, and from nobody else', async () => {
      const room = { room: 'refusing-later' };
      const ana = await join(server, person('ana', room));
      const ben = await join(server, person('ben', room));
      const booth = await join(server, interpreter('booth', room));
      const { send } = await ana.transports();
      const ids = [
        await produce(ana, send),
        await produce(ana, send, { kind: 'video', source: 'camera', rtpParameters: vp8() }),
      ];
      const { recv } = await booth.transports();
      const consumers = await Promise.all(ids.map((id) => consume(booth, recv, id)));
      const bens = await consume(ben, (await ben.transports()).recv, ids[0] ?? '');
      await ana.request('participant.update', { interpret: false });
      for (const { id } of consumers) {
        await booth.hears('consumer.closed', ({ consumerId }) => consumerId === id);
        await expect(booth.request('consumer.resume', { consumerId: id })).rejects.toMatchObject({ code: 'notFound' });
      }
      await expect(ben.request('consumer.resume', { consumerId: bens.id })).resolves.toEqual({});
    });

    it('is not slipped to an interpreter who asked while the refusal came', async () => {
      const room = { room: 'refusing-meanwhile' };
      const ana = await join(server, person('ana', room));
      const booth = await join(server, interpreter('booth', room));
      const producerId = await produce(ana, (await ana.transports()).send);
      const { recv } = await booth.transports();
      const asking = Promise.allSettled(Array.from({ length: 50 }, () => consume(booth, recv, producerId)));
      await ana.request('participant.update', { interpret: false });
      const results = await asking;
      await booth.settled();
      const taken = new Set(booth.all('consumer.closed').map(({ consumerId }) => consumerId));
      for (const result of results) {
        if (result.status === 'fulfilled') expect(taken).toContain(result.value.id);
        else expect(result.reason).toMatchObject({ code: 'interpretationRefused' });
      }
    });
  });

  it('of who does not want to be looked at is kept from interpreters as far as it is video', async () => {
    const room = { room: 'unseen' };
    const ana = await join(server, person('ana', room), { pictures: false });
    const ben = await join(server, person('ben', room));
    const booth = await join(server, interpreter('booth', room));
    const { send } = await ana.transports();
    const microphone = await produce(ana, send);
    const camera = await produce(ana, send, { kind: 'video', source: 'camera', rtpParameters: vp8() });
    const { recv } = await booth.transports();
    await expect(consume(booth, recv, camera)).rejects.toMatchObject({ code: 'interpretationRefused' });
    await expect(consume(booth, recv, microphone)).resolves.toBeTruthy();
    await expect(consume(ben, (await ben.transports()).recv, camera)).resolves.toBeTruthy();

    await ana.request('participant.update', { pictures: true });
    const { id } = await consume(booth, recv, camera);
    await ana.request('participant.update', { pictures: false });
    await booth.hears('consumer.closed', ({ consumerId }) => consumerId === id);
    await booth.settled();
    expect(booth.all('consumer.closed')).toHaveLength(1);
  });

  it('goes on when its worker is killed: rooms end with the reason, and begin anew on another worker', async () => {
    const others = mediaWorkersOf(process.pid);
    const doomed = await startTestServer();
    try {
      const ana = await join(doomed, person('ana'));
      await produce(ana, (await ana.transports()).send);
      const end = closed(ana.socket);
      const [pid] = mediaWorkersOf(process.pid).filter((worker) => !others.includes(worker));
      process.kill(Number(pid), 'SIGKILL');
      await expect(end).resolves.toMatchObject({
        code: CloseCode.goingAway,
        reason: expect.stringContaining('worker'),
      });
      const again = await join(doomed, person('ana'));
      await expect(produce(again, (await again.transports()).send)).resolves.toBeTruthy();
      expect(await call(doomed, 'GET', '/readyz')).toMatchObject({ status: 200, body: { ready: true, reasons: [] } });
    } finally {
      await doomed.close();
    }
  });
});
