/** Listeners of a room on a second machine: `booth edge` as a process of its own, at an address of its own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { RequestData } from '@mediasoup-booth/protocol';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { endsWithThisProcess } from '../../process/parent-watchdog.mjs';
import { repository } from '../../scripts/places.mjs';
import { descendantsOf } from '../../scripts/test/processes.mjs';
import { clusterCredential } from '../../server/edge/cluster-credential.ts';
import { EDGE_CREDENTIAL_HEADER, EDGE_PATH } from '../../server/edge/edge-protocol.ts';
import { type Running, startBooth } from '../support/booth-process.ts';
import { consumed, gauge, Lecture, listener, receivingTransport } from '../support/lecture.ts';
import { mediaWorkersOf } from '../support/media-worker-processes.ts';
import { opus, person, startTestServer, type TestClient, type TestServer, tokenOf, vp8 } from '../support/server.ts';
import { until } from '../support/until.ts';

const EDGE_ADDRESS = '127.0.0.2';
const clusterSecret = 'the secret of a cluster, which is long enough';

const environment = {
  BOOTH_HOST: EDGE_ADDRESS,
  BOOTH_RTC_PORT: '0',
  BOOTH_RTC_WORKERS: '1',
  BOOTH_CLUSTER_SECRET: clusterSecret,
  BOOTH_CLUSTER_PORTS: '45000-45999',
};

describe('an edge node', () => {
  let server: TestServer;
  let lecture: Lecture;
  const startOrigin = ({ port = 0, workers = 1 } = {}) =>
    startTestServer({
      port,
      // The speaker and the interpreter fill the origin's router.
      rtc: { port: 0, workers, consumersPerRouter: 2 },
      cluster: { secrets: [clusterSecret], pipeAddress: { ip: '127.0.0.1' } },
    });
  beforeEach(async () => {
    server = await startOrigin();
    lecture = await Lecture.begin(server);
  });
  afterEach(async () => {
    lecture.end();
    await server.close();
  });

  const startEdge = (secret = clusterSecret): Running =>
    startBooth(['edge', '--origin', server.url], { environment: { ...environment, BOOTH_CLUSTER_SECRET: secret } });
  const edges = () => gauge(server, 'booth_media_edges');
  const pipes = () => gauge(server, 'booth_media_pipes');
  const connected = async (count = 1) => {
    await expect.poll(edges, { timeout: 60_000 }).toBe(count);
  };
  const addressOf = async (identity: string) =>
    (await receivingTransport(await lecture.client(listener(identity)))).address;

  it('carries listeners who hear and read as everybody does, and each track is sent to it once', async () => {
    startEdge();
    await connected();
    const said: string[] = [];
    const talk = setInterval(() => said.push(lecture.caption()), 10);
    const listeners = lecture.listeners(6);
    await lecture.isHeardBy(listeners);
    expect(await pipes()).toBe(3);
    expect(await addressOf('seventh')).toMatch(/^127\.0\.0\.[12]$/);
    await until(() => listeners.every(({ texts }) => texts.length >= 40));
    clearInterval(talk);
    await until(() => listeners.every(({ texts }) => texts.at(-1) === said.at(-1)));
    for (const { texts } of listeners) expect(texts).toEqual(said.slice(said.indexOf(texts[0] ?? '')));
    await lecture.goesOnFor(listeners);
    expect(await pipes()).toBe(3);
    for (const one of listeners) one.leave();
    await expect.poll(pipes, { timeout: 30_000 }).toBe(0);
  });

  it('carries listeners of a room that has others on two workers: everyone hears and reads', async () => {
    lecture.end();
    await server.close();
    server = await startOrigin({ workers: 2 });
    lecture = await Lecture.begin(server);
    startEdge();
    await connected();
    const listeners = lecture.listeners(9);
    await lecture.isHeardBy(listeners);
    // Two tracks and the captions, at the second worker and at the edge.
    expect(await pipes()).toBe(6);
    const said = Array.from({ length: 20 }, () => lecture.caption());
    await until(() => listeners.every(({ texts }) => texts.length >= said.length));
    for (const { texts } of listeners) expect(texts).toEqual(said);
    await lecture.goesOnFor(listeners);
    expect(await pipes()).toBe(6);
  });

  it('pauses, resumes and ends tracks and consumers as the origin does', async () => {
    startEdge();
    await connected();
    const client: TestClient = await lecture.client(listener('far'));
    const { transportId, address } = await receivingTransport(client);
    expect(address).toBe(EDGE_ADDRESS);
    const ben = await lecture.client(person('ben', { room: 'hall' }));
    const { send } = await ben.transports();
    const produce = async (track: Partial<RequestData<'producer.create'>>) => {
      const microphone = { kind: 'audio', source: 'microphone', rtpParameters: opus() } as const;
      return (await ben.request('producer.create', { transportId: send, ...microphone, ...track })).producerId;
    };
    const producerId = await produce({ paused: true });
    const isPaused = async () => (await consumed(client, transportId, producerId)).producerPaused;
    expect(await isPaused()).toBe(true);
    await ben.request('producer.resume', { producerId });
    await expect.poll(isPaused).toBe(false);
    await ben.request('producer.pause', { producerId });
    await expect.poll(isPaused).toBe(true);
    // Each took the place of the one before.
    expect(client.all('consumer.closed').length).toBeGreaterThanOrEqual(2);

    const [one, two, three] = [vp8(), vp8(), vp8()];
    const encodings = [one, two, three].flatMap(({ encodings = [] }) => encodings);
    const camera = await produce({ kind: 'video', source: 'camera', rtpParameters: { ...one, encodings } });
    const { id: consumerId, rtpParameters } = await consumed(client, transportId, camera);
    expect(rtpParameters.encodings?.[0]?.scalabilityMode).toBe('L3T1');
    await client.request('consumer.setPreferredLayers', { consumerId, spatialLayer: 1 });
    await client.request('consumer.resume', { consumerId });
    await client.request('consumer.pause', { consumerId });
    await client.request('transport.restartIce', { transportId });
    await ben.request('producer.close', { producerId: camera });
    await client.hears('consumer.closed', (closed) => closed.consumerId === consumerId);
    await expect(client.request('consumer.resume', { consumerId })).rejects.toMatchObject({ code: 'notFound' });
    await expect(
      client.request('consumer.create', {
        transportId,
        producerId,
        rtpCapabilities: { codecs: [], headerExtensions: [] },
      }),
    ).rejects.toMatchObject({ code: 'media', message: expect.stringContaining('no codec in common') });
  });

  it('that is killed loses its listeners to the origin, and a new one carries listeners again', async () => {
    const edge = startEdge();
    await connected();
    const listeners = lecture.listeners(6);
    await lecture.isHeardBy(listeners);
    edge.process.kill('SIGKILL');
    await until(() => listeners.some(({ joins }) => joins === 2));
    await connected(0);
    await lecture.goesOnFor(listeners);
    expect(await pipes()).toBe(0);
    const stayed = listeners.filter(({ joins }) => joins === 1);
    expect(stayed.length).toBeGreaterThan(0);
    expect(stayed.length).toBeLessThan(6);
    const text = lecture.caption();
    await until(() => listeners.every(({ texts }) => texts.includes(text)));

    startEdge();
    await connected();
    expect(await addressOf('newcomer')).toBe(EDGE_ADDRESS);
  });

  it('whose media worker is killed tells its listeners, and carries others with the next', async () => {
    const edge = startEdge();
    await connected();
    const listeners = lecture.listeners(4);
    await lecture.isHeardBy(listeners);
    const [worker] = mediaWorkersOf(edge.process.pid ?? 0);
    process.kill(worker ?? 0, 'SIGKILL');
    await until(() => listeners.some(({ joins }) => joins === 2));
    await lecture.goesOnFor(listeners);
    expect(await edges()).toBe(1);
  });

  it('that hangs is given up, and its listeners hear again', async () => {
    const edge = startEdge();
    await connected();
    const listeners = lecture.listeners(4);
    await lecture.isHeardBy(listeners);
    edge.process.kill('SIGSTOP');
    await connected(0);
    await until(() => listeners.some(({ joins }) => joins === 2));
    await lecture.goesOnFor(listeners);
    edge.process.kill('SIGCONT');
    await connected();
  });

  it('that is stopped sends its listeners away at once, and ends', async () => {
    const edge = startEdge();
    await connected();
    const listeners = lecture.listeners(4);
    await lecture.isHeardBy(listeners);
    edge.process.kill('SIGTERM');
    await expect(edge.ended).resolves.toMatchObject({ exitCode: 0 });
    await lecture.goesOnFor(listeners);
    expect(listeners.some(({ joins }) => joins === 2)).toBe(true);
  });

  it('that was started by the `booth` script is started again when it is killed', async () => {
    const script = spawn(process.execPath, [join(repository, 'scripts/booth.mjs'), 'edge', '--origin', server.url], {
      env: { ...process.env, ...endsWithThisProcess(), ...environment },
      stdio: ['ignore', 'ignore', 'ignore'],
    });
    onTestFinished(() => void script.kill('SIGTERM'));
    await connected();
    const node = () => descendantsOf(script.pid ?? 0).find(({ command }) => command.includes('cli/booth.ts edge'));
    const first = node();
    if (!first) throw new Error('no edge node is running');
    process.kill(first.pid, 'SIGKILL');
    await until(() => node() !== undefined && node()?.pid !== first.pid);
    await connected();
    expect(await addressOf('newcomer')).toBe(EDGE_ADDRESS);
    script.kill('SIGTERM');
    expect(await once(script, 'exit')).toEqual([0, null]);
  });

  it('comes back to an origin that was started again', async () => {
    startEdge();
    await connected();
    lecture.end();
    await server.close();
    server = await startOrigin({ port: server.port });
    await connected();
    lecture = await Lecture.begin(server);
    await lecture.isHeardBy(lecture.listeners(3));
    expect(await pipes()).toBe(3);
  });

  it('is taken in by the secret alone: not by another, a room’s token, or a credential that was used', async () => {
    const status = async (headers: Record<string, string>, protocols: string[] = []): Promise<number> => {
      const socket = new WebSocket(server.url.replace('http', 'ws') + EDGE_PATH, protocols, { headers });
      socket.on('error', () => {});
      const opening = Promise.race([
        once(socket, 'open').then(() => 101),
        once(socket, 'unexpected-response').then(([, response]) => Number(response.statusCode)),
      ]);
      const answer = await opening;
      socket.terminate();
      return answer;
    };
    const credentialOf = (secret: string, ms = Date.now()) => ({
      [EDGE_CREDENTIAL_HEADER]: clusterCredential([secret], ms),
    });
    const token = tokenOf(person('ana', { grants: ['admin', 'host'] }));
    expect(await status({})).toBe(401);
    expect(await status({ authorization: `Bearer ${token}`, [EDGE_CREDENTIAL_HEADER]: token })).toBe(401);
    expect(await status(credentialOf('another secret, which is as long as that'))).toBe(401);
    expect(await status(credentialOf(clusterSecret, Date.now() - 120_000))).toBe(401);
    const good = credentialOf(clusterSecret);
    expect(await status(good)).toBe(101);
    expect(await status(good)).toBe(401);
    const foreign = startEdge('another secret, which is as long as that');
    await until(() => foreign.output.stderr.includes('401'));
    expect(await edges()).toBe(0);
  });
});
