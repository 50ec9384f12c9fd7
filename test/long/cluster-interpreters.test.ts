/** Interpreters that are placed on workers, at length: Redis is gone or emptied, networks are cut, workers are stopped, and a room crashes its interpreter. */
import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { describe, expect, it, onTestFinished } from 'vitest';
import { InterpreterThreads } from '../../bot/process/interpreter-threads.ts';
import { isVouchedFor } from '../../cli/room-voucher.ts';
import { OfferedOrders } from '../../cluster/interpreter-queue.ts';
import { InterpreterWorker } from '../../cluster/interpreter-worker.ts';
import { WorkerRegistry } from '../../cluster/worker-registry.ts';
import { qwen3 } from '../../config/models.ts';
import { systemClock } from '../../time/clock.ts';
import { canMakeNetworks, TestNetwork } from '../support/network-namespace.ts';
import { failThreadOf, faultFile } from '../support/room-fault.ts';
import { connect, person, type TestClient, tokenOf } from '../support/server.ts';
import { SimulatedVendor } from '../support/simulated-vendor.ts';
import { until } from '../support/until.ts';
import { log, TalkingRoom, TestCluster } from '../support/worker-meeting.ts';

const REDIS_AWAY_MS = 60_000;
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const watch = async ({ server }: TestCluster, room: string): Promise<TestClient> =>
  (await connect(server, tokenOf(person('ana', { room })))).join({ hears: 'es' });

const isTold = (client: TestClient, message: RegExp) =>
  client.hears('room.updated', ({ room: { interpretation } }) => message.test(interpretation.message ?? ''));

const expectOneVoice = (room: TalkingRoom) => {
  expect(room.most).toEqual({ interpreters: 1, voices: 1 });
  expect(room.saidTwice()).toEqual([]);
};

it('hands rooms over at a pause when a worker is told to end, and the worker ends', async () => {
  const cluster = await TestCluster.start();
  const workers = [await cluster.worker(), await cluster.worker()];
  const room = await TalkingRoom.open(cluster, { pauseMs: 4000 });
  await room.isHeard();
  await room.translates();
  const { worker, fence } = await cluster.leaseWhen('hall', ({ state }) => state === 'running');
  const ending = workers.find(({ id }) => id === worker);
  ending?.running.process.kill('SIGTERM');
  expect(await ending?.running.ended).toMatchObject({ exitCode: 0 });
  await cluster.leaseWhen('hall', (lease) => lease.worker !== worker && lease.state === 'running');
  const open = new Set(room.captions.map(({ utterance }) => utterance));
  for (const { utterance } of room.finals) open.delete(utterance);
  await room.translates();
  await room.isHeard();
  expectOneVoice(room);
  expect((await cluster.lease('hall'))?.fence).toBe(fence + 1);
  // What was cut off has no final.
  const finals = new Set(room.finals.map(({ utterance }) => utterance));
  expect([...open].filter((utterance) => !finals.has(utterance))).toEqual([]);
  expect(ending?.running.output.stderr).not.toContain('not taken over in time');
});

it('ends within its time limit when nobody takes a room over', async () => {
  const cluster = await TestCluster.start();
  const only = await cluster.worker({ env: { BOOTH_WORKER_DRAIN_SECONDS: '3' } });
  const room = await TalkingRoom.open(cluster);
  await room.isHeard();
  only.running.process.kill('SIGTERM');
  expect(await only.running.ended).toMatchObject({ exitCode: 0 });
  expect(only.running.output.stderr).toContain('not taken over in time');
  await cluster.worker();
  await room.isHeard();
  expectOneVoice(room);
});

it('goes on with running meetings while Redis is gone for a minute, places none, says so, and comes back by itself', async () => {
  const cluster = await TestCluster.start();
  await cluster.worker();
  const room = await TalkingRoom.open(cluster);
  await room.isHeard();
  const { fence } = await cluster.leaseWhen('hall', ({ state }) => state === 'running');
  const captions = room.captions.length;
  await cluster.redis.kill();
  const goneMs = performance.now();
  const late = await watch(cluster, 'late');
  await isTold(late, /Redis cannot be reached/);
  while (performance.now() - goneMs < REDIS_AWAY_MS) {
    await room.translates();
    await room.isHeard();
  }
  expect(room.captions.length).toBeGreaterThan(captions + 10);
  expect(late.all('participant.joined').filter(({ participant }) => participant.kind === 'interpreter')).toEqual([]);
  await cluster.redis.run();
  await late.hears('participant.joined', ({ participant }) => participant.kind === 'interpreter');
  expect(await cluster.leaseWhen('hall', ({ state }) => state === 'running')).toMatchObject({ fence });
  await room.translates();
  expectOneVoice(room);
});

it('goes on with the same interpreters when Redis is emptied', async () => {
  const cluster = await TestCluster.start();
  await cluster.worker();
  const room = await TalkingRoom.open(cluster);
  await room.isHeard();
  const { fence } = await cluster.leaseWhen('hall', ({ state }) => state === 'running');
  await cluster.connection.commands.flushall();
  expect(await cluster.leaseWhen('hall', ({ state }) => state === 'running')).toMatchObject({ fence });
  await room.translates();
  await sleep(12_000);
  expect(await cluster.lease('hall')).toMatchObject({ fence });
  // Another room is served as ever.
  await watch(cluster, 'other');
  await cluster.leaseWhen('other', ({ state }) => state === 'running');
  expectOneVoice(room);
});

