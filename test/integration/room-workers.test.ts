/** A room whose listeners receive from two media workers: what they hear and read, what it costs, and what happens when one dies. */
import { readFileSync } from 'node:fs';
import type { RequestData } from '@mediasoup-booth/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { VOICE_SAMPLE_RATE } from '../../audio/sample-rates.ts';
import { TestBooth } from '../support/booth.ts';
import { Guest, say } from '../support/meeting.ts';
import { RoomListener } from '../support/room-listener.ts';
import {
  call,
  join,
  opus,
  person,
  startTestServer,
  type TestClient,
  type TestServer,
  tokenOf,
  vp8,
} from '../support/server.ts';
import { tone } from '../support/sound.ts';
import { udpPorts } from '../support/udp-ports.ts';
import { until } from '../support/until.ts';

const listener = (identity: string) => person(identity, { room: 'hall', grants: ['subscribe'] });

/** The media workers of this process: that which receives on a UDP port, and the others. */
function workers(port: number): { at: number; others: number[] } {
  const children = readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, 'utf8').trim().split(' ');
  const pids = children.map(Number).filter((pid) => readFileSync(`/proc/${pid}/comm`, 'utf8').startsWith('mediasoup'));
  const at = pids.find((pid) => udpPorts(pid).includes(port));
  if (at === undefined) throw new Error(`nothing receives on port ${port}`);
  return { at, others: pids.filter((pid) => pid !== at) };
}

