/** A room whose listeners receive from two media workers: what they hear and read, what it costs, and what happens when one dies. */
import type { RequestData } from '@mediasoup-booth/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { consumed, gauge, Lecture, listener, receivingTransport } from '../support/lecture.ts';
import { mediaWorkers } from '../support/media-worker-processes.ts';
import { opus, person, startTestServer, type TestClient, type TestServer, vp8 } from '../support/server.ts';
import { until } from '../support/until.ts';

describe('a room on two media workers', () => {
  let server: TestServer;
  let lecture: Lecture;
  beforeEach(async () => {
    server = await startTestServer({ rtc: { port: 0, workers: 2, consumersPerRouter: 3 } });
    lecture = await Lecture.begin(server);
  });
  afterEach(async () => {
    lecture.end();
    await server.close();
  });

  const pipes = () => gauge(server, 'booth_media_pipes');

  it('is heard and read by everybody, and each track is piped once, until nobody there wants it', async () => {
    const listeners = lecture.listeners(6);
    await lecture.isHeardBy(listeners);
    await expect.poll(pipes).toBe(3);
    const said = Array.from({ length: 20 }, () => lecture.caption());
    await until(() => listeners.every(({ texts }) => texts.length >= said.length));
    for (const { texts } of listeners) expect(texts).toEqual(said);
    await lecture.goesOnFor(listeners);
    expect(await pipes()).toBe(3);
    const { microphone: producerId } = lecture;
    const sent = await (await lecture.client(listener('eighth'))).request('producer.sent', { producerId });
    expect(sent.bytes).toBeGreaterThan(1000);
    for (const one of listeners) one.leave();
    await expect.poll(pipes, { timeout: 30_000 }).toBe(0);
  });

  it('gives whoever comes late, wherever they are, each caption once', async () => {
    const said: string[] = [];
    const talk = setInterval(() => said.push(lecture.caption()), 5);
    const late = lecture.listeners(6);
    await until(() => late.every(({ texts }) => texts.length >= 40));
    clearInterval(talk);
    await until(() => late.every(({ texts }) => texts.at(-1) === said.at(-1)));
    for (const { texts } of late) expect(texts).toEqual(said.slice(said.indexOf(texts[0] ?? '')));
  });

  it('stays on one worker while it is small, and everybody who may speak is at its origin', async () => {
    const { port: origin } = await receivingTransport(await lecture.client(listener('few')));
    expect(await pipes()).toBe(0);
    const ports: number[] = [];
    for (const name of ['a', 'b', 'c'])
      ports.push((await receivingTransport(await lecture.client(listener(name)))).port);
    // The speaker and the interpreter are at the origin, too.
    expect(ports).not.toContain(origin);
    expect(new Set(ports).size).toBe(1);
    const speaker = await lecture.client(person('ben', { room: 'hall' }));
    expect((await receivingTransport(speaker)).port).toBe(origin);
  });

  it('pauses, resumes and ends a track wherever it is received', async () => {
    const places: { client: TestClient; transportId: string; port: number }[] = [];
    for (const name of ['a', 'b', 'c', 'd']) {
      const client = await lecture.client(listener(name));
      places.push({ client, ...(await receivingTransport(client)) });
    }
    expect(new Set(places.map(({ port }) => port)).size).toBe(2);
    const ben = await lecture.client(person('ben', { room: 'hall' }));
    const { send } = await ben.transports();
    const produce = async (track: Partial<RequestData<'producer.create'>>) => {
      const microphone = { kind: 'audio', source: 'microphone', rtpParameters: opus() } as const;
      return (await ben.request('producer.create', { transportId: send, ...microphone, ...track })).producerId;
    };
    const producerId = await produce({ paused: true });
    const consumeAll = (id: string) =>
      Promise.all(
        places.map(async ({ client, transportId }) => ({ client, ...(await consumed(client, transportId, id)) })),
      );
    const pausedFor = async () => (await consumeAll(producerId)).map(({ producerPaused }) => producerPaused);
    expect(await pausedFor()).toEqual([true, true, true, true]);
    await ben.request('producer.resume', { producerId });
    await expect.poll(pausedFor).toEqual([false, false, false, false]);
    await ben.request('producer.pause', { producerId });
    await expect.poll(pausedFor).toEqual([true, true, true, true]);

    const [one, two, three] = [vp8(), vp8(), vp8()];
    const encodings = [one, two, three].flatMap(({ encodings = [] }) => encodings);
    const camera = await produce({ kind: 'video', source: 'camera', rtpParameters: { ...one, encodings } });
    const consumers = await consumeAll(camera);
    for (const { client, id: consumerId, rtpParameters } of consumers) {
      expect(rtpParameters.encodings?.[0]?.scalabilityMode).toBe('L3T1');
      await expect(client.request('consumer.setPreferredLayers', { consumerId, spatialLayer: 1 })).resolves.toEqual({});
      await expect(client.request('consumer.resume', { consumerId })).resolves.toEqual({});
    }
    await ben.request('producer.close', { producerId: camera });
    for (const { client, id } of consumers)
      await client.hears('consumer.closed', ({ consumerId }) => consumerId === id);
    await expect.poll(pipes).toBe(1);
    await expect(consumeAll(camera)).rejects.toMatchObject({ code: 'notFound' });
  });

  it('silences whom a host mutes on both workers', async () => {
    const listeners = lecture.listeners(4);
    await lecture.isHeardBy(listeners);
    const host = await lecture.client(person('host', { room: 'hall', grants: ['host', 'publish', 'subscribe'] }));
    await host.request('host.mute', { producerId: lecture.microphone });
    let before = -1;
    const hasStopped = () => {
      const now = listeners.reduce((sum, one) => sum + one.heard(lecture.microphone), 0);
      const stopped = now === before;
      before = now;
      return stopped;
    };
    await expect.poll(hasStopped, { interval: 500, timeout: 30_000 }).toBe(true);
  });

  it('goes on for the others when the listeners’ worker is killed, and those hear and read again', async () => {
    const { port: origin } = await receivingTransport(await lecture.client(listener('probe')));
    const listeners = lecture.listeners(6);
    await lecture.isHeardBy(listeners);
    expect(await pipes()).toBe(3);
    const [far] = mediaWorkers(origin).others;
    if (far === undefined) throw new Error('there are two workers');
    process.kill(far, 'SIGKILL');
    await until(() => listeners.some(({ joins }) => joins === 2));
    await expect.poll(pipes, { timeout: 30_000 }).toBe(3);
    await lecture.goesOnFor(listeners);
    const stayed = listeners.filter(({ joins }) => joins === 1);
    expect(stayed.length).toBeGreaterThan(0);
    expect(stayed.length).toBeLessThan(6);
    const text = lecture.caption();
    await until(() => listeners.every(({ texts }) => texts.includes(text)));
  });

  it('ends for everybody when the worker of its origin is killed, and begins anew', async () => {
    const { port: origin } = await receivingTransport(await lecture.client(listener('probe')));
    const listeners = lecture.listeners(4);
    await lecture.isHeardBy(listeners);
    process.kill(mediaWorkers(origin).at, 'SIGKILL');
    await until(() => listeners.every(({ joins }) => joins === 2));
    const again = await lecture.client(listener('again'));
    expect(again.reply.participants.map(({ id }) => id)).not.toContain('ana');
    await expect.poll(pipes).toBe(0);
  });
});