describe.skipIf(!canMakeNetworks())('a worker in a network of its own', () => {
  const start = async () => {
    const network = new TestNetwork();
    onTestFinished(() => network.close());
    const cluster = await TestCluster.start({ address: network.hostAddress });
    const inside = network.inside(process.execPath);
    const vendor = await SimulatedVendor.start(
      { account: { connectionsPerMinute: 1000 } },
      { startedBy: () => inside },
    );
    const cutOff = await cluster.worker({ vendor: vendor.url, startedBy: () => inside });
    const room = await TalkingRoom.open(cluster);
    await room.isHeard();
    expect(await cluster.leaseWhen('hall', ({ state }) => state === 'running')).toMatchObject({ worker: cutOff.id });
    const other = await cluster.worker();
    return { network, cluster, cutOff, room, other };
  };

  it('is replaced without a gap where it is cut off from Redis and not from the room', async () => {
    const { network, cluster, cutOff, room, other } = await start();
    network.letThroughOnly({ udp: [cluster.mediaPort], tcp: [cluster.server.port] });
    await cluster.leaseWhen('hall', (lease) => lease.worker === other.id && lease.state === 'running');
    await room.isHeard();
    await room.translates();
    // It went on until the room closed its connection, as the other had come.
    await until(() => /"reason":"failed"/.test(cutOff.running.output.stderr));
    expect(cutOff.running.output.stderr).not.toContain('silenced');
    expectOneVoice(room);
  });

  it('gives the room back where it is cut off from the room and not from Redis', async () => {
    const { network, cluster, cutOff, room, other } = await start();
    network.letThroughOnly({ tcp: [cluster.redis.port] });
    await cluster.leaseWhen('hall', (lease) => lease.worker === other.id && lease.state === 'running');
    await room.isHeard();
    await room.translates();
    await until(() => /"reason":"(lost|givenBack)"/.test(cutOff.running.output.stderr));
    expectOneVoice(room);
  });

  it('is replaced where it is cut off from everything', async () => {
    const { network, cluster, room, other } = await start();
    network.letThroughOnly({});
    await cluster.leaseWhen('hall', (lease) => lease.worker === other.id && lease.state === 'running');
    await room.isHeard();
    await room.translates();
    expectOneVoice(room);
  });
});

it('gives a room up whose interpreter crashes every time, says so, and leaves others alone', async () => {
  const cluster = await TestCluster.start();
  const threads = new InterpreterThreads({
    clock: systemClock,
    threads: availableParallelism(),
    keepReady: true,
    onLog: () => {},
    threadFile: new URL('../support/faulty-rooms-thread.ts', import.meta.url),
  });
  const orders = await OfferedOrders.open({ url: cluster.redis.url, redis: cluster.connection, model: qwen3.id, log });
  const worker = new InterpreterWorker({
    id: randomUUID(),
    host: 'here',
    capacity: 10,
    maxCpu: 1,
    // Everything is in this one process.
    leaseMs: 12_000,
    load: () => ({ cpu: 0, cores: 2, eventLoopDelayMs: 0, freeMemoryMb: 4096 }),
    redis: cluster.connection,
    leases: cluster.leases,
    registry: new WorkerRegistry(cluster.connection),
    orders,
    launch: ({ server, token, languages, languageSettings, pictures, settings }, fence, onState) =>
      threads.launch({
        assignment: {
          ...settings,
          url: `${server.replace(/^http/, 'ws')}/v1/signal`,
          token,
          fence,
          languages,
          languageSettings,
          pictures,
          translation: { url: cluster.vendor.url, model: qwen3.id, key: 'sk-any' },
          logLevel: 'silent',
        },
        onState,
      }),
    isVouchedFor: (order, fence) => isVouchedFor(order, fence, 1000),
    clock: systemClock,
    log,
  });
  onTestFinished(async () => {
    await worker.drain(0);
    await orders.close();
    await threads.close();
  });
  const healthy = await watch(cluster, 'healthy');
  await cluster.leaseWhen('healthy', ({ state }) => state === 'running');
  const sick = await watch(cluster, 'sick');
  await until(() => cluster.launched('sick') !== undefined);
  const interpreter = cluster.launched('sick') ?? '';
  failThreadOf(interpreter, { how: 'throws', always: true });
  onTestFinished(() => rmSync(faultFile(interpreter), { force: true }));
  const failed = () =>
    sick.all('room.updated').find(({ room: { interpretation } }) => interpretation.state === 'failed');
  // A busy computer takes a while for five starts.
  await until(() => failed() !== undefined, 300_000);
  expect(failed()?.room.interpretation.message).toMatch(
    /(ended|lost) 5 times within five minutes.* Booth tries again by itself\.$/,
  );
  await cluster.leaseWhen('healthy', ({ state }) => state === 'running');
  await isPresent(healthy);
});

/** The interpreter is in the room of this client. */
async function isPresent(client: TestClient): Promise<void> {
  await until(() => {
    const joined = client
      .all('participant.joined')
      .filter(({ participant: { kind } }) => kind === 'interpreter').length;
    return joined > client.all('participant.left').length;
  });
}