describe('a room on two media workers', () => {
  let server: TestServer;
  let leaving: (() => void)[];
  beforeEach(async () => {
    leaving = [];
    server = await startTestServer({ rtc: { port: 0, workers: 2, consumersPerRouter: 3 } });
  });
  afterEach(async () => {
    for (const leave of leaving) leave();
    await server.close();
  });

  /** A speaker and an interpreter, who both sound without a pause. */
  const meeting = async () => {
    const ana = await Guest.enter(server, person('ana', { room: 'hall', name: 'Ana' }));
    const voice = await say(await ana.room.publishMicrophone(), tone(300, 1000, VOICE_SAMPLE_RATE), { loop: true });
    const booth = await TestBooth.enter(server, 'hall');
    await booth.writes('es');
    await booth.sounds('es');
    leaving.push(
      () => voice.stop(),
      () => ana.room.close(),
      () => booth.leave(),
    );
    const [own] = ana.room.participants.get('ana')?.producers ?? [];
    const microphone = own?.id ?? (await microphoneOf(server));
    const channel = await ana.microphoneOf('booth');
    let n = 0;
    return {
      booth,
      microphone,
      channel,
      caption: () => {
        n++;
        booth.caption({
          speaker: 'Ana',
          language: 'es',
          utterance: `u${n}`,
          kind: 'translation',
          stable: `frase ${n}`,
          final: true,
          start: n,
          end: n + 1,
        });
        return `frase ${n}`;
      },
    };
  };
  const microphoneOf = async (where: TestServer): Promise<string> => {
    const eye = await join(where, listener('eye'));
    const producer = eye.reply.participants.find(({ id }) => id === 'ana')?.producers[0];
    eye.leave();
    return producer?.id ?? '';
  };
  const listen = (count: number): RoomListener[] =>
    Array.from({ length: count }, (_, i) => {
      const one = new RoomListener(server.url, tokenOf(listener(`listener-${i}`)));
      leaving.push(() => one.leave());
      return one;
    });
  const pipes = async (): Promise<number> => {
    const { body } = await call(server, 'GET', '/metrics');
    return Number(/^booth_media_pipes (\d+)$/m.exec(String(body))?.[1]);
  };
  /** A client's receiving transport, and the port of the media worker that it is on. */
  const receives = async (client: TestClient): Promise<{ transportId: string; port: number }> => {
    const { id: transportId, iceCandidates } = await client.request('transport.create', { direction: 'recv' });
    return { transportId, port: iceCandidates[0]?.port ?? 0 };
  };
  const consume = (client: TestClient, transportId: string, producerId: string) =>
    client.request('consumer.create', { transportId, producerId, rtpCapabilities: client.reply.rtpCapabilities });
  const grow = async (listeners: readonly RoomListener[], track: string) => {
    const before = listeners.map((one) => one.heard(track));
    await until(() => listeners.every((one, i) => one.heard(track) > (before[i] ?? 0) + 10));
  };

  it('is heard and read by everybody, and each track is piped once, until nobody there wants it', async () => {
    const { microphone, channel, caption } = await meeting();
    const listeners = listen(6);
    await until(() => listeners.every((one) => one.heard(microphone) > 0 && one.heard(channel) > 0));
    await expect.poll(pipes).toBe(3);
    const said = Array.from({ length: 20 }, caption);
    await until(() => listeners.every(({ texts }) => texts.length >= said.length));
    for (const { texts } of listeners) expect(texts).toEqual(said);
    await grow(listeners, microphone);
    await grow(listeners, channel);
    expect(await pipes()).toBe(3);
    for (const one of listeners) one.leave();
    await expect.poll(pipes, { timeout: 30_000 }).toBe(0);
  });

  it('gives whoever comes late, or changes languages, each caption once, wherever they are', async () => {
    const { caption } = await meeting();
    const said: string[] = [];
    const first = listen(2);
    await until(() => first.every(({ joins }) => joins > 0));
    const talk = setInterval(() => said.push(caption()), 5);
    leaving.push(() => clearInterval(talk));
    const late = listen(6).slice(2);
    await until(() => late.every(({ texts }) => texts.length >= 40));
    clearInterval(talk);
    await until(() => late.every(({ texts }) => texts.at(-1) === said.at(-1)));
    for (const { texts } of late) {
      expect(new Set(texts).size).toBe(texts.length);
      const from = said.indexOf(texts[0] ?? '');
      expect(texts).toEqual(said.slice(from));
    }
  });

  it('stays on one worker while it is small, and everybody who may speak is at its origin', async () => {
    await meeting();
    const few = await join(server, listener('few'));
    leaving.push(() => few.leave());
    const { port: origin } = await receives(few);
    expect(await pipes()).toBe(0);
    const others = await Promise.all(['a', 'b', 'c'].map((name) => join(server, listener(name))));
    leaving.push(...others.map((one) => () => one.leave()));
    const ports: number[] = [];
    for (const one of others) ports.push((await receives(one)).port);
    // The speaker and the interpreter are there, too.
    expect(ports).not.toContain(origin);
    expect(new Set(ports).size).toBe(1);
    const speaker = await join(server, person('ben', { room: 'hall' }));
    leaving.push(() => speaker.leave());
    expect((await receives(speaker)).port).toBe(origin);
  });

  it('pauses, resumes and ends a track wherever it is received', async () => {
    await meeting();
    const crowd = await Promise.all(['a', 'b', 'c', 'd'].map((name) => join(server, listener(name))));
    leaving.push(...crowd.map((one) => () => one.leave()));
    const places: { client: TestClient; transportId: string; port: number }[] = [];
    for (const client of crowd) places.push({ client, ...(await receives(client)) });
    expect(new Set(places.map(({ port }) => port)).size).toBe(2);
    const ben = await join(server, person('ben', { room: 'hall' }));
    leaving.push(() => ben.leave());
    const { send } = await ben.transports();
    const produce = async (track: Partial<RequestData<'producer.create'>>) => {
      const microphone = { kind: 'audio', source: 'microphone', rtpParameters: opus() } as const;
      return (await ben.request('producer.create', { transportId: send, ...microphone, ...track })).producerId;
    };
    const producerId = await produce({ paused: true });
    const pausedFor = () =>
      Promise.all(
        places.map(async ({ client, transportId }) => (await consume(client, transportId, producerId)).producerPaused),
      );
    expect(await pausedFor()).toEqual([true, true, true, true]);
    await ben.request('producer.resume', { producerId });
    await expect.poll(pausedFor).toEqual([false, false, false, false]);
    await ben.request('producer.pause', { producerId });
    await expect.poll(pausedFor).toEqual([true, true, true, true]);

    const [one, two, three] = [vp8(), vp8(), vp8()];
    const encodings = [one, two, three].flatMap(({ encodings = [] }) => encodings);
    const camera = await produce({ kind: 'video', source: 'camera', rtpParameters: { ...one, encodings } });
    for (const { client, transportId } of places) {
      const consumer = await consume(client, transportId, camera);
      expect(consumer.rtpParameters.encodings?.[0]?.scalabilityMode).toBe('L3T1');
      const request = { consumerId: consumer.id, spatialLayer: 1 };
      await expect(client.request('consumer.setPreferredLayers', request)).resolves.toEqual({});
      await expect(client.request('consumer.resume', { consumerId: consumer.id })).resolves.toEqual({});
      await ben.settled();
    }
    const consumers = await Promise.all(
      places.map(async ({ client, transportId }) => ({ client, ...(await consume(client, transportId, camera)) })),
    );
    await ben.request('producer.close', { producerId: camera });
    for (const { client, id } of consumers)
      await client.hears('consumer.closed', ({ consumerId }) => consumerId === id);
    await expect.poll(pipes).toBe(1);
    await expect(consume(crowd[3] as TestClient, places[3]?.transportId ?? '', camera)).rejects.toMatchObject({
      code: 'notFound',
    });
  });

  it('silences whom a host mutes on both workers', async () => {
    const { microphone } = await meeting();
    const listeners = listen(4);
    await until(() => listeners.every((one) => one.heard(microphone) > 0));
    const host = await join(server, person('host', { room: 'hall', grants: ['host', 'publish', 'subscribe'] }));
    leaving.push(() => host.leave());
    await host.request('host.mute', { producerId: microphone });
    let before = -1;
    const total = () => listeners.reduce((sum, one) => sum + one.heard(microphone), 0);
    const hasStopped = () => {
      const now = total();
      const stopped = now === before;
      before = now;
      return stopped;
    };
    await expect.poll(hasStopped, { interval: 500, timeout: 30_000 }).toBe(true);
  });

  it('goes on for the others when the listeners’ worker is killed, and those hear and read again', async () => {
    const { microphone, channel, caption } = await meeting();
    const probe = await join(server, listener('probe'));
    leaving.push(() => probe.leave());
    const { port: origin } = await receives(probe);
    const listeners = listen(6);
    await until(() => listeners.every((one) => one.heard(microphone) > 0 && one.heard(channel) > 0));
    expect(await pipes()).toBe(3);
    const [far] = workers(origin).others;
    if (far === undefined) throw new Error('there are two workers');
    process.kill(far, 'SIGKILL');
    await until(() => listeners.some(({ joins }) => joins === 2));
    await expect.poll(pipes, { timeout: 30_000 }).toBe(3);
    await grow(listeners, microphone);
    await grow(listeners, channel);
    const stayed = listeners.filter(({ joins }) => joins === 1);
    expect(stayed.length).toBeGreaterThan(0);
    expect(stayed.length).toBeLessThan(6);
    const text = caption();
    await until(() => listeners.every(({ texts }) => texts.includes(text)));
  });

  it('ends for everybody when the worker of its origin is killed, and begins anew', async () => {
    const { microphone } = await meeting();
    const probe = await join(server, listener('probe'));
    const { port: origin } = await receives(probe);
    const listeners = listen(4);
    await until(() => listeners.every((one) => one.heard(microphone) > 0));
    process.kill(workers(origin).at, 'SIGKILL');
    await until(() => listeners.every(({ joins }) => joins === 2));
    const again = await join(server, listener('again'));
    leaving.push(() => again.leave());
    expect(again.reply.participants.map(({ id }) => id)).not.toContain('ana');
    await expect.poll(pipes).toBe(0);
  });
});
